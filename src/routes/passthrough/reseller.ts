/** What WHM enforces on a reseller's own call, and Tandem's root token would lift: limits, prefixes, packages. */
import type { Actor } from '../../auth/actor.ts';
import { Refused } from '../../errors.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import { isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import { checkPackage } from './reseller-packages.ts';
import { seesGlobalPackages } from './rights.ts';

type Params = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, unknown>>;

async function ask(deps: PassthroughDeps, call: WhmCall, under: string): Promise<unknown> {
  const { outcome } = await deps.reads.call(call);
  if (outcome.kind === 'done' && isRecord(outcome.data)) return outcome.data[under];
  throw new Refused(`The reseller's limits cannot be read: ${outcome.kind === 'done' ? 'no answer' : outcome.reason}`);
}

/** The package that a reseller means: its own, also by the name without the prefix, or a global one where allowed. */
function packageOf(packages: readonly Row[], reseller: string, actor: Actor, asked: string): Row {
  const global = seesGlobalPackages(actor);
  const named = (name: string) => packages.find((pkg) => pkg['name'] === name);
  const own = named(`${reseller}_${asked}`) ?? (asked.startsWith(`${reseller}_`) ? named(asked) : undefined);
  const found = own ?? (global && !asked.includes('_') ? named(asked) : undefined);
  if (found === undefined) throw new Refused(`Sorry, "${asked}" is not a valid package name.`);
  return found;
}

async function packagesOf(deps: PassthroughDeps): Promise<readonly Row[]> {
  const found = await ask(deps, whm('listpkgs'), 'pkg');
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

async function checkCount(deps: PassthroughDeps, reseller: string): Promise<void> {
  const counts = await ask(deps, whm('acctcounts', { user: reseller }), 'reseller');
  if (!isRecord(counts) || counts['limit'] === null || counts['limit'] === undefined || counts['limit'] === '') return;
  const limit = Number(counts['limit']);
  const used = Number(counts['active'] ?? 0) + Number(counts['suspended'] ?? 0);
  if (Number.isFinite(limit) && used >= limit)
    throw new Refused(`Sorry, you have reached your account limit of ${limit} accounts.`);
}

interface Resource {
  readonly what: string;
  readonly bound: string;
  readonly oversold: string;
  readonly of: string;
  readonly inPackage: string;
}

const resources: readonly Resource[] = [
  { what: 'disk space', bound: 'diskquota', oversold: 'diskoverselling', of: 'diskquota', inPackage: 'QUOTA' },
  { what: 'bandwidth', bound: 'bandwidthlimit', oversold: 'bwoverselling', of: 'bandwidthlimit', inPackage: 'BWLIMIT' },
];

function megabytes(value: unknown): number | undefined {
  const number = Number(value);
  return value === null || value === '' || !Number.isFinite(number) ? undefined : number;
}

function checkResource(stats: Row, pkg: Row, resource: Resource, except: string | undefined): void {
  const bound = megabytes(stats[resource.bound]);
  if (bound === undefined || bound === 0 || Number(stats[resource.oversold]) === 1) return;
  const wanted = megabytes(pkg[resource.inPackage]);
  const { what } = resource;
  if (wanted === undefined)
    throw new Refused(`Sorry, you are not permitted to create accounts with an unlimited ${what} limit.`);
  const rows = Array.isArray(stats['acct']) ? stats['acct'].filter(isRecord) : [];
  const used = rows
    .filter((row) => row['user'] !== except && Number(row['deleted'] ?? 0) === 0)
    .reduce((sum, row) => sum + (megabytes(row[resource.of]) ?? 0), 0);
  if (used + wanted > bound)
    throw new Refused(
      `Sorry, you have exceeded your ${what} limit: ${used} MB of ${bound} MB are allocated and ${wanted} MB were asked for.`,
    );
}

async function checkRoom(deps: PassthroughDeps, reseller: string, pkg: Row, except?: string): Promise<void> {
  const stats = await ask(deps, whm('resellerstats', { user: reseller }), 'reseller');
  if (!isRecord(stats)) return;
  for (const resource of resources) checkResource(stats, pkg, resource, except);
}

function prefixed(reseller: string, name: unknown): unknown {
  return typeof name !== 'string' || name.startsWith(`${reseller}_`) ? name : `${reseller}_${name}`;
}

/**
 * Parameters as WHM would read them from a reseller: package names with the reseller's prefix, and only within the
 * reseller's limits. Everybody else's are returned as they are. Throws Refused with WHM's reason.
 */
export async function resellerParams(
  deps: PassthroughDeps,
  actor: Actor,
  action: string,
  params: Params,
): Promise<Params> {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return params;
  const { reseller } = actor.scope;
  if (action === 'package.add' || action === 'package.edit')
    checkPackage(actor.privileges, params, action === 'package.add');
  if (action === 'package.add') return { ...params, name: prefixed(reseller, params['name']) };
  if (action !== 'account.create' && action !== 'account.change-package' && !action.startsWith('package.'))
    return params;
  const packages = await packagesOf(deps);
  const asked = String((action.startsWith('package.') ? params['name'] : params['plan']) ?? 'default');
  const pkg = packageOf(packages, reseller, actor, asked);
  if (action.startsWith('package.')) return { ...params, name: String(pkg['name']) };
  if (action === 'account.create') await checkCount(deps, reseller);
  const moved = action === 'account.create' ? undefined : String(params['account']);
  await checkRoom(deps, reseller, pkg, moved);
  return { ...params, plan: String(pkg['name']) };
}
