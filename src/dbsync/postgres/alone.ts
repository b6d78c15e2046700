/** Who may change what is carried: one process at a time. */
import { Refused } from '../../errors.ts';
import { maintenance, oneValue, type PgServer } from './connect.ts';

const lockKey = 7_823_605_118;

/** Another process changes the pair just now. */
export class PairBusy extends Refused {}

/**
 * Runs `work` while this process alone changes the pair: a lock on both servers that ends with its connection. Throws
 * PairBusy.
 */
export async function alonePg<T>(servers: readonly PgServer[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = servers;
  if (first === undefined) return await work();
  return await first.in(maintenance, async (session) => {
    if ((await oneValue(session, `SELECT pg_try_advisory_lock(${lockKey})`)) !== 't')
      throw new PairBusy(`${first.side.name}: another Tandem is changing this pair.`, {
        hint: 'Wait until it has ended, then try again.',
      });
    return await alonePg(rest, work);
  });
}

/**
 * Runs `work` while nobody changes the pair: waits on this server for whoever does. Throws DatabaseFailed after a
 * minute.
 */
export async function aloneOn<T>(server: PgServer, work: () => Promise<T>): Promise<T> {
  return await server.in(maintenance, async (session) => {
    await session.rows("SET lock_timeout = '60s'");
    await session.rows(`SELECT pg_advisory_lock(${lockKey})`);
    return await work();
  });
}
