/** What a bounded caller is shown of lists that hold everybody's. */
import type { Actor } from '../../auth/actor.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Wanted } from './judge.ts';
import { lastOf } from './params.ts';
import { reach, seesGlobalPackages } from './rights.ts';

type Row = Readonly<Record<string, unknown>>;

/** Where the rows of a list stand, and by what they are somebody's. */
interface Slice {
  readonly under: string;
  /** 'user': an account. 'package': its prefix. 'name': the row is the account's name itself. 'domain': by the owner. */
  readonly by: 'user' | 'package' | 'name' | 'domain';
}

const slices: Readonly<Record<string, Slice>> = {
  listaccts: { under: 'acct', by: 'user' },
  listsuspended: { under: 'account', by: 'user' },
  list_users: { under: 'users', by: 'name' },
  listpkgs: { under: 'pkg', by: 'package' },
  showbw: { under: 'acct', by: 'user' },
  get_domain_info: { under: 'domains', by: 'user' },
  listzones: { under: 'zone', by: 'domain' },
};

/** Functions that tell the same to everybody. */
const same = [
  'version',
  'gethostname',
  'systemloadavg',
  'loadavg',
  'getminimumpasswordstrengths',
  'get_password_strength',
  'verify_new_username',
  // About the server and nobody's account; WHM has a privilege for each.
  'servicestatus',
  'installed_versions',
  'current_mysql_version',
  'get_shared_ip',
  'get_public_ip',
  'get_feature_names',
  'get_feature_metadata',
];

/** Functions that a bounded caller may read without naming an account: cut down to what is theirs, or the same for all. */
export const cutDown: ReadonlySet<string> = new Set([...Object.keys(slices), ...same]);

/** A reseller's own numbers, by its name or by none. */
export function resellerRead(actor: Actor, wanted: Wanted): boolean {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return false;
  const about = lastOf(wanted.args, 'user') ?? actor.scope.reseller;
  return ['acctcounts', 'resellerstats'].includes(wanted.fn) && about === actor.scope.reseller;
}

function isMine(
  row: unknown,
  slice: Slice,
  mine: ReadonlyMap<string, { readonly domain: string }>,
  actor: Actor,
): boolean {
  if (slice.by === 'name') return mine.has(String(row));
  if (!isRecord(row)) return false;
  if (slice.by === 'user') return mine.has(String(row['user']));
  if (slice.by === 'domain') {
    const domain = String(row['domain']);
    return [...mine.values()].some((one) => domain === one.domain || domain.endsWith(`.${one.domain}`));
  }
  const reseller = actor.scope !== 'all' && 'reseller' in actor.scope ? actor.scope.reseller : undefined;
  const name = String(row['name']);
  const isGlobal = !name.includes('_') && seesGlobalPackages(actor);
  return reseller !== undefined && (name.startsWith(`${reseller}_`) || isGlobal);
}

/** The answer with others' rows taken out, in data and body alike. */
export function cut(
  deps: PassthroughDeps,
  actor: Actor,
  wanted: Wanted,
  answer: CallAnswer,
): CallAnswer | Promise<CallAnswer> {
  if (actor.scope === 'all' || !answer.ok) return answer;
  const slice = Object.hasOwn(slices, wanted.fn) ? slices[wanted.fn] : undefined;
  return slice === undefined ? answer : cutBy(slice, deps, actor, answer);
}

async function cutBy(
  slice: Slice,
  deps: PassthroughDeps,
  actor: Actor,
  answer: CallAnswer & { readonly ok: true },
): Promise<CallAnswer> {
  if (!isRecord(answer.data)) return answer;
  const rows = answer.data[slice.under];
  if (!Array.isArray(rows)) return answer;
  const mine = await reach(deps, actor);
  const data: Row = { ...answer.data, [slice.under]: rows.filter((row) => isMine(row, slice, mine, actor)) };
  return isRecord(answer.body) ? { ...answer, data, body: { ...answer.body, data } } : { ...answer, data };
}
