/** Copying one database anew, by hand. */
import { Refused } from '../../errors.ts';
import { carryDatabase } from './carry.ts';
import { maintenance, oneValue, type PgServer } from './connect.ts';
import { isEmptyDatabase } from './copy.ts';
import { type LinkDeps, otherOf } from './link.ts';
import { noteNames } from './model.ts';
import { sqlText } from './sql-text.ts';
import { pgGlance } from './watch.ts';

/** Whether a database is known to a server by this name. */
export async function hasDatabase(server: PgServer, database: string): Promise<boolean> {
  return await server.in(
    maintenance,
    async (session) =>
      (await oneValue(session, `SELECT 1 FROM pg_database WHERE datname = ${sqlText(database)}`)) === '1',
  );
}

/** Copies a database anew from one master; see `carryDatabase`. What the other has is backed up first. */
export async function reseedPg(
  deps: LinkDeps,
  source: PgServer,
  database: string,
  evenIfSmaller: boolean,
): Promise<void> {
  const target = otherOf(deps.servers, source);
  if (!(await hasDatabase(source, database))) throw new Refused(`${source.side.name} has no database ${database}.`);
  const left = (await pgGlance(source)).notes[noteNames.filling(database)];
  if (left !== undefined)
    throw new Refused(`${database} on ${source.side.name} is itself being filled and may be half of it.`, {
      hint: 'Take the other master as the source, or finish that reseed first.',
    });
  if (!evenIfSmaller && (await hasDatabase(target, database)) && (await shrinks(source, target, database)))
    throw new Refused(`${database} holds much more on ${target.side.name} than on ${source.side.name}.`, {
      hint: 'If it is meant so, say --even-if-smaller.',
    });
  await carryDatabase(deps, database, { from: source.side.id, anew: true });
}

async function shrinks(source: PgServer, target: PgServer, database: string): Promise<boolean> {
  const size = async (server: PgServer): Promise<number> =>
    Number(
      await server.in(maintenance, (session) => oneValue(session, 'SELECT pg_database_size($1)::text', [database])),
    );
  const [empty, emptyThere] = [await isEmptyDatabase(source, database), await isEmptyDatabase(target, database)];
  if (empty && !emptyThere) return true;
  // An empty database has about 8 MB of the server's own tables.
  const own = 9_000_000;
  return (await size(target)) - own > 1_000_000 && ((await size(source)) - own) * 2 < (await size(target)) - own;
}
