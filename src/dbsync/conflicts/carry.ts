/**
 * Applying what waits, with the decisions in force. The server applies all transactions that touch no decided row. The
 * others Tandem applies under their own GTIDs, as row events, byte for byte: without the rows that lost; and in the
 * winner's last one the loser gets the row that stays (in the loser's last one the winner, where the loser's row had
 * arrived on it). A row that was written here since it was decided is left alone
 * and decided anew. Row, GTID and note are one transaction, so a kill anywhere leaves nothing half.
 */
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { beginAt, oneValue, until } from '../mariadb/apply-context.ts';
import type { RunBatch, Server, Session, Size } from '../mariadb/connect.ts';
import { formatGtids, type Gtid, parseGtids } from '../mariadb/gtid.ts';
import type { ReplicaSeen } from '../mariadb/model.ts';
import { readReplicas } from '../mariadb/observe.ts';
import { sizeOf } from '../mariadb/packet.ts';
import { DatabaseFailed, ownSchema } from '../model.ts';
import { rowErrors } from '../plan.ts';
import { Decided, type DecidedDeps, keptRows } from './decided.ts';
import { formatText, rowsText } from './encode.ts';
import { type RowChange, type RowsEvent, type Transaction, tableOf } from './events.ts';
import { type FetchedLog, seqOf } from './logs.ts';
import type { Decision } from './model.ts';
import { isCarriable, type Segment, segmentsOf } from './segments.ts';
import { Sending, type Statement } from './sending.ts';
import { type ConflictTable, sumQuery } from './tables.ts';

export interface CarryDeps extends DecidedDeps {
  /** Who wrote. */
  readonly from: Server;
  readonly log: FetchedLog;
  readonly run: string;
  readonly clock: Clock;
  readonly crash: (point: string) => void;
}

/** So long a server may take for one transaction. */
const stillMs = 600_000;
async function positions(
  server: Session,
): Promise<{ readonly applied: readonly Gtid[]; readonly logged: readonly Gtid[] }> {
  const [row] = await server.rows('SELECT @@GLOBAL.gtid_slave_pos AS s, @@GLOBAL.gtid_binlog_pos AS b');
  return { applied: parseGtids(row?.['s'] ?? ''), logged: parseGtids(row?.['b'] ?? '') };
}

/**
 * Moves the place where a stopped server goes on behind what it has in its own log already: what Tandem applied. Its own
 * domain stays as it is, since the other master knows nothing newer of it.
 */
export async function settlePosition(to: Server, domain: number): Promise<void> {
  const { applied, logged } = await positions(to);
  const newest = logged.find((one) => one.domain === domain);
  if (newest === undefined || newest.seq <= seqOf(applied, domain)) return;
  await to.rows('STOP SLAVE');
  await beginAt(to, [...applied.filter((one) => one.domain !== domain), newest]);
}

/** A row is not as the other master had it: it was written here after the look. */
export class RowsDiffer extends DatabaseFailed {}

function stopped({ side }: Server, { sqlErrno, sqlError, ioError }: ReplicaSeen): DatabaseFailed {
  const sentence = `${side.name} stopped: ${sqlError || ioError}`;
  return rowErrors.has(sqlErrno) ? new RowsDiffer(sentence) : new DatabaseFailed(sentence);
}

/** Waits until it has applied that. A long way is no failure while it gets on. */
async function getsTo({ to, clock }: CarryDeps, wanted: Gtid): Promise<boolean> {
  for (let at = -1n; ; ) {
    const now = seqOf((await positions(to)).applied, wanted.domain);
    if (now >= wanted.seq || now === at) return now >= wanted.seq;
    at = now;
    await until(clock, stillMs, async () => {
      const { replica } = await readReplicas(to);
      if (replica !== undefined && (replica.sqlErrno !== 0 || replica.ioErrno === 1236)) throw stopped(to, replica);
      return replica?.sql === 'No' || seqOf((await positions(to)).applied, wanted.domain) >= wanted.seq;
    });
  }
}

async function letServer(deps: CarryDeps, wanted: Gtid): Promise<void> {
  const { to } = deps;
  await to.rows('STOP SLAVE');
  await to.rows('START SLAVE UNTIL master_gtid_pos = ?', [formatGtids([wanted])]);
  if (!(await getsTo(deps, wanted))) throw new DatabaseFailed(`${to.side.name} does not catch up.`);
}

/** In which of the sender's transactions the receiver gets the row that stays, and the sum of what it has instead. */
function settingAt({ from }: CarryDeps, { winner, setAt, sum, back }: Decision): Decision['back'] {
  return winner === from.side.id ? { at: setAt, sum } : back;
}

/** Bytes of the longest image among these, twice: an update has two. */
function longest({ rows }: Transaction): number {
  const images = rows.flatMap((event) => event.rows.flatMap(({ before, after }) => [before, after]));
  return 2 * images.reduce((most, image) => Math.max(most, image?.length ?? 0), 0);
}

interface Parts {
  readonly segments: readonly Segment[];
  /** What the longest statement needs. */
  readonly size: Size;
}

async function partsOf(deps: CarryDeps, decided: Decided): Promise<Parts> {
  const waiting: Parameters<typeof segmentsOf>[0][number][] = [];
  const setting = new Set(deps.decisions.map(({ decision }) => settingAt(deps, decision)?.at));
  const wanted = deps.decisions.map(({ decision: { want, lost } }) => Math.max(want?.length ?? 0, lost?.length ?? 0));
  let letters = wanted.reduce((most, one) => Math.max(most, 2 * one), 0);
  for await (const one of deps.log.transactions()) {
    const { touched } = await keptRows(decided, deps, one);
    letters = Math.max(letters, (longest(one) * 4) / 3);
    const isTheirs = !isCarriable({ ...one, isWhole: one.isWhole || touched });
    waiting.push({ gtid: one.gtid, isOurs: (touched || setting.has(String(one.gtid.seq))) && !isTheirs, isTheirs });
  }
  return { segments: segmentsOf(waiting), size: sizeOf(letters) };
}

interface Setting {
  readonly n: number;
  readonly decision: Decision;
  readonly table: ConflictTable;
  /** What stands here, if nobody has written since. */
  readonly sum: string;
}

const order = { delete: 0, update: 1, insert: 2 } as const;

type NewRow = readonly [RowsEvent['kind'], RowChange];

/**
 * From what the loser has to what stays. `isAlone`: no other row is decided with it, so it can be updated in place; rows
 * of one group may exchange unique values, so all of them go before any comes.
 */
function changesOf({ decision, sum }: Setting, isAlone: boolean): readonly NewRow[] {
  const isThere = sum !== '';
  const want = decision.want === null ? undefined : Buffer.from(decision.want, 'base64');
  if (isAlone && isThere && want !== undefined) return [['update', { before: want, after: want }]];
  const lost = decision.lost === null ? want : Buffer.from(decision.lost, 'base64');
  return [
    ...(isThere && lost !== undefined ? [['delete', { before: lost }] as const] : []),
    ...(want === undefined ? [] : [['insert', { after: want }] as const]),
  ];
}

function binlog(text: string): Statement {
  return ['BINLOG ?', [text]];
}

/** The rows that a transaction settles here. */
async function settingsOf(deps: CarryDeps, decided: Decided, seq: bigint): Promise<readonly Setting[]> {
  const settings: Setting[] = [];
  for (const { n, decision } of deps.decisions) {
    const { at, sum } = settingAt(deps, decision) ?? {};
    if (at === String(seq) && sum !== undefined)
      settings.push({ n, decision, sum, table: await decided.table(decision.database, decision.table) });
  }
  return settings;
}

/**
 * The receiver gets the rows that stay, a group at once; a group of which one was written again is left for later. `sums`:
 * what the rows are now, under a lock.
 */
function setting(deps: CarryDeps, settings: readonly Setting[], sums: readonly string[]): readonly Statement[] {
  const isMoved = ({ sum }: Setting, at: number): boolean => sums[at] !== sum;
  const moved = new Set(settings.filter(isMoved).map(({ decision }) => decision.group));
  const isAlone = (one: Setting): boolean =>
    settings.every((other) => other === one || other.decision.group !== one.decision.group);
  const changes = settings
    .filter(({ decision }) => !moved.has(decision.group))
    .flatMap((one) => changesOf(one, isAlone(one)).map(([kind, row]) => ({ one, kind, row })))
    .sort((a, b) => order[a.kind] - order[b.kind]);
  return [
    ...changes.map(({ one, kind, row }) => {
      const logged = tableOf(Buffer.from(one.decision.map, 'base64'));
      return binlog(rowsText(deps.log.format(), logged, kind, [row]));
    }),
    ...settings.map(
      ({ n, decision }): Statement => [
        'UPDATE ??.local_conflict SET state = ? WHERE run = ? AND n = ?',
        [ownSchema, moved.has(decision.group) ? 'moved' : 'done', deps.run, n],
      ],
    ),
  ];
}

/** Numbers go in as they are: the variables take no text, and a number is checked against the domain that stands. */
function opening({ gtid: { domain, server, seq }, at }: Transaction): readonly Statement[] {
  return [
    [`SET SESSION gtid_domain_id = ${domain}, server_id = ${server}, timestamp = ${at}`, []],
    [`SET SESSION gtid_seq_no = ${seq}`, []],
    ['START TRANSACTION', []],
  ];
}

/** A transaction of which nothing is left still takes its place in the log. */
function closing(deps: CarryDeps, one: Transaction, kept: readonly RowsEvent[]): readonly Statement[] {
  return [
    ...kept.map((event) => binlog(rowsText(deps.log.format(), event.table, event.kind, event.rows))),
    ['REPLACE INTO ??.local_mark (name, value) VALUES (?, ?)', [ownSchema, 'carried', formatGtids([one.gtid])]],
    ['COMMIT', []],
  ];
}

async function applyOne(deps: CarryDeps, sending: Sending, decided: Decided, one: Transaction): Promise<void> {
  const { kept } = await keptRows(decided, deps, one);
  const settings = await settingsOf(deps, decided, one.gtid.seq);
  if (settings.length === 0) {
    await sending.add([...opening(one), ...closing(deps, one, kept)]);
    return;
  }
  const locks = settings.map(({ table, decision }): Statement => {
    const query = sumQuery(table, decision.key);
    return [`${query.sql} FOR UPDATE`, query.values];
  });
  const answers = await sending.ask([...opening(one), ...locks]);
  const sums = answers.slice(-locks.length).map((rows) => rows[0]?.['s'] ?? '');
  await sending.add([...setting(deps, settings, sums), ...closing(deps, one, kept)]);
}

/** Says what a refusal is about. */
function tellingRows(run: RunBatch): RunBatch {
  return async (statements) => {
    try {
      return await run(statements);
    } catch (error) {
      const cause = error instanceof DatabaseFailed ? error.cause : undefined;
      const isRow = cause instanceof Error && 'errno' in cause && rowErrors.has(Number(cause.errno));
      throw isRow ? new RowsDiffer(messageOf(error), { cause }) : error;
    }
  };
}

async function letTandem(
  deps: CarryDeps,
  decided: Decided,
  segment: Segment & { kind: 'tandem' },
  size: Size,
): Promise<void> {
  const { to } = deps;
  await to.rows('STOP SLAVE');
  await to.batches(async (plain) => {
    const run = tellingRows(plain);
    const sending = new Sending(run, () => deps.crash('dbsync.conflict-carried'));
    await run([["SET SESSION time_zone = '+00:00', foreign_key_checks = 0", []]]);
    let isTold = false;
    for await (const one of deps.log.transactions()) {
      if (one.gtid.seq < segment.from) continue;
      if (one.gtid.seq > segment.until.seq) break;
      if (!isTold) await run([binlog(formatText(deps.log.format()))]);
      isTold = true;
      await applyOne(deps, sending, decided, one);
    }
    await sending.flush();
  }, size);
  await settlePosition(to, segment.until.domain);
}

/** Applies all of the log's part that `to` has not applied yet. Throws DatabaseFailed; may be run again. */
export async function carryInto(deps: CarryDeps): Promise<void> {
  const decided = new Decided(deps);
  const { segments, size } = await partsOf(deps, decided);
  for (const segment of segments) {
    if (segment.kind === 'server') await letServer(deps, segment.until);
    else await letTandem(deps, decided, segment, size);
    deps.crash('dbsync.conflict-segment');
  }
}

/** What a server has applied of a domain. */
export async function appliedOf(server: Server, domain: number): Promise<bigint> {
  return seqOf(parseGtids(await oneValue(server, 'SELECT @@GLOBAL.gtid_slave_pos')), domain);
}
