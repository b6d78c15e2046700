/**
 * A whole database from one server to the other, while the source goes on serving. It is filled under another name and
 * takes the old one's place in one transaction; the old one is backed up before and dropped afterwards.
 */
import { join } from 'node:path';
import { DatabaseFailed, type Row } from '../model.ts';
import { maintenance, oneValue, type PgServer, type Session, sqlName, sqlText } from './connect.ts';
import { dropSlot, type LinkDeps } from './link.ts';
import { loadingCode } from './loading-code.ts';
import type { PgDatabase } from './model.ts';
import { fillingName, replacedName, slotName } from './names.ts';
import { dumpPg, loadPg } from './programs.ts';

/** Whether the database holds anything of a customer's. */
export async function isEmptyDatabase(server: PgServer, database: string): Promise<boolean> {
  return await server.in(database, async (session) => {
    const count = await oneValue(
      session,
      `SELECT ((SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'tandemsync')
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
        + (SELECT COUNT(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'tandemsync')
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
        + (SELECT COUNT(*) FROM pg_largeobject_metadata))::text`,
    );
    return count === '0';
  });
}

async function exists(server: PgServer, name: string): Promise<boolean> {
  return await server.in(
    maintenance,
    async (session) => (await oneValue(session, 'SELECT 1 FROM pg_database WHERE datname = $1', [name])) === '1',
  );
}

async function endSessions(server: PgServer, name: string): Promise<void> {
  await server.in(maintenance, (session) =>
    session.rows(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
      [name],
    ),
  );
}

/** Drops a database of our own naming. */
export async function dropLeftover(server: PgServer, name: string): Promise<void> {
  if (!name.startsWith('tandem_')) throw new RangeError(`${name} is not ours to drop`);
  if (!(await exists(server, name))) return;
  await endSessions(server, name);
  await server.in(maintenance, (session) => session.rows(`DROP DATABASE ${sqlName(name)}`));
}

/**
 * Makes a database like another one; nobody but administrators may connect until `open` is called. Where rows are loaded
 * into it, it is Tandem's until then: its owner could let himself in, and have a trigger run while they are.
 */
async function makeLike(server: PgServer, name: string, like: PgDatabase, whose: 'its' | 'ours'): Promise<void> {
  const owner = await server.in(maintenance, (session) =>
    oneValue(session, 'SELECT 1 FROM pg_roles WHERE rolname = $1', [like.owner]),
  );
  if (owner === '')
    throw new DatabaseFailed(`${server.side.name} has no database user ${like.owner}, who owns ${like.name}.`, {
      hint: 'Make the user on both masters through Tandem or cPanel, then run this again.',
    });
  await server.in(maintenance, (session) =>
    session.rows(
      `CREATE DATABASE ${sqlName(name)} ${whose === 'its' ? `OWNER ${sqlName(like.owner)}` : ''} TEMPLATE template0 ENCODING ${sqlText(like.encoding)}
        LC_COLLATE ${sqlText(like.collate)} LC_CTYPE ${sqlText(like.ctype)} CONNECTION LIMIT 0`,
    ),
  );
}

/** Makes an empty database like another one, for its owner. */
export async function makeEmpty(server: PgServer, like: PgDatabase): Promise<void> {
  await makeLike(server, like.name, like, 'its');
  await open(server, like.name);
}

/** Rights and settings of the database itself, from `model` as `from` has it. */
async function giveRights(to: PgServer, name: string, from: PgServer, model: string): Promise<void> {
  const rights = await from.in(maintenance, (session) =>
    session.rows(
      `SELECT x.privilege_type AS right, COALESCE(r.rolname, '') AS who, x.is_grantable::text AS grants
        FROM pg_database d, aclexplode(d.datacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee WHERE d.datname = $1 AND d.datacl IS NOT NULL`,
      [model],
    ),
  );
  await to.in(maintenance, async (session) => {
    if (rights.length > 0) await session.rows(`REVOKE ALL ON DATABASE ${sqlName(name)} FROM PUBLIC`);
    for (const row of rights) await grantOn(session, name, row);
  });
}

async function grantOn(session: Session, name: string, row: Row): Promise<void> {
  const who = row['who'] ?? '';
  // A user that is on one master only is told of elsewhere.
  if (who !== '' && (await oneValue(session, 'SELECT 1 FROM pg_roles WHERE rolname = $1', [who])) === '') return;
  const option = row['grants'] === 'true' ? ' WITH GRANT OPTION' : '';
  const to = who === '' ? 'PUBLIC' : sqlName(who);
  await session.rows(`GRANT ${row['right'] ?? ''} ON DATABASE ${sqlName(name)} TO ${to}${option}`);
}

/** Lets customers in. */
export async function open(server: PgServer, name: string): Promise<void> {
  await server.in(maintenance, (session) => session.rows(`ALTER DATABASE ${sqlName(name)} CONNECTION LIMIT -1`));
}

/** Backs up what a server has of a database, unless it has nothing. Answers the place. */
export async function backUpPg(
  deps: Pick<LinkDeps, 'folder' | 'tell'>,
  server: PgServer,
  name: string,
): Promise<string | undefined> {
  if (await isEmptyDatabase(server, name)) return undefined;
  const file = join(await deps.folder.backup(server.side.id), `${name}.pgdump`);
  await dumpPg(server.side, name, file);
  deps.tell(`${server.side.name}: backup of ${name}: ${file}`);
  return file;
}

/**
 * Rows are loaded by a superuser, and with them would run what a customer wrote. Throws DatabaseFailed with the places;
 * nothing was loaded then.
 */
async function refuseForeignCode(to: PgServer, filling: string, name: string): Promise<void> {
  const places = await to.in(filling, (session) => oneValue(session, loadingCode));
  if (places === '') return;
  throw new DatabaseFailed(
    `${name} is not copied: loading its rows would run functions of its users as a superuser: ${places}.`,
    {
      hint: `Load a dump on ${to.side.name} as the owner of ${name}, then: tandem db postgres carry ${name}`,
    },
  );
}

async function swap(deps: LinkDeps, server: PgServer, like: PgDatabase, hasOld: boolean): Promise<void> {
  const { name } = like;
  const [filling, replaced] = [fillingName(name), replacedName(name)];
  if (hasOld)
    await server.in(maintenance, (session) => session.rows(`ALTER DATABASE ${sqlName(name)} CONNECTION LIMIT 0`));
  for (let tries = 1; ; tries++) {
    if (hasOld) await endSessions(server, name);
    try {
      await server.transaction(maintenance, async (session) => {
        if (hasOld) await session.rows(`ALTER DATABASE ${sqlName(name)} RENAME TO ${sqlName(replaced)}`);
        await session.rows(`ALTER DATABASE ${sqlName(filling)} RENAME TO ${sqlName(name)}`);
        await session.rows(`ALTER DATABASE ${sqlName(name)} OWNER TO ${sqlName(like.owner)}`);
      });
      return;
    } catch (error) {
      // A session that is ending is still counted for a moment.
      if (!(error instanceof DatabaseFailed) || !/being accessed/.test(error.message) || tries >= 10) throw error;
      await deps.clock.sleep(300);
    }
  }
}

/**
 * Replaces `name` on `to` by what `from` had at the snapshot. `to` must not be in replication any more. Afterwards
 * customers are kept out until `open`.
 */
export async function replaceDatabase(
  deps: LinkDeps,
  from: PgServer,
  to: PgServer,
  like: PgDatabase,
  snapshot: string,
): Promise<void> {
  const { name } = like;
  const [filling, replaced] = [fillingName(name), replacedName(name)];
  await dropLeftover(to, filling);
  const file = join(deps.folder.seeds, `${from.side.id}-${filling}.pgdump`);
  await dumpPg(from.side, name, file, { snapshot });
  deps.crash('dbsync.pg-copied');
  await makeLike(to, filling, like, 'ours');
  await loadPg(to.side, filling, file, () => refuseForeignCode(to, filling, name));
  deps.crash('dbsync.pg-loaded');
  const hasOld = await exists(to, name);
  if (hasOld) await backUpPg(deps, to, name);
  await giveRights(to, filling, hasOld ? to : from, name);
  if (hasOld) await dropSlot(to, deps.clock, slotName(from.side.id, name));
  await dropLeftover(to, replaced);
  await swap(deps, to, like, hasOld);
  deps.crash('dbsync.pg-swapped');
  await dropLeftover(to, replaced);
}
