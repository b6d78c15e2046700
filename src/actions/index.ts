import type { Args } from '../whm/call.ts';
import { changePackage } from './account/change-package.ts';
import { createAccount } from './account/create.ts';
import { modifyAccount } from './account/modify.ts';
import { setAccountPassword } from './account/password.ts';
import { renameAccount } from './account/rename.ts';
import { suspendAccount } from './account/suspend.ts';
import { terminateAccount } from './account/terminate.ts';
import { unsuspendAccount } from './account/unsuspend.ts';
import type { Action } from './define.ts';

export { type Field, fieldsOf, redact, secretsOf } from './forms.ts';

/** The catalogue: everything that Tandem can do, in the order in which it is shown. */
export const actions: readonly Action[] = [
  createAccount,
  modifyAccount,
  changePackage,
  setAccountPassword,
  suspendAccount,
  unsuspendAccount,
  renameAccount,
  terminateAccount,
];

const byId: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.id, action]));

/** The action of an id from the journal, a form or the command line; undefined: there is none. */
export function actionOf(id: string): Action | undefined {
  return byId.get(id);
}

/** The actions that may take over a passthrough function ('createacct', 'Email::add_pop'), best first. */
export function covering(fn: string): readonly Action[] {
  return actions.filter((action) => action.covers !== undefined && Object.hasOwn(action.covers, fn));
}

export interface Covered {
  readonly action: Action;
  /** Unparsed. */
  readonly params: Record<string, unknown>;
}

/**
 * The action that takes a passthrough call as it was made, with its parameters; undefined: no action can say all that
 * the arguments say, so the call goes the way that the function table gives it. For UAPI and API 2 put the account
 * first, as 'cpanel.user'.
 */
export function covered(fn: string, raw: Args): Covered | undefined {
  for (const action of covering(fn)) {
    const params = action.covers?.[fn]?.(raw);
    if (params !== undefined) return { action, params };
  }
  return undefined;
}
