import type { Actor } from '../../auth/actor.ts';
import type { AccountRow } from '../../operations/model.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import { combined } from './combine.ts';
import type { PassthroughDeps } from './deps.ts';

type Row = Readonly<Record<string, unknown>>;

/** Compares '11.134.0.20' with '11.136.0.4' part by part; missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((v) => v.split('.').map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function megabytes(value: unknown): number {
  const found = /^(\d+(?:\.\d+)?)M$/.exec(String(value));
  return found === null ? -1 : Number(found[1]);
}

/** The same account on several masters: it uses the most that any holds, and is suspended if it is anywhere. */
export function mergeAccount(first: Row, others: readonly Row[]): Row {
  const used = [first, ...others].map((row) => row['diskused']).reduce((a, b) => (megabytes(b) > megabytes(a) ? b : a));
  const suspended = others.find((row) => Number(row['suspended']) === 1);
  const more =
    suspended === undefined ? {} : { suspended: suspended['suspended'], suspendreason: suspended['suspendreason'] };
  return { ...first, ...('diskused' in first ? { diskused: used } : {}), ...('suspended' in first ? more : {}) };
}

function rowsOf(outcome: Outcome): readonly Row[] {
  const data = outcome.kind === 'done' && isRecord(outcome.data) ? outcome.data['acct'] : undefined;
  const rows: readonly unknown[] = Array.isArray(data) ? data : [];
  return rows.filter(isRecord);
}

/** The master's own body with other data in it, keys in their order. */
function withData(outcome: Outcome & { kind: 'done' }, data: unknown): CallAnswer {
  const body = isRecord(outcome.body)
    ? { ...outcome.body, data }
    : { data, metadata: { version: 1, result: 1, reason: outcome.reason } };
  return { ok: true, data, reason: outcome.reason, body };
}

/** The other masters' answers; one that cannot answer in time leaves the lead's as they are. */
async function askOthers(deps: PassthroughDeps, call: WhmCall, lead: string): Promise<readonly Outcome[]> {
  const { masters } = await deps.reads.status();
  const others = masters.filter((master) => master.id !== lead && master.state === 'reachable');
  return await Promise.all(
    others.map(({ id }) =>
      Promise.race([deps.on(id, call), deps.delay(5000).then((): Outcome => ({ kind: 'not-sent', reason: 'slow' }))]),
    ),
  );
}

function accountList(
  outcome: Outcome & { kind: 'done' },
  others: readonly Outcome[],
  visible: readonly AccountRow[] | undefined,
): CallAnswer {
  const elsewhere = others.map((other) => new Map<unknown, Row>(rowsOf(other).map((row) => [row['user'], row])));
  const mine = visible === undefined ? undefined : new Set<unknown>(visible.map((row) => row.user));
  const acct = rowsOf(outcome)
    .filter((row) => mine === undefined || mine.has(row['user']))
    .map((row) =>
      mergeAccount(
        row,
        elsewhere.map((rows) => rows.get(row['user'])).filter((other) => other !== undefined),
      ),
    );
  return withData(outcome, isRecord(outcome.data) ? { ...outcome.data, acct } : { acct });
}

async function lowestVersion(deps: PassthroughDeps, outcome: Outcome & { kind: 'done' }): Promise<CallAnswer> {
  const own = isRecord(outcome.data) ? String(outcome.data['version']) : '';
  const { masters } = await deps.reads.status();
  const all = [own, ...masters.flatMap((master) => master.version ?? [])].filter((version) =>
    /^\d+(\.\d+)*$/.test(version),
  );
  const version = all.sort(compareVersions)[0] ?? own;
  return withData(outcome, { ...(isRecord(outcome.data) ? outcome.data : {}), version });
}

function failed(outcome: Exclude<Outcome, { kind: 'done' }>): CallAnswer {
  return { ok: false, reason: outcome.reason, ...(outcome.kind === 'refused' ? { body: outcome.body } : {}) };
}

type Merge = 'accounts' | 'lowest version' | 'any refusal' | 'union' | 'sum' | 'larger' | 'smaller';

const merges: Readonly<Record<string, Merge>> = {
  listaccts: 'accounts',
  accountsummary: 'accounts',
  version: 'lowest version',
  verify_new_username: 'any refusal',
  verify_new_username_for_restore: 'any refusal',
  listsuspended: 'union',
  listlockedaccounts: 'union',
  list_users: 'union',
  emailtrack_search: 'union',
  fetch_mail_queue: 'union',
  showbw: 'sum',
  resellerstats: 'sum',
  'Bandwidth::query': 'sum',
  'Stats::get_bandwidth': 'sum',
  'Email::get_held_message_count': 'sum',
  emailtrack_stats: 'sum',
  emailtrack_user_stats: 'sum',
  get_disk_usage: 'larger',
  get_current_users_count: 'larger',
  get_maximum_users: 'smaller',
};

/**
 * A read that is true only over all masters: account rows are merged one by one, a version is the lowest, a name is
 * free only where every master says so, traffic is added up; of the rest the lead's own answer is given. A bounded
 * caller sees of a list their own accounts only; whether they may ask at all was decided before.
 */
export async function merged(
  deps: PassthroughDeps,
  actor: Actor,
  call: WhmCall,
  account?: string,
): Promise<CallAnswer> {
  const { outcome, master } = await deps.reads.call(call, account);
  if (outcome.kind !== 'done') return failed(outcome);
  const relay: CallAnswer = { ok: true, data: outcome.data, reason: outcome.reason, body: outcome.body };
  const merge = Object.hasOwn(merges, call.fn) ? merges[call.fn] : undefined;
  if (merge === undefined) return relay;
  if (merge === 'lowest version') return await lowestVersion(deps, outcome);
  const others = await askOthers(deps, call, master);
  if (merge === 'any refusal') {
    const no = others.find((other) => other.kind === 'refused');
    return no === undefined ? relay : failed(no);
  }
  if (merge === 'accounts') {
    const visible = actor.scope === 'all' ? undefined : (await deps.reads.accounts(actor)).rows;
    return accountList(outcome, others, visible);
  }
  const data = others.flatMap((other) => (other.kind === 'done' ? [other.data] : []));
  return withData(outcome, combined(merge, outcome.data, data));
}
