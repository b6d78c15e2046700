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

function larger(a: unknown, b: unknown): unknown {
  return a !== b && megabytes(b) > megabytes(a) ? b : a;
}

function isSuspended(row: Row): boolean {
  return Number(row['suspended']) === 1;
}

/**
 * The same account on several masters: it uses the most that any holds, and is suspended if it is anywhere. The first
 * row itself where that is all true already.
 */
export function mergeAccount(first: Row, others: readonly Row[]): Row {
  const used = others.map((row) => row['diskused']).reduce(larger, first['diskused']);
  const suspended = 'suspended' in first && !isSuspended(first) ? others.find(isSuspended) : undefined;
  const isFuller = 'diskused' in first && used !== first['diskused'];
  if (!isFuller && suspended === undefined) return first;
  const more =
    suspended === undefined ? {} : { suspended: suspended['suspended'], suspendreason: suspended['suspendreason'] };
  return { ...first, ...(isFuller ? { diskused: used } : {}), ...more };
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

/** How long the answers of the others are waited for, ms; one that comes later leaves the lead's as it is. */
const othersMs = 5000;

/** What a merge uses of the passthrough's parts. */
type MergeDeps = Pick<PassthroughDeps, 'reads' | 'on' | 'recent'>;

interface Asked {
  /** Of the first master in order that can tell. */
  readonly outcome: Outcome;
  readonly others: readonly Outcome[];
}

/**
 * Asks all at once. The lead is the master that a plain read would ask; the next follows where it cannot tell.
 * `isKept`: what the others add may be two seconds old.
 */
async function askAll(deps: MergeDeps, call: WhmCall, account: string | undefined, isKept: boolean): Promise<Asked> {
  const order = await deps.reads.order(account);
  const { masters } = await deps.reads.status();
  const heard = deps.recent.heard(call);
  const asked = new Map<string, Promise<Outcome>>();
  function ask(id: string): Promise<Outcome> {
    const known = asked.get(id) ?? deps.on(id, call, { heard });
    asked.set(id, known);
    return known;
  }
  const askOther = (id: string) => (isKept ? deps.recent.beside(id, call, () => ask(id)) : ask(id));
  const [first] = order;
  const reachable = masters.filter(({ id, state }) => state === 'reachable' && id !== first).map(({ id }) => id);
  if (first !== undefined) void ask(first);
  const others = new Map(reachable.map((id) => [id, askOther(id)]));
  let outcome: Outcome = { kind: 'not-sent', reason: 'no master can be reached' };
  let lead: string | undefined;
  for (lead of order) {
    outcome = await ask(lead);
    if (outcome.kind === 'done' || outcome.kind === 'refused') break;
  }
  others.delete(lead ?? '');
  return { outcome, others: await eachWithin([...others.values()], othersMs) };
}

/** Each answer, or that it was slow. A call never throws, so what comes later is nobody's failure. */
async function eachWithin(answers: readonly (Outcome | Promise<Outcome>)[], ms: number): Promise<readonly Outcome[]> {
  const told = answers.filter((answer): answer is Outcome => !(answer instanceof Promise));
  // Mostly all are there: then no timer is set for this call.
  if (told.length === answers.length) return told;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'not-sent', reason: 'slow' }), ms);
  });
  try {
    return await Promise.all(answers.map((answer) => Promise.race([answer, over])));
  } finally {
    clearTimeout(timer);
  }
}

/** The lead's answer itself where no account differs. */
function accountList(
  outcome: Outcome & { kind: 'done' },
  others: readonly Outcome[],
  visible: readonly AccountRow[] | undefined,
): CallAnswer {
  // An answer that was another's to the letter is the same outcome: it has nothing to add.
  const different = others.filter((other) => other !== outcome);
  const elsewhere = different.map((other) => new Map<unknown, Row>(rowsOf(other).map((row) => [row['user'], row])));
  const mine = visible === undefined ? undefined : new Set<unknown>(visible.map((row) => row.user));
  const all = rowsOf(outcome);
  const shown = mine === undefined ? all : all.filter((row) => mine.has(row['user']));
  const acct = elsewhere.length === 0 ? shown : shown.map((row) => mergeAccount(row, rowsFor(elsewhere, row['user'])));
  if (acct.length === all.length && acct.every((row, at) => row === all[at])) return relayOf(outcome);
  return withData(outcome, isRecord(outcome.data) ? { ...outcome.data, acct } : { acct });
}

function rowsFor(lists: readonly ReadonlyMap<unknown, Row>[], user: unknown): readonly Row[] {
  return lists.map((rows) => rows.get(user)).filter((row) => row !== undefined);
}

function relayOf({ data, reason, body }: Outcome & { kind: 'done' }): CallAnswer {
  return { ok: true, data, reason, body };
}

async function lowestVersion(deps: MergeDeps, outcome: Outcome & { kind: 'done' }): Promise<CallAnswer> {
  const own = isRecord(outcome.data) ? String(outcome.data['version']) : '';
  const { masters } = await deps.reads.status();
  if (masters.every(({ version }) => version === undefined || version === own)) return relayOf(outcome);
  const all = [own, ...masters.flatMap((master) => master.version ?? [])].filter((version) =>
    /^\d+(\.\d+)*$/.test(version),
  );
  const version = all.sort(compareVersions)[0] ?? own;
  if (version === own) return relayOf(outcome);
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
export async function merged(deps: MergeDeps, actor: Actor, call: WhmCall, account?: string): Promise<CallAnswer> {
  const merge = Object.hasOwn(merges, call.fn) ? merges[call.fn] : undefined;
  if (merge === undefined || merge === 'lowest version') return await ofLead(deps, call, account, merge);
  const { outcome, others } = await askAll(deps, call, account, merge === 'accounts');
  if (outcome.kind !== 'done') return failed(outcome);
  if (merge === 'any refusal') {
    const no = others.find((other) => other.kind === 'refused');
    return no === undefined ? relayOf(outcome) : failed(no);
  }
  if (merge === 'accounts') {
    const visible = actor.scope === 'all' ? undefined : (await deps.reads.accounts(actor)).rows;
    return accountList(outcome, others, visible);
  }
  const data = others.flatMap((other) => (other.kind === 'done' ? [other.data] : []));
  return withData(outcome, combined(merge, outcome.data, data));
}

async function ofLead(
  deps: MergeDeps,
  call: WhmCall,
  account: string | undefined,
  merge: 'lowest version' | undefined,
): Promise<CallAnswer> {
  const { outcome } = await deps.reads.call(call, account);
  if (outcome.kind !== 'done') return failed(outcome);
  return merge === undefined ? relayOf(outcome) : await lowestVersion(deps, outcome);
}
