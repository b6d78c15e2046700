/** The part of a master's log that the other has not applied, fetched into files and read as often as needed. */
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from '../mariadb/connect.ts';
import { type Gtid, inDomain, parseGtids } from '../mariadb/gtid.ts';
import { saveLog } from '../mariadb/programs.ts';
import { DatabaseFailed } from '../model.ts';
import { type LogFormat, type Transaction, transactionsOf, type Wanted } from './events.ts';

/** What lies between two transactions of one domain: after `since`, up to `end`. */
export interface Span {
  readonly domain: number;
  readonly since: bigint;
  readonly end: bigint;
}

export interface FetchedLog {
  readonly id: string;
  readonly span: Span;
  transactions(): AsyncIterable<Transaction>;
  /** The same, with what the server applied of others in between and before, in the order of its log. */
  everything(): AsyncIterable<Transaction>;
  /** Whether something of that domain was applied behind the first of its own; read quickly. */
  hasBehind(domain: number): Promise<boolean>;
  /** Known once something was read. */
  format(): LogFormat;
}

/** The newest file of the log that begins no later than wanted. */
async function firstFile(server: Server, span: Span): Promise<string> {
  const files = (await server.rows('SHOW BINARY LOGS')).map((row) => row['Log_name'] ?? '').reverse();
  for (const file of files) {
    const events = await server.rows('SHOW BINLOG EVENTS IN ? LIMIT 3', [file]);
    const list = events.find((row) => row['Event_type'] === 'Gtid_list')?.['Info'] ?? '[]';
    const begun = inDomain(parseGtids(list.replaceAll(/[[\]]/g, '')), span.domain)?.seq ?? 0n;
    if (begun <= span.since) return file;
  }
  throw new DatabaseFailed(`${server.side.name}: its log no longer reaches back to what the other has applied.`);
}

async function* read(folder: string, format: (found: LogFormat) => void, wanted: Wanted): AsyncGenerator<Transaction> {
  for (const file of (await readdir(folder)).sort())
    yield* transactionsOf(createReadStream(join(folder, file), { highWaterMark: 1 << 20 }), format, { wanted });
}

/** Throws DatabaseFailed when the log ends before it should: what is not read is not judged. */
async function* whole(log: AsyncIterable<Transaction>, id: string, { since, end }: Span): AsyncGenerator<Transaction> {
  let newest = since;
  for await (const one of log) {
    newest = one.gtid.seq;
    yield one;
  }
  if (newest < end) throw new DatabaseFailed(`${id}: its log was read up to ${newest}, and goes to ${end}.`);
}

async function fetchLog(server: Server, span: Span, folder: string): Promise<FetchedLog> {
  if (span.end > span.since) await saveLog(server.side, await firstFile(server, span), folder);
  let found: LogFormat | undefined;
  const only = (wanted: Wanted): AsyncGenerator<Transaction> =>
    read(
      folder,
      (one) => {
        found = one;
      },
      wanted,
    );
  const isInside = ({ seq }: Gtid): boolean => seq > span.since && seq <= span.end;
  return {
    ...{ id: server.side.id, span },
    transactions: () =>
      whole(
        only((gtid) => gtid.domain === span.domain && isInside(gtid)),
        server.side.id,
        span,
      ),
    everything: () => only((gtid) => gtid.domain !== span.domain || isInside(gtid)),
    async hasBehind(domain) {
      let hasBegun = false;
      let isBehind = false;
      const none = only((gtid) => {
        hasBegun ||= gtid.domain === span.domain && isInside(gtid);
        isBehind ||= hasBegun && gtid.domain === domain;
        return false;
      });
      for await (const _one of none);
      return isBehind;
    },
    format() {
      if (found === undefined) throw new RangeError('nothing of the log was read');
      return found;
    },
  };
}

/** What one pass has fetched: the look and the carrying read the same files. */
export interface Shelf {
  /** An empty part fetches nothing. */
  log(server: Server, span: Span): Promise<FetchedLog>;
}

/** Runs `work` with a shelf below `parent`; its files are gone afterwards. */
export async function withShelf<T>(parent: string, work: (shelf: Shelf) => Promise<T>): Promise<T> {
  const kept = new Map<string, Promise<FetchedLog>>();
  const folders: string[] = [];
  const fetched = async (server: Server, span: Span): Promise<FetchedLog> => {
    const folder = await mkdtemp(join(parent, 'log-'));
    folders.push(folder);
    return await fetchLog(server, span, folder);
  };
  try {
    return await work({
      log(server, span) {
        const name = `${server.side.id} ${span.since} ${span.end}`;
        const log = kept.get(name) ?? fetched(server, span);
        kept.set(name, log);
        return log;
      },
    });
  } finally {
    await Promise.allSettled(kept.values());
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
}

/** The sequence number of a domain in a position; 0: nothing of it. */
export function seqOf(position: readonly Gtid[], domain: number): bigint {
  return inDomain(position, domain)?.seq ?? 0n;
}
