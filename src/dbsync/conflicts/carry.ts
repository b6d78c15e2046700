/**
 * Applying what waits, with the decisions in force. The server applies all transactions that touch no decided row. The
 * others Tandem applies under their own GTIDs, as row events, byte for byte: without the rows that lost; and in the
 * winner's last one the loser gets the row that stays. A row that was written here since it was decided is left alone
 * and decided anew. Row, GTID and note are one transaction, so a kill anywhere leaves nothing half.
 */
import type { Clock } from '../../clock.ts';
import { oneValue, until } from '../mariadb/apply-context.ts';
import type { RunBatch, Server, Session } from '../mariadb/connect.ts';
import { formatGtids, type Gtid, parseGtids } from '../mariadb/gtid.ts';
import { readReplicas } from '../mariadb/observe.ts';
import { DatabaseFailed, ownSchema, type Row } from '../model.ts';
import { formatText, rowsText } from './encode.ts';
import { type RowChange, type RowsEvent, type Transaction, tableOf } from './events.ts';
import { type FetchedLog, seqOf } from './logs.ts';
import type { Decision } from './model.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { type ConflictTable, keyParts, sumQuery, tableOfBoth } from './tables.ts';

export interface CarryDeps {
  /** Who wrote, and who applies. */
  readonly from: Server;
  readonly to: Server;
  readonly log: FetchedLog;
  readonly run: string;
  readonly decisions: readonly { readonly n: number; readonly decision: Decision }[];
  readonly carries: (database: string, table: string) => boolean;
  readonly clock: Clock;
  readonly crash: (point: string) => void;
}

const applyMs = 600_000;
/** Statements, and letters of them, that go to the server at once. */
const mostSent = 500;
const mostBytes = 1_000_000;

async function positions(
  server: Session,
): Promise<{ readonly applied: readonly Gtid[]; readonly logged: readonly Gtid[] }> {
  const [row] = await server.rows('SELECT @@GLOBAL.gtid_slave_pos AS s, @@GLOBAL.gtid_binlog_pos AS b');
  return { applied: parseGtids(row?.['s'] ?? ''), logged: parseGtids(row?.['b'] ?? '') };
}

/**
 * Moves the place where a stopped server goes on behind what it has in its own log already: what Tandem applied. Its own
 * domain stays as it is, since the other master knows nothing newer of it; strict mode refuses that and is off meanwhile.
 */
export async function settlePosition(to: Server, domain: number): Promise<void> {
  const { applied, logged } = await positions(to);
  const newest = logged.find((one) => one.domain === domain);
  if (newest === undefined || newest.seq <= seqOf(applied, domain)) return;
  await to.rows('STOP SLAVE');
  await to.rows('SET GLOBAL gtid_strict_mode = OFF');
  try {
    await to.rows('SET GLOBAL gtid_slave_pos = ?', [
      formatGtids([...applied.filter((one) => one.domain !== domain), newest]),
    ]);
  } finally {
    await to.rows('SET GLOBAL gtid_strict_mode = ON');
  }
}

async function letServer(deps: CarryDeps, wanted: Gtid): Promise<void> {
  const { to, clock } = deps;
  await to.rows('STOP SLAVE');
  await to.rows('START SLAVE UNTIL master_gtid_pos = ?', [formatGtids([wanted])]);
  const done = await until(clock, applyMs, async () => {
    const { replica } = await readReplicas(to);
    if (replica !== undefined && (replica.sqlErrno !== 0 || replica.ioErrno === 1236))
      throw new DatabaseFailed(`${to.side.name} stopped: ${replica.sqlError || replica.ioError}`);
    return replica?.sql === 'No';
  });
  const { applied } = await positions(to);
  if (!done || seqOf(applied, wanted.domain) < wanted.seq)
    throw new DatabaseFailed(`${to.side.name} does not catch up.`);
}

/** Decisions by table and spelling of the key. */
class Decided {
  private readonly byName = new Map<string, number>();
  private readonly tables = new Map<string, ConflictTable>();
  private readonly deps: CarryDeps;
  constructor(deps: CarryDeps) {
    this.deps = deps;
    for (const [at, { decision }] of deps.decisions.entries())
      for (const name of decision.names) this.byName.set(`${decision.database}\0${decision.table}\0${name}`, at);
  }
  /** The table of a decision, as it is on the receiving server. */
  async table(database: string, table: string): Promise<ConflictTable> {
    const name = `${database}\0${table}`;
    const known = this.tables.get(name);
    if (known !== undefined) return known;
    const found = await tableOfBoth([this.deps.to, this.deps.to], database, table);
    if ('reason' in found) throw new DatabaseFailed(`${database}.${table}: ${found.reason}.`);
    this.tables.set(name, found);
    return found;
  }
  /** Whether replication of this run knows the table at all. */
  has({ table: { database, table } }: RowsEvent): boolean {
    return this.deps.decisions.some(({ decision }) => decision.database === database && decision.table === table);
  }
  isDecided(table: ConflictTable, event: RowsEvent, change: RowChange): boolean {
    return [change.before, change.after].some(
      (image) =>
        image !== undefined &&
        this.byName.has(`${table.database}\0${table.table}\0${keyParts(table, event.table, image).join('\0')}`),
    );
  }
}

/** What is left of a transaction's rows, and whether any was taken out. */
async function keptRows(
  decided: Decided,
  deps: Pick<CarryDeps, 'carries'>,
  one: Transaction,
): Promise<{ readonly kept: readonly RowsEvent[]; readonly touched: boolean }> {
  const kept: RowsEvent[] = [];
  let touched = false;
  for (const event of one.rows) {
    if (!deps.carries(event.table.database, event.table.table)) continue;
    if (!decided.has(event)) {
      kept.push(event);
      continue;
    }
    const table = await decided.table(event.table.database, event.table.table);
    const rows = event.rows.filter((change) => !decided.isDecided(table, event, change));
    if (rows.length < event.rows.length) touched = true;
    if (rows.length > 0) kept.push({ ...event, rows });
  }
  return { kept, touched };
}

async function segments(deps: CarryDeps, decided: Decided): Promise<readonly Segment[]> {
  const waiting: Parameters<typeof segmentsOf>[0][number][] = [];
  for await (const one of deps.log.transactions()) {
    const { touched } = await keptRows(decided, deps, one);
    const isTheirs = one.statement !== undefined || one.unreadable !== undefined;
    waiting.push({ gtid: one.gtid, isOurs: touched && !isTheirs, isTheirs });
  }
  return segmentsOf(waiting);
}

interface Setting {
  readonly n: number;
  readonly decision: Decision;
  readonly table: ConflictTable;
}

const order = { delete: 0, update: 1, insert: 2 } as const;

function changeOf({ decision }: Setting): readonly [RowsEvent['kind'], RowChange] | undefined {
  const isThere = decision.sum !== '';
  const want = decision.want === null ? undefined : Buffer.from(decision.want, 'base64');
  if (want !== undefined) return isThere ? ['update', { before: want, after: want }] : ['insert', { after: want }];
  if (!isThere) return undefined;
  return ['delete', decision.lost === null ? {} : { before: Buffer.from(decision.lost, 'base64') }];
}

type Statement = readonly [string, readonly unknown[]];

function binlog(text: string): Statement {
  return ['BINLOG ?', [text]];
}

/** The rows that a transaction of the winner settles here. */
async function settingsOf(deps: CarryDeps, decided: Decided, seq: bigint): Promise<readonly Setting[]> {
  const settings: Setting[] = [];
  for (const { n, decision } of deps.decisions)
    if (decision.setAt === String(seq) && decision.winner === deps.from.side.id)
      settings.push({ n, decision, table: await decided.table(decision.database, decision.table) });
  return settings;
}

/**
 * The loser gets the rows that stay, a group at once; a group of which one was written again is left for later. `sums`:
 * what the rows are now, under a lock.
 */
function setting(deps: CarryDeps, settings: readonly Setting[], sums: readonly string[]): readonly Statement[] {
  const isMoved = ({ decision }: Setting, at: number): boolean => sums[at] !== decision.sum;
  const moved = new Set(settings.filter(isMoved).map(({ decision }) => decision.group));
  const changes = settings
    .filter(({ decision }) => !moved.has(decision.group))
    .flatMap((one) => {
      const change = changeOf(one);
      return change === undefined ? [] : [{ one, kind: change[0], row: change[1] }];
    })
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
function opening({ gtid: { domain, server, seq } }: Transaction): readonly Statement[] {
  return [
    [`SET SESSION gtid_domain_id = ${domain}, server_id = ${server}`, []],
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

/** Statements that wait for a way to the server: it may be far, and few transactions need an answer in between. */
class Sending {
  private waiting: Statement[] = [];
  private bytes = 0;
  private readonly run: RunBatch;
  private readonly sent: () => void;
  constructor(run: RunBatch, sent: () => void) {
    this.run = run;
    this.sent = sent;
  }
  async add(statements: readonly Statement[]): Promise<void> {
    this.waiting.push(...statements);
    for (const [, values] of statements) this.bytes += String(values[0] ?? '').length;
    if (this.waiting.length >= mostSent || this.bytes >= mostBytes) await this.flush();
  }
  async flush(): Promise<void> {
    const { waiting } = this;
    this.waiting = [];
    this.bytes = 0;
    await this.run(waiting);
    if (waiting.length > 0) this.sent();
  }
  /** Sends these after all that waits, and answers the rows of each. */
  async ask(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    await this.flush();
    return await this.run(statements);
  }
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

async function letTandem(deps: CarryDeps, decided: Decided, segment: Segment & { kind: 'tandem' }): Promise<void> {
  const { to } = deps;
  await to.rows('STOP SLAVE');
  await to.batches(async (run) => {
    const sending = new Sending(run, () => deps.crash('dbsync.conflict-carried'));
    await run([["SET SESSION time_zone = '+00:00', foreign_key_checks = 0", []]]);
    let isTold = false;
    for await (const one of deps.log.transactions()) {
      if (one.gtid.seq < segment.from || one.gtid.seq > segment.until.seq) continue;
      if (!isTold) await run([binlog(formatText(deps.log.format()))]);
      isTold = true;
      await applyOne(deps, sending, decided, one);
    }
    await sending.flush();
  });
  await settlePosition(to, segment.until.domain);
}

/** Applies all of the log's part that `to` has not applied yet. Throws DatabaseFailed; may be run again. */
export async function carryInto(deps: CarryDeps): Promise<void> {
  const decided = new Decided(deps);
  for (const segment of await segments(deps, decided)) {
    if (segment.kind === 'server') await letServer(deps, segment.until);
    else await letTandem(deps, decided, segment);
    deps.crash('dbsync.conflict-segment');
  }
}

/** What a server has applied of a domain. */
export async function appliedOf(server: Server, domain: number): Promise<bigint> {
  return seqOf(parseGtids(await oneValue(server, 'SELECT @@GLOBAL.gtid_slave_pos')), domain);
}
