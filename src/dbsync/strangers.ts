/**
 * Writes where an account is not to be written: each master's log is read once a minute for transactions of its own in
 * databases whose writer is the other one. Only table names are looked at. Nothing is stopped: people are told.
 */
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { transactionsOf } from './conflicts/events.ts';
import type { WriterOf } from './conflicts/model.ts';
import { oneValue } from './mariadb/apply-context.ts';
import type { Server } from './mariadb/connect.ts';
import { saveLog } from './mariadb/programs.ts';
import { isLocalSchema } from './mariadb/settings.ts';
import { DatabaseAway } from './model.ts';
import type { Warning } from './plan.ts';
import { accountOf } from './writers.ts';

/** A place in a server's log. */
interface Place {
  readonly file: string;
  readonly at: number;
}

interface Written {
  readonly account: string;
  readonly on: string;
  readonly wanted: string;
  readonly databases: Set<string>;
  transactions: number;
  /** Milliseconds since 1970. */
  last: number;
}

export interface StrangersMemory {
  readAt: number;
  readonly places: Map<string, Place>;
  readonly written: Map<string, Written>;
}

/** Nothing was read yet; the first reading only notes where the logs end. */
export function newStrangersMemory(): StrangersMemory {
  return { readAt: Number.NEGATIVE_INFINITY, places: new Map(), written: new Map() };
}

export interface StrangersDeps {
  readonly servers: readonly [Server, Server];
  /** Folder for parts of the logs on their way. */
  readonly folder: string;
  readonly clock: Clock;
  readonly writerOf: WriterOf;
}

const readEveryMs = 60_000;
/** So long it is told after the last such write. */
const keepMs = 15 * 60_000;

async function endOf(server: Server): Promise<Place> {
  const [row] = await server.rows('SHOW MASTER STATUS');
  return { file: row?.['File'] ?? '', at: Number(row?.['Position'] ?? 0) };
}

function take(deps: StrangersDeps, memory: StrangersMemory, on: string, database: string, at: number): void {
  const wanted = isLocalSchema(database) ? undefined : deps.writerOf(database);
  if (wanted === undefined || wanted === on) return;
  const account = accountOf(database);
  const key = `${account} ${on}`;
  const known = memory.written.get(key) ?? { account, on, wanted, databases: new Set(), transactions: 0, last: 0 };
  known.databases.add(database);
  known.transactions += 1;
  known.last = Math.max(known.last, at * 1000);
  memory.written.set(key, known);
}

/** The databases of each of the server's own transactions in a folder of log files. */
async function* ownDatabases(
  folder: string,
  domain: number,
): AsyncGenerator<{ readonly at: number; readonly databases: ReadonlySet<string> }> {
  for (const file of (await readdir(folder)).sort())
    for await (const one of transactionsOf(createReadStream(join(folder, file)), () => {}, { rows: false }))
      if (one.gtid.domain === domain)
        yield { at: one.at, databases: new Set(one.rows.map((event) => event.table.database)) };
}

/**
 * Where reading goes on: a log that was begun anew, or whose older files are gone, is read from its beginning. Undefined:
 * nothing is new.
 */
async function nextPlace(server: Server, begin: Place, end: Place): Promise<Partial<Place> | undefined> {
  if (begin.file === end.file && begin.at === end.at) return undefined;
  const files = await server.rows('SHOW BINARY LOGS');
  const known = files.find((row) => row['Log_name'] === begin.file);
  if (known !== undefined && Number(known['File_size']) >= begin.at) return begin;
  return { file: files[0]?.['Log_name'] ?? end.file };
}

async function readServer(deps: StrangersDeps, memory: StrangersMemory, server: Server): Promise<void> {
  const { id } = server.side;
  const end = await endOf(server);
  const begin = memory.places.get(id);
  // Should it fail, the next reading begins where the log ends now: the same place would fail for ever.
  memory.places.set(id, end);
  const next = begin === undefined ? undefined : await nextPlace(server, begin, end);
  if (next === undefined) return;
  const domain = Number(await oneValue(server, 'SELECT @@GLOBAL.gtid_domain_id'));
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(deps.folder, 'look-'));
  try {
    await saveLog(server.side, next.file ?? end.file, folder, next.at);
    for await (const one of ownDatabases(folder, domain))
      for (const database of one.databases) take(deps, memory, id, database, one.at);
  } catch (error) {
    if (error instanceof DatabaseAway && begin !== undefined) memory.places.set(id, begin);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads what both logs have new, once a minute; answers whether it did. Throws DatabaseAway, and the next reading goes on there; or DatabaseFailed, and it goes on from now. */
export async function lookForStrangers(deps: StrangersDeps, memory: StrangersMemory): Promise<boolean> {
  const now = deps.clock.now();
  if (now - memory.readAt < readEveryMs) return false;
  memory.readAt = now;
  for (const server of deps.servers) await readServer(deps, memory, server);
  for (const [key, one] of memory.written) if (now - one.last > keepMs) memory.written.delete(key);
  return true;
}

/** What people are told, by account and master. */
export function strangerWarnings(memory: StrangersMemory, name: (id: string) => string): readonly Warning[] {
  return [...memory.written.values()].map((one) => ({
    code: `db.writer.${one.account}.${one.on}`,
    sentence: `${name(one.on)} was written to in ${[...one.databases].join(', ')} (${one.transactions} transactions, the last at ${new Date(one.last).toISOString()}), although ${one.account} writes on ${name(one.wanted)}. Look for what still uses ${name(one.on)}; tandem db writers ${one.account} both allows it.`,
  }));
}
