/**
 * Applying transactions in their order, sent without waiting for the answers of those before. Each names the place
 * that must have been applied last, so when one fails nothing behind it is taken; it is then tried once more, row by
 * row, and what was behind it follows.
 */
import type pg from 'pg';
import { DatabaseFailed } from '../model.ts';
import { explained, type PgServer } from './connect.ts';
import { carriable } from './definitions.ts';
import { LetGo, leavingMark } from './leave.ts';
import { formatLsn, parseLsn } from './pgoutput.ts';
import { type Ask, TargetTables } from './tables.ts';
import type { Change, Definition, Part } from './transactions.ts';

export interface Opened {
  readonly applier: Applier;
  /** What the other master had seen at the place where applying goes on. */
  readonly seen: number;
}

interface Sent {
  /** Whole transactions that were sent as one. */
  readonly parts: readonly Part[];
  /** Place behind the last of them. */
  readonly end: bigint;
  readonly answer: Promise<void>;
}

/** So many changes are applied as one transaction when far behind. */
export const mostGrouped = 100;

/** This many transactions may be on their way. */
const mostSent = 500;

/**
 * A connection that applies what comes from `origin`. `slowly`: large transactions that failed before, by the place of
 * their commit. Throws DatabaseFailed while another process applies it.
 */
export async function openApplier(
  server: PgServer,
  database: string,
  origin: string,
  slowly: Set<bigint>,
): Promise<Opened> {
  const client = await server.pipelineClient(database, origin);
  try {
    await client.query('SELECT pg_replication_origin_session_setup($1)', [origin]);
    const { rows } = await client.query<Record<string, string | null>>(
      `SELECT coalesce(pg_replication_origin_session_progress(true), '0/0')::text AS place,
        (SELECT value FROM tandemsync.local_mark WHERE name = 'seen') AS seen, (${leavingMark}) AS leaving`,
    );
    if (rows[0]?.['leaving'] != null) throw new LetGo(`${server.side.name}: ${database} is let go of.`);
    const begin = parseLsn(rows[0]?.['place'] ?? '0/0');
    return { applier: new Applier(server, client, begin, slowly), seen: Number(rows[0]?.['seen'] ?? 0) };
  } catch (error) {
    await client.end();
    throw explained(server.side, error);
  }
}

/** A transaction of rows alone, all of it at hand. */
function isWhole(part: Part): boolean {
  return part.first && part.end !== undefined && part.changes.every((one) => one.kind !== 'define');
}

/** Whether a part may be one of several that are applied as one: small, and without a lock on whole tables. */
export function groupable(part: Part): boolean {
  return isWhole(part) && part.changes.length <= mostGrouped && part.changes.every((one) => one.kind !== 'truncate');
}

export class Applier {
  private readonly server: PgServer;
  private readonly client: pg.Client;
  private readonly slowly: Set<bigint>;
  private readonly tables: TargetTables;
  private readonly ask: Ask;
  private sent: Sent[] = [];
  private hasFailed = false;
  private last: bigint;
  private lastAt = 1;
  /** The last place that is applied, and what the other master had seen then. */
  applied: bigint;
  appliedSeen = 0;
  /** Rows that both had changed, since this connection began. */
  conflicts = 0;

  constructor(server: PgServer, client: pg.Client, begin: bigint, slowly: Set<bigint>) {
    this.server = server;
    this.client = client;
    this.slowly = slowly;
    this.applied = begin;
    this.last = begin;
    this.ask = async (text, values = []) => (await client.query<Record<string, string | null>>(text, [...values])).rows;
    this.tables = new TargetTables(server.side.name, this.ask);
  }

  /** Nothing is on its way. */
  get isSettled(): boolean {
    this.prune();
    return this.sent.length === 0;
  }

  /**
   * Takes parts, in order: one, or several that are `groupable` and go as one transaction. Resolves when they were sent,
   * not when they were applied; rejects when applying has failed.
   */
  async take(parts: readonly Part[]): Promise<void> {
    const [part, ...more] = parts;
    if (part === undefined) return;
    try {
      if (this.hasFailed) await this.settled();
      if (!isWhole(part)) return await this.stepwise(part);
      this.prune();
      // A failure of it is seen at the next part.
      if (this.sent.length >= mostSent) await this.sent[0]?.answer.catch(() => {});
      this.sent.push(more.length === 0 ? await this.send(part, false) : await this.sendAll(parts));
    } catch (error) {
      throw explained(this.server.side, error);
    }
  }

  /** Resolves when all that was sent is applied: what failed is tried again carefully, then what was behind it. */
  async settled(): Promise<void> {
    while (this.sent.length > 0) {
      const results = await Promise.allSettled(this.sent.map((one) => one.answer));
      const at = results.findIndex((one) => one.status === 'rejected');
      const again = at < 0 ? [] : this.sent.slice(at);
      this.sent = [];
      this.last = this.applied;
      await this.again(again.flatMap((one) => one.parts));
    }
  }

  /** Makes all that is applied last through a crash, with what the other master had seen; answers that place. */
  async flush(seen: number): Promise<bigint> {
    try {
      await this.ask('SELECT tandemsync.note_seen($1, $2)', [seen, this.lastAt]);
      const [row] = await this.ask(
        "SELECT coalesce(pg_replication_origin_session_progress(true), '0/0')::text AS place",
      );
      return parseLsn(row?.['place'] ?? '0/0');
    } catch (error) {
      throw explained(this.server.side, error);
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private prune(): void {
    const done = this.sent.findIndex((one) => one.end > this.applied);
    this.sent = done < 0 ? [] : this.sent.slice(done);
  }

  /**
   * One whole transaction in one statement. It has no name: a customer's code that runs in this session could prepare
   * another one under it.
   */
  private async send(part: Part, careful: boolean): Promise<Sent> {
    const { rels, list } = await this.tables.prepare(part.changes, this.lastAt);
    const end = part.end ?? 0n;
    const values = [formatLsn(this.last), formatLsn(end), part.at, part.seen, rels, list, careful];
    const text = 'SELECT tandemsync.apply($1, $2, $3, $4, $5, $6, $7) AS n';
    const query = this.client.query<Record<string, string>>({ text, values });
    return this.onItsWay([part], end, part, query);
  }

  /** Several as one: its time is the last one's, and so is what the other master had seen afterwards. */
  private async sendAll(parts: readonly Part[]): Promise<Sent> {
    const last = parts.at(-1);
    if (last === undefined) throw new RangeError('a group of no transactions');
    const { rels, lists } = await this.tables.prepareAll(
      parts.map((one) => one.changes),
      this.lastAt,
    );
    const all = parts.map((one, n) => ({ at: one.at, seen: one.seen, list: lists[n] }));
    const end = last.end ?? 0n;
    const values = [formatLsn(this.last), formatLsn(end), last.at, rels, JSON.stringify(all)];
    const text = 'SELECT tandemsync.apply_all($1, $2, $3, $4, $5) AS n';
    const query = this.client.query<Record<string, string>>({ text, values });
    return this.onItsWay(parts, end, last, query);
  }

  private onItsWay(
    parts: readonly Part[],
    end: bigint,
    last: Part,
    query: Promise<pg.QueryResult<Record<string, string>>>,
  ): Sent {
    this.last = end;
    this.lastAt = last.at;
    const answer = query.then((result) => {
      this.applied = end;
      this.appliedSeen = last.seen;
      this.conflicts += Number(result.rows[0]?.['n'] ?? 0);
    });
    answer.catch(() => {
      this.hasFailed = true;
    });
    return { parts, end, answer };
  }

  private async again(parts: readonly Part[]): Promise<void> {
    const [first, ...rest] = parts;
    this.hasFailed = false;
    if (first === undefined) return;
    // What was known of the table may be what was wrong.
    this.tables.forget();
    const one = await this.send(first, true);
    try {
      await one.answer;
    } catch (error) {
      throw explained(this.server.side, error);
    }
    for (const part of rest) this.sent.push(await this.send(part, false));
  }

  private async define(definition: Definition): Promise<void> {
    const found = carriable(definition);
    if (found.kind === 'refused') throw new DatabaseFailed(`${this.server.side.name}: not carried: ${found.reason}.`);
    if (found.kind === 'nothing') return;
    await this.ask('SELECT tandemsync.define($1, $2, $3)', [definition.role, definition.path, found.sql]);
    this.tables.forget();
  }

  private async rows(part: Part, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const { rels, list } = await this.tables.prepare(changes, this.lastAt);
    const [row] = await this.ask('SELECT tandemsync.step($1, $2, $3, $4, $5) AS n', [
      part.at,
      part.seen,
      rels,
      list,
      this.slowly.has(part.final),
    ]);
    this.conflicts += Number(row?.['n'] ?? 0);
  }

  /** Changes between definitions, in their order. */
  private async step(part: Part): Promise<void> {
    let waiting: Change[] = [];
    for (const change of part.changes) {
      if (change.kind !== 'define') {
        waiting.push(change);
        continue;
      }
      await this.rows(part, waiting);
      waiting = [];
      await this.define(change.definition);
    }
    await this.rows(part, waiting);
  }

  /** A large transaction, or one that defines something. */
  private async stepwise(part: Part): Promise<void> {
    if (part.first) {
      await this.settled();
      await this.ask('BEGIN');
      await this.ask('SELECT tandemsync.expect($1)', [formatLsn(this.last)]);
      await this.ask('SELECT tandemsync.aside($1)', [part.at]);
    }
    try {
      await this.step(part);
    } catch (error) {
      // The transaction is gone with this connection; the stream begins with it again.
      this.slowly.add(part.final);
      throw error;
    }
    if (part.end === undefined) return;
    await this.ask('SELECT pg_replication_origin_xact_setup($1, tandemsync.time_of($2))', [
      formatLsn(part.end),
      part.at,
    ]);
    await this.ask('COMMIT');
    this.applied = part.end;
    this.appliedSeen = part.seen;
    this.last = part.end;
    this.lastAt = part.at;
  }
}
