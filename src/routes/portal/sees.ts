/** How far an actor sees: staff everything, a reseller what it owns. What is foreign does not exist. */
import type { Subject } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import { NotFound } from '../../errors.ts';
import type { Within } from '../../operations/model.ts';
import { withinOf } from '../../operations/within.ts';
import type { PortalParts } from './deps.ts';
import { accountsNow } from './soon.ts';

const everybody: Actor = { kind: 'system', name: 'portal', scope: 'all' };

/** Who owns which account, for the permission question; for staff nobody needs to be asked. */
export async function ownersFor(parts: PortalParts, actor: Actor): Promise<OwnerOf> {
  if (actor.scope === 'all') return () => undefined;
  const { rows } = await accountsNow(parts, everybody);
  const owners = new Map(rows.map((row) => [row.user, row.owner]));
  return (account) => owners.get(account);
}

/** Which operations the actor sees; undefined: all. */
export async function withinFor(parts: PortalParts, actor: Actor): Promise<Within | undefined> {
  if (actor.scope === 'all') return undefined;
  const { rows } = await accountsNow(parts, actor);
  return withinOf(
    actor,
    rows.map((row) => row.user),
  );
}

/** Whether the actor sees a subject. */
export function sees(actor: Actor, subject: Subject, ownerOf: OwnerOf): boolean {
  if (actor.scope === 'all') return true;
  if ('account' in actor.scope) return subject.kind === 'account' && subject.account === actor.scope.account;
  const { reseller } = actor.scope;
  switch (subject.kind) {
    case 'account':
      return subject.account === reseller || ownerOf(subject.account) === reseller;
    case 'package':
      return subject.name.startsWith(`${reseller}_`);
    case 'reseller':
      return subject.name === reseller;
    case 'server':
      return false;
  }
}

/** Throws NotFound for an account that the actor does not see, in the words for one that does not exist. */
export async function mustSee(parts: PortalParts, actor: Actor, account: string): Promise<void> {
  if (actor.scope === 'all') return;
  const ownerOf = await ownersFor(parts, actor);
  if (!sees(actor, { kind: 'account', account }, ownerOf)) throw new NotFound(parts.say('account.none', { account }));
}
