import type { Actor } from '../../auth/actor.ts';
import type { Token } from '../../auth/tokens.ts';
import { whmAclOf, whmAcls } from '../../auth/whm-acls.ts';
import type { Args } from '../../whm/call.ts';
import type { CallAnswer } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import { lastOf } from './params.ts';

/** What Tandem answers itself: its own tokens, and what it serves. No master is asked. */
export async function answeredHere(deps: PassthroughDeps, actor: Actor, fn: string, args: Args): Promise<CallAnswer> {
  switch (fn) {
    case 'applist':
      return done({ app: deps.tables.served.filter((name) => holds(actor, whmAclOf(name))) });
    case 'myprivs':
      return done({ privileges: [privileges(actor)] });
    case 'api_token_create':
      return await create(deps, actor, args);
    case 'api_token_list':
      return done({
        tokens: Object.fromEntries((await mine(deps, actor)).map((token) => [token.label, shown(token)])),
      });
    case 'api_token_update':
      return await update(deps, actor, args);
    case 'api_token_revoke':
      return await revoke(deps, actor, args);
    case 'api_token_get_details':
      return await details(deps, actor, args);
    default:
      return no(
        `“${fn}” is not offered through this interface; use the portal or the command line of the control node.`,
      );
  }
}

function done(data: unknown): CallAnswer {
  return { ok: true, data, reason: 'OK' };
}

function no(reason: string): CallAnswer {
  return { ok: false, reason };
}

function holdsAll(actor: Actor): boolean {
  return actor.scope === 'all' && (actor.acl?.includes('all') ?? true);
}

function holds(actor: Actor, acl: string | undefined): boolean {
  if (acl === undefined || holdsAll(actor)) return true;
  if (acl === 'all') return false;
  return actor.acl === undefined || actor.acl.includes('all') || actor.acl.includes(acl);
}

/** WHM's `all` only for who may really do everything. */
function privileges(actor: Actor): Readonly<Record<string, 0 | 1>> {
  const own = whmAcls.map((acl) => [acl, holds(actor, acl) ? 1 : 0] as const);
  const reads = actor.acl?.includes('read') ?? false;
  return { all: holdsAll(actor) ? 1 : 0, ...Object.fromEntries(own), ...(reads ? { 'list-accts': 1 } : {}) };
}

/** Whose tokens a caller manages: a person and a root token root's, others their own. */
function ownerOf(actor: Actor): { readonly owner: string; readonly scope: 'all' | 'reseller' | 'account' } {
  if (actor.scope === 'all') return { owner: 'root', scope: 'all' };
  if ('reseller' in actor.scope) return { owner: actor.scope.reseller, scope: 'reseller' };
  return { owner: actor.scope.account, scope: 'account' };
}

async function mine(deps: PassthroughDeps, actor: Actor): Promise<readonly Token[]> {
  const { owner } = ownerOf(actor);
  return (await deps.tokens.list()).filter((token) => token.owner === owner);
}

function shown(token: Token): Readonly<Record<string, unknown>> {
  const all = token.acl.includes('all');
  return {
    name: token.label,
    acls: Object.fromEntries([
      ['all', all ? 1 : 0],
      ...whmAcls.map((acl) => [acl, all || token.acl.includes(acl) ? 1 : 0]),
    ]),
    create_time: Math.floor(token.createdAt / 1000),
    expires_at: token.expiresAt === undefined ? null : Math.floor(token.expiresAt / 1000),
    last_used: token.lastUsedAt === undefined ? null : Math.floor(token.lastUsedAt / 1000),
    whitelist_ips: token.addresses.length === 0 ? null : token.addresses,
    // cPanel has no such thing, so it stands there only where it was set.
    ...(token.waitMs === undefined ? {} : { 'tandem.wait': token.waitMs / 1000 }),
  };
}

function listed(args: Args, name: string): readonly string[] | undefined {
  const values = args.filter(([n]) => n === name || new RegExp(`^${name}-\\d+$`).test(n)).map(([, value]) => value);
  return values.length === 0 ? undefined : values.filter((value) => value !== '');
}

interface Wish {
  readonly acl: readonly string[];
  readonly addresses: readonly string[];
  readonly expiresAt: number | undefined;
  /** undefined: not said. null: as configured. */
  readonly waitMs: number | null | undefined;
}

/** `tandem.wait`: seconds; 0 or nothing gives it back to the configuration. */
function waitOf(args: Args): number | null | undefined {
  const seconds = lastOf(args, 'tandem.wait');
  if (seconds === undefined) return undefined;
  return Number(seconds) === 0 ? null : Number(seconds) * 1000;
}

/** No privilege named means all of the caller's own, and never more: a token cannot make a stronger one. */
function wishOf(actor: Actor, args: Args): Wish | string {
  const own = actor.acl ?? ['all'];
  const acl = listed(args, 'acl') ?? own;
  const beyond = acl.find((entry) => !own.includes('all') && !own.includes(entry));
  if (beyond !== undefined) return `You do not have the privilege “${beyond}”.`;
  const seconds = Number(lastOf(args, 'expires_at') ?? 0);
  if (!Number.isInteger(seconds) || seconds < 0) return 'The “expires_at” parameter is not a valid time.';
  const addresses = (listed(args, 'whitelist_ip') ?? []).filter((address) => address !== 'any');
  return { acl, addresses, expiresAt: seconds === 0 ? undefined : seconds * 1000, waitMs: waitOf(args) };
}

const namePattern = /^[A-Za-z0-9_-]{1,50}$/;

/** People without the run of the house make no tokens that have it. */
function mayManage(actor: Actor): boolean {
  return actor.kind !== 'person' || actor.role === 'owner' || actor.role === 'admin';
}

async function create(deps: PassthroughDeps, actor: Actor, args: Args): Promise<CallAnswer> {
  const name = lastOf(args, 'token_name') ?? '';
  if (!mayManage(actor)) return no('Your role does not manage tokens.');
  if (!namePattern.test(name)) return no('The “token_name” parameter is missing or not a name of 1 to 50 characters.');
  const wish = wishOf(actor, args);
  if (typeof wish === 'string') return no(wish);
  if ((await mine(deps, actor)).some((token) => token.label === name))
    return no(`The API token “${name}” already exists.`);
  const { expiresAt, waitMs = actor.waitMs ?? null, ...rest } = wish;
  const made = await deps.tokens.create({
    ...ownerOf(actor),
    label: name,
    ...rest,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(waitMs === null ? {} : { waitMs }),
  });
  deps.log.info({ actor: actor.name, token: made.info.id }, 'token made through the passthrough');
  const { acls, create_time, expires_at, whitelist_ips, ...more } = shown(made.info);
  const names = Object.entries(acls ?? {}).flatMap(([acl, on]) => (on === 1 ? [acl] : []));
  const wait = 'tandem.wait' in more ? { 'tandem.wait': more['tandem.wait'] } : {};
  return done({ name, token: made.token, create_time, expires_at, acls: names, whitelist_ips, ...wait });
}

async function named(deps: PassthroughDeps, actor: Actor, name: string | undefined): Promise<Token | undefined> {
  return mayManage(actor) ? (await mine(deps, actor)).find((token) => token.label === name) : undefined;
}

/** As WHM's, an update replaces: what is left out is given back to its default. */
async function update(deps: PassthroughDeps, actor: Actor, args: Args): Promise<CallAnswer> {
  const name = lastOf(args, 'token_name');
  const found = await named(deps, actor, name);
  if (found === undefined) return no(`The API token “${name ?? ''}” does not exist.`);
  if (found.acl.some((entry) => !(actor.acl ?? ['all']).includes('all') && !actor.acl?.includes(entry)))
    return no('You do not have every privilege of that token.');
  const label = lastOf(args, 'new_name') ?? found.label;
  const wish = wishOf(actor, args);
  if (typeof wish === 'string') return no(wish);
  if (!namePattern.test(label)) return no('The “new_name” parameter is not a name of 1 to 50 characters.');
  const { expiresAt, waitMs, ...rest } = wish;
  const wait = waitMs === undefined ? {} : { waitMs };
  const changed = await deps.tokens.update(found.id, { label, ...rest, ...wait, expiresAt: expiresAt ?? null });
  return done(shown(changed));
}

async function revoke(deps: PassthroughDeps, actor: Actor, args: Args): Promise<CallAnswer> {
  for (const name of listed(args, 'token_name') ?? ['']) {
    const found = await named(deps, actor, name);
    if (found === undefined || !(await deps.tokens.revoke(found.id)))
      return no(`The API token “${name}” does not exist.`);
    deps.log.info({ actor: actor.name, token: found.id }, 'token revoked through the passthrough');
  }
  return { ok: true, data: undefined, reason: 'OK' };
}

async function details(deps: PassthroughDeps, actor: Actor, args: Args): Promise<CallAnswer> {
  const asked = await deps.tokens.check(lastOf(args, 'token') ?? '');
  const found = (await mine(deps, actor)).find((token) => token.id === asked?.tokenId);
  return found === undefined ? no('The API token is not valid.') : done(shown(found));
}
