/**
 * Letting databases of one server go for as long as cPanel drops or renames them there: the server refuses both while
 * a reader or an applier of ours is in.
 *
 *   noted on this server, and marked in the database itself → our sessions in it are ended until none is left
 *   → cPanel drops or renames
 *     dropped: the slot went with it; the note stays until the other server's is gone too (tidy.ts)
 *     refused: note and mark go, and carrying goes on where it was: nothing was taken apart
 *
 * Whoever connects reads the mark after it has connected and goes again. So a session that is there when none may be
 * is either seen here and ended, or sees the mark: none can slip in between.
 */
import type { Clock } from '../../clock.ts';
import { DatabaseFailed } from '../model.ts';
import { aloneOn } from './alone.ts';
import { maintenance, oneValue, type PgServer } from './connect.ts';
import { noteNames } from './model.ts';
import { isLocalDatabase, ownName } from './names.ts';
import { hasOwnNotes } from './own-sql.ts';
import { pgNote } from './watch.ts';

/** Said to a connection of ours that comes while its database is let go of. */
export class LetGo extends DatabaseFailed {}

const markName = 'leaving';

/** SQL that answers the mark, NULL without it. */
export const leavingMark = `SELECT value FROM ${ownName}.local_mark WHERE name = '${markName}'`;

async function setMark(server: PgServer, database: string, value: string | undefined): Promise<void> {
  await server.in(database, async (session) => {
    if (!(await hasOwnNotes(session))) return;
    await session.rows(`DELETE FROM ${ownName}.local_mark WHERE name = '${markName}'`);
    if (value !== undefined)
      await session.rows(`INSERT INTO ${ownName}.local_mark (name, value) VALUES ('${markName}', $1)`, [value]);
  });
}

async function oidOf(server: PgServer, database: string): Promise<string> {
  return await server.in(maintenance, (session) =>
    oneValue(session, 'SELECT oid::text FROM pg_database WHERE datname = $1', [database]),
  );
}

const goneMs = 15_000;

/** Ends what Tandem has open in the database, whoever of its processes it is. */
async function endSessions(server: PgServer, database: string, clock: Clock): Promise<void> {
  const end = clock.now() + goneMs;
  for (;;) {
    const left = await server.in(maintenance, (session) =>
      session.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = $1 AND usename = current_user AND application_name ~ '^tandem(_|$)' AND pid <> pg_backend_pid()`,
        [database],
      ),
    );
    if (left.length === 0) return;
    if (clock.now() > end)
      throw new DatabaseFailed(`${server.side.name}: Tandem's own sessions in ${database} do not end.`);
    await clock.sleep(50);
  }
}

async function begin(server: PgServer, database: string, clock: Clock): Promise<string | undefined> {
  const oid = await oidOf(server, database);
  if (oid === '' || isLocalDatabase(database)) return undefined;
  const value = `${oid} ${clock.now()}`;
  await pgNote(server, noteNames.leaving(database), value);
  await setMark(server, database, value);
  await endSessions(server, database, clock);
  return oid;
}

/** Takes note and mark away: it is carried again where it was. */
export async function stay(server: PgServer, database: string): Promise<void> {
  if ((await oidOf(server, database)) !== '') await setMark(server, database, undefined);
  await pgNote(server, noteNames.leaving(database), undefined);
}

async function nameOf(server: PgServer, oid: string): Promise<string> {
  return await server.in(maintenance, (session) =>
    oneValue(session, 'SELECT datname::text FROM pg_database WHERE oid = $1::oid', [oid]),
  );
}

/** The call is over. A name that was lost stays noted as lost, though the same database may bear it again later. */
async function ended(server: PgServer, database: string, oid: string, clock: Clock): Promise<void> {
  const now = await nameOf(server, oid);
  if (now !== '') await setMark(server, now, undefined);
  await pgNote(server, noteNames.leaving(database), now === database ? undefined : `gone ${clock.now()}`);
}

/** What was let go of; `settle` is told afterwards whether the call may still be at work. */
export interface Left {
  settle(mayGoOn: boolean): Promise<void>;
}

/** Lets databases of this server go. Names that it has not are passed over. */
export async function letGo(server: PgServer, databases: readonly string[], clock: Clock): Promise<Left> {
  const hasOwn = (await oidOf(server, ownName)) !== '';
  const left = new Map<string, string>();
  if (hasOwn && databases.length > 0)
    // What begins to be carried just now must have ended: it would make or fill the database anew.
    await aloneOn(server, async () => {
      for (const database of databases) {
        const oid = await begin(server, database, clock);
        if (oid !== undefined) left.set(database, oid);
      }
    });
  return {
    async settle(mayGoOn) {
      if (mayGoOn) return;
      for (const [database, oid] of left) await ended(server, database, oid, clock);
    },
  };
}
