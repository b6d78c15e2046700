/** Read-only for customers, and waiting until the other master has everything. */
import type { Clock } from '../../clock.ts';
import { DatabaseFailed } from '../model.ts';
import { maintenance, oneValue, type PgServer } from './connect.ts';
import { otherOf, type PgPair } from './link.ts';
import { slotName } from './names.ts';
import { pgGlance } from './watch.ts';

/**
 * New transactions of customers read only; those that ask for a writing one themselves are not stopped by this, so
 * sessions are also ended once, and applications that do so must be stopped otherwise.
 */
export async function setPgFence(server: PgServer, on: boolean): Promise<void> {
  await server.in(maintenance, async (session) => {
    await session.rows(
      on ? 'ALTER SYSTEM SET default_transaction_read_only = on' : 'ALTER SYSTEM RESET default_transaction_read_only',
    );
    await session.rows('SELECT pg_reload_conf()');
    if (on)
      await session.rows(
        `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.rolname = a.usename
          WHERE a.backend_type = 'client backend' AND NOT r.rolsuper AND a.pid <> pg_backend_pid()`,
      );
  });
}

const stepMs = 100;

const waitMs = 60_000;

/**
 * Waits until the other master has applied and stored all that this one has written of carried databases, or of one: a
 * customer who stops his own must not keep others' from being compared.
 */
export async function pgCaughtUp(servers: PgPair, from: PgServer, clock: Clock, database?: string): Promise<void> {
  const place = await from.in(maintenance, (session) => oneValue(session, 'SELECT pg_current_wal_lsn()::text'));
  const to = otherOf(servers, from);
  const ours = slotName(to.side.id, '').slice(0, `tandem_${to.side.id}`.length);
  const end = clock.now() + waitMs;
  for (;;) {
    const behind = await from.in(maintenance, (session) =>
      oneValue(
        session,
        "SELECT string_agg(database, ', ') FROM pg_replication_slots WHERE starts_with(slot_name, $1) AND confirmed_flush_lsn < $2::pg_lsn AND database = COALESCE($3, database)",
        [ours, place, database ?? null],
      ),
    );
    if (behind === '') return;
    if (clock.now() > end)
      throw new DatabaseFailed(`${to.side.name} does not have all that ${from.side.name} wrote: ${behind}.`, {
        hint: 'See: tandem db postgres status. The role dbsync must run.',
      });
    await clock.sleep(stepMs);
  }
}

/** The same, both ways. */
export async function pgBothCaughtUp(servers: PgPair, clock: Clock, database: string): Promise<void> {
  await Promise.all(servers.map((one) => pgCaughtUp(servers, one, clock, database)));
}

/** Whether customers may write. */
export async function isPgFenced(server: PgServer): Promise<boolean> {
  return (await pgGlance(server)).readOnly;
}
