import type { Subject } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import { Invalid, NotAllowed } from '../../errors.ts';
import type { ApiDeps } from './deps.ts';

type Reach = Pick<ApiDeps, 'reads' | 'may' | 'catalogue'>;

/** Only a reseller's reach depends on who owns what. */
async function ownersFor(deps: Reach, actor: Actor): Promise<OwnerOf> {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return () => undefined;
  const { rows } = await deps.reads.accounts(actor);
  const owners = new Map(rows.map((row) => [row.user, row.owner]));
  return (account) => owners.get(account);
}

/** Throws Invalid for an unknown action or wrong parameters, NotAllowed when it is not the actor's to do. */
export async function mayDo(deps: Reach, actor: Actor, id: string, params: unknown): Promise<void> {
  const action = deps.catalogue.get(id);
  if (action === undefined)
    throw new Invalid('There is no such action.', [{ path: 'action', message: `${id} is no action.` }]);
  const parsed = action.params.safeParse(params);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new Invalid(`${action.title}: the parameters are wrong.`, issues);
  }
  if (!deps.may(actor, id, action.subject(parsed.data), await ownersFor(deps, actor))) {
    throw new NotAllowed(`${action.title} is not within your rights.`);
  }
}

/** Whether an operation about this subject exists for the actor. */
export async function sees(deps: Reach, actor: Actor, subject: Subject): Promise<boolean> {
  if (actor.scope === 'all') return true;
  if ('account' in actor.scope) return subject.kind === 'account' && subject.account === actor.scope.account;
  const { reseller } = actor.scope;
  if (subject.kind === 'reseller') return subject.name === reseller;
  if (subject.kind === 'package') return subject.name.startsWith(`${reseller}_`);
  if (subject.kind !== 'account') return false;
  return subject.account === reseller || (await ownersFor(deps, actor))(subject.account) === reseller;
}
