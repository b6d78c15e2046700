import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import { Invalid, NotAllowed } from '../../errors.ts';
import type { Within } from '../../operations/model.ts';
import { withinOf } from '../../operations/within.ts';
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

/** Which operations exist for the actor; undefined: all. */
export async function withinFor(deps: Reach, actor: Actor): Promise<Within | undefined> {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return withinOf(actor, []);
  const { rows } = await deps.reads.accounts(actor);
  return withinOf(
    actor,
    rows.map((row) => row.user),
  );
}
