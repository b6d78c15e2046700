import type { Action, Subject } from '../../actions/define.ts';
import { Invalid } from '../../errors.ts';
import type { Args, WhmCall } from '../../whm/call.ts';
import type { Functions } from '../../whm/functions/index.ts';
import type { Asked, Tables } from './deps.ts';

/** The catalogue as the passthrough asks it. */
export interface CatalogueParts {
  readonly functions: Functions;
  readonly actionOf: (id: string) => Action | undefined;
  readonly covered: (
    fn: string,
    args: Args,
  ) => { readonly action: Action; readonly params: Record<string, unknown> } | undefined;
}

/** Parses with the action's own schema, so that wrong parameters are named before anybody is asked for permission. */
function subjectOf(action: Action | undefined, id: string, params: unknown): Subject {
  if (action === undefined) throw new Invalid(`There is no action ${id}.`);
  const parsed = action.params.safeParse(params);
  if (parsed.success) return action.subject(parsed.data);
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Invalid(`${action.title}: the parameters are wrong.`, issues);
}

/** The generic action's parameters for a call, on all masters or on the one that is named. */
function generic({ api, fn, user, args }: WhmCall, master?: string): Asked {
  const whose = user === undefined ? {} : { user };
  const where = master === undefined ? {} : { master };
  return { action: 'whm.call', params: { api, function: fn, args, ...whose, ...where } };
}

/** Joins the function table and the catalogue into the tables that judge a call. */
export function tablesOf(parts: CatalogueParts): Tables {
  const { functions, actionOf, covered } = parts;
  const served = functions.all
    .filter((entry) => entry.api === 'whm' && entry.treatment !== 'refused')
    .map((entry) => entry.name)
    .sort();
  return {
    served,
    entry: functions.get,
    generic,
    subject: (id, params) => subjectOf(actionOf(id), id, params),
    cover(fn, args) {
      const found = covered(fn, args);
      return found === undefined ? undefined : { action: found.action.id, params: found.params };
    },
  };
}
