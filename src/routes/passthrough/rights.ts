import type { Actor } from '../../auth/actor.ts';
import { whmAclOf } from '../../auth/whm-acls.ts';
import type { AccountRow } from '../../operations/model.ts';
import { whm } from '../../whm/call.ts';
import { isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Wanted } from './judge.ts';

/** The part of a caller that rights depend on. */
export interface Asking {
  readonly actor: Actor;
  readonly side: 'whm' | 'cpanel';
  readonly via?: 'cpanel' | 'uapi_cpanel';
}

/** The privilege that WHM wants for a call; undefined: none. On cPanel's own port accounts need none for their own. */
export function privilegeOf(asking: Asking, wanted: Pick<Wanted, 'api' | 'fn'>): string | undefined {
  if (wanted.api === 'whm') return whmAclOf(wanted.fn);
  if (asking.via === 'uapi_cpanel') return 'list-accts';
  return asking.side === 'cpanel' ? undefined : 'cpanel-api';
}

/**
 * Whether the token's privileges, by WHM's names, let this function be run. What WHM keeps for root alone is nobody's
 * who is bound to a reseller, whatever the token says: `all` means all that a reseller can have.
 */
export function mayRun(asking: Asking, wanted: Pick<Wanted, 'api' | 'fn'>): boolean {
  const { actor } = asking;
  const privilege = privilegeOf(asking, wanted);
  const isReseller = actor.scope !== 'all' && 'reseller' in actor.scope;
  if (privilege === 'all' && isReseller) return false;
  if (actor.acl === undefined || actor.acl.includes('all')) return true;
  return privilege === undefined ? asking.side === 'whm' : actor.acl.includes(privilege);
}

/** Whether the masters would refuse this to the reseller in whose name it is asked. */
export function isBarred(asking: Asking, wanted: Pick<Wanted, 'api' | 'fn'>): boolean {
  const { privileges } = asking.actor;
  const privilege = privilegeOf(asking, wanted);
  if (privileges === undefined || privilege === undefined || privileges.has('all')) return false;
  return !privileges.has(privilege);
}

/** Whether a reseller may use packages of root's, by the token and by the masters. */
export function seesGlobalPackages(actor: Actor): boolean {
  const byMasters = actor.privileges?.has('viewglobalpackages') ?? true;
  return byMasters && (actor.acl?.some((acl) => acl === 'all' || acl === 'viewglobalpackages') ?? true);
}

/** A token reads when it may read or do everything; a person of any role reads. */
export function readsAtAll(actor: Actor): boolean {
  return actor.acl === undefined || actor.acl.some((entry) => entry === 'all' || entry === 'read');
}

/** The accounts that a bounded caller may touch, by user. */
export async function reach(deps: PassthroughDeps, actor: Actor): Promise<ReadonlyMap<string, AccountRow>> {
  const { rows } = await deps.reads.accounts(actor);
  return new Map(rows.map((row) => [row.user, row]));
}

/** Whose a domain is: by the lists at hand, else by asking a master, for addon and parked domains. */
export async function ownerOfDomain(deps: PassthroughDeps, domain: string): Promise<string | undefined> {
  const { rows } = await deps.reads.accounts({ kind: 'system', name: 'passthrough', scope: 'all' });
  const main = rows.find((row) => row.domain === domain);
  if (main !== undefined) return main.user;
  const { outcome } = await deps.reads.call(whm('getdomainowner', { domain }));
  const user = outcome.kind === 'done' && isRecord(outcome.data) ? outcome.data['user'] : undefined;
  return typeof user === 'string' && user !== '' ? user : undefined;
}

/** Whether a call that names an account, a domain or both stays within what the caller owns. */
export async function owns(
  deps: PassthroughDeps,
  actor: Actor,
  thing: { readonly account?: string | undefined; readonly domain?: string | undefined },
): Promise<boolean> {
  if (actor.scope === 'all') return true;
  const { account, domain } = thing;
  if (account === undefined && domain === undefined) return false;
  const mine = await reach(deps, actor);
  if (account !== undefined && !mine.has(account)) return false;
  if (domain === undefined) return true;
  const owner = await ownerOfDomain(deps, domain);
  return owner !== undefined && mine.has(owner);
}

/** The same actor, its rights having been judged by WHM's own names: what is then accepted is not judged again. */
export function trusted(actor: Actor, isGeneric: boolean): Actor {
  return isGeneric ? { ...actor, scope: 'all', acl: ['all'] } : { ...actor, acl: ['all'] };
}
