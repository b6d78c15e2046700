/**
 * Customers' transactions that hold a row for which replication waits. While it waits, nothing of anybody arrives; after ten
 * such waits the server would stop replication altogether.
 */
import { DatabaseFailed } from '../model.ts';
import type { Server } from './connect.ts';

/** When each session was first seen to be waited for, by this node's clock. */
export type HoldUps = Map<string, number>;

/** So long replication waits for somebody's row. */
const mostWaitMs = 30_000;

const holders = `SELECT DISTINCT p.id AS i, p.user AS u FROM information_schema.innodb_lock_waits w
  JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id
  JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id
  JOIN information_schema.processlist s ON s.id = r.trx_mysql_thread_id
  JOIN information_schema.processlist p ON p.id = b.trx_mysql_thread_id
  WHERE s.user = 'system user' AND p.user NOT IN ('system user', SUBSTRING_INDEX(CURRENT_USER(), '@', 1))`;

/** Ends those that were waited for too long, and answers whose they were. */
export async function endHoldUps(server: Server, seen: HoldUps, now: number): Promise<readonly string[]> {
  const found = new Map((await server.rows(holders)).map((row) => [row['i'] ?? '', row['u'] ?? '']));
  for (const id of seen.keys()) if (!found.has(id)) seen.delete(id);
  const ended: string[] = [];
  for (const [id, user] of found) {
    const since = seen.get(id) ?? now;
    seen.set(id, since);
    if (now - since < mostWaitMs) continue;
    try {
      await server.rows(`KILL CONNECTION ${Number(id)}`);
    } catch (error) {
      // It has ended by itself meanwhile.
      if (!(error instanceof DatabaseFailed)) throw error;
    }
    seen.delete(id);
    ended.push(user);
  }
  return ended;
}
