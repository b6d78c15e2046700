/** What the steps of a setup work with. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { ownSchema } from '../model.ts';
import { type Server, type Session, unlogged } from './connect.ts';
import type { Folder } from './folder.ts';
import { formatGtids, type Gtid, parseGtids } from './gtid.ts';
import type { Mark } from './model.ts';
import type { Step } from './steps.ts';

/** A step of one kind. */
export type Of<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** What applying works with, and what it remembers between steps of one run. */
export interface ApplyContext {
  readonly servers: Readonly<Record<string, Server>>;
  readonly folder: Folder;
  readonly clock: Clock;
  readonly tell: (sentence: string) => void;
  /** Called between steps; tests kill here. */
  readonly crash: (point: string) => void;
  /** Whether a whole pair's rows that both changed are decided before it is started. */
  readonly decides: boolean;
  /** 'm1→m2' → the position of the copy. */
  readonly copied: Map<string, readonly Gtid[]>;
  /** Masters whose logs were begun anew in this run. */
  readonly reset: Set<string>;
  /** Masters whose catching up meets rows that it has already. */
  readonly overlapping: Set<string>;
  readonly restarted: Set<string>;
  readonly restartBy: string[];
}

/** The server of a master. */
export function serverOf(context: ApplyContext, id: string): Server {
  const server = context.servers[id];
  if (server === undefined) throw new RangeError(`no master is called ${id}`);
  return server;
}

/** The other server of the pair. */
export function peerOf(context: ApplyContext, id: string): Server {
  const other = Object.values(context.servers).find((one) => one.side.id !== id);
  if (other === undefined) throw new RangeError('a pair has two masters');
  return other;
}

/** One value of one row. */
export async function oneValue(session: Session, sql: string, values: readonly unknown[] = []): Promise<string> {
  const [row] = await session.rows(sql, values);
  return Object.values(row ?? {})[0] ?? '';
}

/** The server's own log position. */
export async function binlogPosition(session: Session): Promise<readonly Gtid[]> {
  return parseGtids(await oneValue(session, 'SELECT @@GLOBAL.gtid_binlog_pos'));
}

/**
 * Where a stopped server begins. Strict mode refuses a place behind one's own log, although a server passes over what it
 * wrote itself; it is off meanwhile.
 */
export async function beginAt(server: Server, position: readonly Gtid[]): Promise<void> {
  await server.rows('SET GLOBAL gtid_strict_mode = OFF');
  try {
    await server.rows('SET GLOBAL gtid_slave_pos = ?', [formatGtids(position)]);
  } finally {
    await server.rows('SET GLOBAL gtid_strict_mode = ON');
  }
}

/** Writes how far the pair has come, on this server only. */
export function setMark(server: Server, mark: Mark): Promise<void> {
  return unlogged(server, async (session) => {
    await session.rows('REPLACE INTO ??.local_mark (name, value) VALUES (?, ?)', [
      ...[ownSchema, 'pair', JSON.stringify(mark)],
    ]);
  });
}

/** Waits until `done` says yes. Answers false when the time is over. */
export async function until(clock: Clock, limitMs: number, done: () => Promise<boolean>): Promise<boolean> {
  const end = clock.now() + limitMs;
  for (;;) {
    if (await done()) return true;
    if (clock.now() >= end) return false;
    await clock.sleep(100);
  }
}

/** A password that nobody has to type: 24 random bytes. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
