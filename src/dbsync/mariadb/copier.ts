/**
 * Who reads a copy's tables: an account for this copy alone, which may read these databases and run nothing. A customer may
 * put a view in a table's place while it is copied, and what a view calls can run with its reader's rights.
 */
import { randomBytes } from 'node:crypto';
import { DatabaseAway, DatabaseFailed, type Side } from '../model.ts';
import { sqlName } from '../repair/columns.ts';
import { newPassword, oneValue } from './apply-context.ts';
import { type Server, unlogged } from './connect.ts';
import { whileReachable } from './patience.ts';

const prefix = 'tandem_copy_';
const lookEveryMs = 5000;
/** So long a copy waits for a lock that a customer holds on a table. */
const mostWaitSeconds = 60;
/** A copy connects once, at its beginning. */
const leftAfterSeconds = 600;

/** Letters that a grant's pattern may have. */
const longest = 64;

/** A database's name where a grant takes a pattern. One that grows too long by it may also stand for its likes. */
function pattern(name: string): string {
  const exact = name.replaceAll(/[\\_%]/g, '\\$&');
  return sqlName(exact.length > longest ? name : exact);
}

/** Removes accounts of copies that a kill ended. */
async function tidy(server: Server): Promise<void> {
  const left = await server.rows(
    `SELECT User AS u, Host AS h FROM mysql.global_priv WHERE LEFT(User, ?) = ?
      AND JSON_VALUE(Priv, '$.password_last_changed') < UNIX_TIMESTAMP() - ?
      AND User NOT IN (SELECT user FROM information_schema.processlist)`,
    [prefix.length, prefix, leftAfterSeconds],
  );
  await unlogged(server, async (session) => {
    for (const row of left) await session.rows('DROP USER IF EXISTS ?@?', [row['u'], row['h']]);
  });
}

/** Ends the copy's session where it waits too long for a lock, and answers that the server can be reached. */
async function isReachable(server: Server, user: string, ended: () => void): Promise<boolean> {
  try {
    const stuck = await server.rows(
      "SELECT id AS i FROM information_schema.processlist WHERE user = ? AND state LIKE 'Waiting for table%' AND time > ?",
      [user, mostWaitSeconds],
    );
    for (const row of stuck) {
      ended();
      await server.rows(`KILL CONNECTION ${Number(row['i'])}`);
    }
    return true;
  } catch (error) {
    if (error instanceof DatabaseAway) return false;
    // It ended by itself between the two statements.
    if (error instanceof DatabaseFailed) return true;
    throw error;
  }
}

/** Runs `work` with such an account. `position`: it may also ask for the place in the log. */
export async function withCopier<T>(
  server: Server,
  databases: readonly string[],
  position: boolean,
  work: (side: Side) => Promise<T>,
): Promise<T> {
  await tidy(server);
  const user = `${prefix}${randomBytes(6).toString('hex')}`;
  const password = newPassword();
  const who = [user, (await oneValue(server, 'SELECT USER()')).replace(/^.*@/s, '')];
  let isStuck = false;
  await unlogged(server, async (session) => {
    await session.rows('CREATE USER ?@? IDENTIFIED BY ?', [...who, password]);
    for (const name of databases) await session.rows(`GRANT SELECT ON ${pattern(name)}.* TO ?@?`, who);
    if (position) await session.rows('GRANT BINLOG MONITOR ON *.* TO ?@?', who);
  });
  const { side } = server;
  try {
    return await whileReachable(
      work({ ...side, access: { ...side.access, user, password } }),
      {
        everyMs: lookEveryMs,
        isReachable: () =>
          isReachable(server, user, () => {
            isStuck = true;
          }),
      },
      () => undefined,
      () => new DatabaseAway(`${side.name}: MariaDB can no longer be reached.`),
    );
  } catch (error) {
    throw isStuck
      ? new DatabaseFailed(`${side.name}: a table is locked by somebody else for more than ${mostWaitSeconds} s.`, {
          cause: error,
        })
      : error;
  } finally {
    await unlogged(server, (session) => session.rows('DROP USER IF EXISTS ?@?', who));
  }
}
