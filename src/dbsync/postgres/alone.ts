/** Who may change what is carried: one process at a time. */
import { Refused } from '../../errors.ts';
import { maintenance, oneValue, type PgServer, type Session } from './connect.ts';

const lockKey = 7_823_605_118;

/** Another process changes the pair just now. */
export class PairBusy extends Refused {}

const holders = `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_roles r ON r.oid = a.usesysid
  WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32) + l.objid::bigint = ${lockKey} AND NOT r.rolsuper`;

/** Anybody who may connect can take the lock: who is no superuser is no Tandem, and is ended. Answers whether it is had. */
async function tryLock(session: Session): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    if ((await oneValue(session, `SELECT pg_try_advisory_lock(${lockKey})::text`)) === 'true') return true;
    const ended = await session.rows(holders);
    if (ended.length === 0 || tries >= 50) return false;
    await session.rows('SELECT pg_sleep(0.1)');
  }
}

/**
 * Runs `work` while this process alone changes the pair: a lock on both servers that ends with its connection. Throws
 * PairBusy.
 */
export async function alonePg<T>(servers: readonly PgServer[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = servers;
  if (first === undefined) return await work();
  return await first.in(maintenance, async (session) => {
    if (!(await tryLock(session)))
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
    await session.rows(holders);
    await session.rows(`SELECT pg_advisory_lock(${lockKey})`);
    return await work();
  });
}
