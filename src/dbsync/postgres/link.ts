/**
 * One database, both ways. Each master keeps a slot from which the other gets what it writes, beginning at a place.
 * Places are exact: a slot begins with a snapshot, and what is compared or copied is read in that snapshot, while
 * everybody goes on writing:
 *
 *   own objects on both → slots on both, each with a snapshot → compared in the snapshots
 *     equal, or both empty → places noted, carried from the slots' beginnings
 *     one of them empty, or --from → copied from the snapshot into a new database, which takes the other's place
 *     different → the slots go again; nothing was changed
 *
 * Killed anywhere, it is looked at again: slots without origins are begun anew, a half-filled database is under
 * another name and is thrown away.
 */
import type { Clock } from '../../clock.ts';
import { Refused } from '../../errors.ts';
import type { Folder } from '../mariadb/folder.ts';
import { DatabaseFailed, type Row, type Side } from '../model.ts';
import { codeOf, maintenance, oneValue, type PgServer, type Session } from './connect.ts';
import { ownName, publicationName, shortHash, slotName } from './names.ts';
import { ownObjects } from './own.ts';
import { claimSchema, foreignOwner, hasOwnNotes, lateTriggers } from './own-sql.ts';
import { sqlName, sqlText } from './sql-text.ts';

export type PgPair = readonly [PgServer, PgServer];

export interface LinkDeps {
  readonly servers: PgPair;
  readonly folder: Folder;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  /** Called between steps; tests kill here. */
  readonly crash: (point: string) => void;
}

/** The other server of the pair. */
export function otherOf(servers: PgPair, one: PgServer): PgServer {
  return servers[0] === one ? servers[1] : servers[0];
}

/** What was changed in a database for being carried, by the objects' names: a copy brings it along. */
export interface Changed {
  /** Sequences with their increment before they were split. */
  readonly sequences: readonly (readonly [string, string])[];
  /** Tables whose rows are told apart by all columns. */
  readonly full: readonly string[];
}

/** Reads that from a database that is prepared. */
export async function changedIn(server: PgServer, database: string): Promise<Changed> {
  return await server.in(database, async (session) => {
    const sequences = await session.rows(
      `SELECT s.seq::regclass::text AS name, s.increment::text AS increment FROM ${ownName}.split s JOIN pg_class c ON c.oid = s.seq`,
    );
    const full = await session.rows(
      `SELECT m.rel::regclass::text AS name FROM ${ownName}.made_full m JOIN pg_class c ON c.oid = m.rel`,
    );
    return {
      sequences: sequences.map((row) => [row['name'] ?? '', row['increment'] ?? '1'] as const),
      full: full.map((row) => row['name'] ?? ''),
    };
  });
}

/** What of our own objects an earlier release made is told from this one's by a sum of their text. */
async function makeObjects(session: Session, { name, number }: Side): Promise<void> {
  await claimSchema(session, name);
  await session.rows(ownObjects(number));
  await session.rows(
    `INSERT INTO ${ownName}.local_mark (name, value) VALUES ('objects', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [shortHash(ownObjects(number))],
  );
}

/** Makes our own objects this release's, in a database that is carried. */
export async function renewObjects(server: PgServer, database: string): Promise<void> {
  const has = await server.in(database, (session) =>
    oneValue(session, `SELECT value FROM ${ownName}.local_mark WHERE name = 'objects'`),
  );
  if (has !== shortHash(ownObjects(server.side.number)))
    await server.transaction(database, (session) => makeObjects(session, server.side));
}

/** Our own objects and the publication in a database of one server. */
export async function prepareDatabase(server: PgServer, database: string, changed?: Changed): Promise<void> {
  await server.transaction(database, async (session) => {
    await makeObjects(session, server.side);
    for (const [name, increment] of changed?.sequences ?? [])
      await session.rows(
        `INSERT INTO ${ownName}.split SELECT to_regclass($1)::oid, $2::bigint WHERE to_regclass($1) IS NOT NULL ON CONFLICT DO NOTHING`,
        [name, increment],
      );
    for (const name of changed?.full ?? [])
      await session.rows(
        `INSERT INTO ${ownName}.made_full SELECT to_regclass($1)::oid WHERE to_regclass($1) IS NOT NULL ON CONFLICT DO NOTHING`,
        [name],
      );
    await session.rows(`SELECT ${ownName}.adopt()`);
    const late = await oneValue(session, lateTriggers);
    if (late !== '')
      throw new DatabaseFailed(
        `${server.side.name}: trigger ${late} fires when a transaction ends and is ENABLE ALWAYS or REPLICA: it would run with Tandem's rights.`,
        { hint: 'Let its owner say ALTER TABLE … ENABLE TRIGGER …' },
      );
    const has = await oneValue(session, 'SELECT 1 FROM pg_publication WHERE pubname = $1 AND puballtables', [
      publicationName,
    ]);
    if (has === '') await session.rows(`CREATE PUBLICATION ${sqlName(publicationName)} FOR ALL TABLES`);
  });
}

/** A slot's beginning, and the snapshot of that moment for as long as `work` runs. */
export interface Beginning {
  readonly lsn: string;
  readonly snapshot: string;
  /** The sender's clock right before, microseconds since 2000. */
  readonly at: string;
}

const goneMs = 15_000;

/** Drops a slot of ours; its reader may be going just now. */
export async function dropSlot(server: PgServer, clock: Clock, slot: string): Promise<void> {
  const end = clock.now() + goneMs;
  for (;;) {
    const left = await server.in(maintenance, async (session) => {
      const pid = await oneValue(
        session,
        'SELECT COALESCE(active_pid, 0)::text FROM pg_replication_slots WHERE slot_name = $1',
        [slot],
      );
      if (pid === '') return false;
      if (pid !== '0') await session.rows('SELECT pg_terminate_backend($1)', [pid]);
      else await session.rows('SELECT pg_drop_replication_slot($1)', [slot]);
      return pid !== '0';
    });
    if (!left) return;
    if (clock.now() > end)
      throw new DatabaseFailed(`${server.side.name}: slot ${slot} is in use and cannot be taken away.`);
    await clock.sleep(100);
  }
}

const nowMicro =
  "SELECT (extract(epoch FROM clock_timestamp() - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint::text";

const slotWait = '15s';

/** Making a slot waits for every writing transaction of the whole server, whoever's it is. */
async function madeSlot(from: PgServer, session: Session, slot: string): Promise<readonly Row[]> {
  try {
    await session.rows(`SET lock_timeout = '${slotWait}'`);
    return await session.rows(`CREATE_REPLICATION_SLOT ${sqlName(slot)} LOGICAL pgoutput EXPORT_SNAPSHOT`);
  } catch (error) {
    if (!(error instanceof DatabaseFailed) || codeOf(error.cause) !== '55P03') throw error;
    const who = await from.in(maintenance, (plain) =>
      oneValue(
        plain,
        `SELECT format('%s in %s since %s', usename, datname, to_char(xact_start, 'YYYY-MM-DD HH24:MI')) FROM pg_stat_activity
          WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT 1`,
      ),
    );
    throw new DatabaseFailed(
      `a transaction that is open on ${from.side.name} holds it up: ${who === '' ? 'it has ended now' : who}.`,
      { cause: error.cause, hint: 'It is tried again.' },
    );
  }
}

/** Makes the slot from which `to` will get `database` of `from`, and runs `work` while its snapshot lasts. */
export async function withSlot<T>(
  from: PgServer,
  to: PgServer,
  database: string,
  clock: Clock,
  work: (begin: Beginning) => Promise<T>,
): Promise<T> {
  const slot = slotName(to.side.id, database);
  await dropSlot(from, clock, slot);
  return await from.replication(database, async (session) => {
    const at = await from.in(database, (plain) => oneValue(plain, nowMicro));
    const [row] = await madeSlot(from, session, slot);
    return await work({ lsn: row?.['consistent_point'] ?? '', snapshot: row?.['snapshot_name'] ?? '', at });
  });
}

/** True when `to` knows from which place on it applies what `from` writes. */
export async function receives(to: PgServer, database: string): Promise<boolean> {
  return await to.in(
    maintenance,
    async (session) =>
      (await oneValue(session, 'SELECT 1 FROM pg_replication_origin WHERE roname = $1', [
        slotName(to.side.id, database),
      ])) === '1',
  );
}

/** Lets `to` apply from `lsn` on. `seen`: what the sender has of `to`, by `to`'s clock. May be run again. */
export async function receive(to: PgServer, database: string, lsn: string, seen: string): Promise<void> {
  const origin = slotName(to.side.id, database);
  if (await receives(to, database)) return;
  await to.transaction(database, async (session) => {
    await session.rows(
      `INSERT INTO ${ownName}.local_mark (name, value) VALUES ('seen', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [seen],
    );
    await session.rows('SELECT pg_replication_origin_create($1)', [origin]);
    await session.rows('SELECT pg_replication_origin_advance($1, $2)', [origin, lsn]);
  });
}

/** Takes a database out of replication on one server; the data stay. May be run again. */
export async function unlinkOn(server: PgServer, other: PgServer, database: string, clock: Clock): Promise<void> {
  await dropSlot(server, clock, slotName(other.side.id, database));
  await dropOrigin(server, clock, slotName(server.side.id, database));
  await server.transaction(database, async (session) => {
    for (const name of ['tandem_ddl', 'tandem_drop', 'tandem_start', 'tandem_guard'])
      await session.rows(`DROP EVENT TRIGGER IF EXISTS ${name}`);
    await session.rows(`DROP PUBLICATION IF EXISTS ${sqlName(publicationName)}`);
    const isOurs = (await foreignOwner(session)) === '';
    if (isOurs && (await oneValue(session, `SELECT to_regproc('${ownName}.let_go')::text`)) !== '')
      await session.rows(`SELECT ${ownName}.let_go()`);
    // In Tandem's own database the notes stay: they say what is cut off, held, or half done.
    if (database !== ownName && isOurs) await session.rows(`DROP SCHEMA IF EXISTS ${ownName} CASCADE`);
    else if (database === ownName && (await hasOwnNotes(session)))
      await session.rows(`DELETE FROM ${ownName}.local_mark WHERE name IN ('begin', 'seen')`);
  });
}

/** Drops an origin of ours; whoever applies by it is ended. May be run again. */
export async function dropOrigin(server: PgServer, clock: Clock, name: string): Promise<void> {
  const end = clock.now() + goneMs;
  for (;;) {
    try {
      await server.in(maintenance, async (session) => {
        // Whoever applies by it is a session of Tandem's in that database.
        await session.rows(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
          [name],
        );
        await session.rows('SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname = $1', [
          name,
        ]);
      });
      return;
    } catch (error) {
      // The applier that was told to end may hold it a moment longer.
      const isBusy = error instanceof DatabaseFailed && /could not drop|is active|in use/i.test(error.message);
      if (!isBusy || clock.now() > end) throw error;
      await clock.sleep(100);
    }
  }
}

/** Throws Refused when a further database would pass a server's limit. */
export function refuseBeyond(
  glances: readonly { readonly name: string; readonly capacity: number; readonly slots: readonly unknown[] }[],
  database: string,
): void {
  for (const one of glances) {
    const used = Math.max(0, one.slots.length - 1);
    if (used >= one.capacity)
      throw new Refused(
        `${database} is not carried: ${one.name} has slots and connections for ${one.capacity} databases, and ${used} are carried.`,
        { hint: 'Raise databases.postgresMost in tandem.yaml and run tandem db setup; PostgreSQL must be restarted.' },
      );
  }
}

/** SQL that reads in another session's snapshot; the transaction must be at its beginning. */
export function inSnapshot(snapshot: string): string {
  return `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT ${sqlText(snapshot)}`;
}

/** Puts every sequence beyond what either master has given out. */
export async function alignSequences(servers: PgPair, database: string): Promise<void> {
  const read = (server: PgServer): Promise<ReadonlyMap<string, string>> =>
    server.in(database, async (session) => {
      const rows = await session.rows(
        `SELECT s.seq::regclass::text AS name, ${ownName}.next_of(s.seq)::text AS next FROM ${ownName}.split s JOIN pg_class c ON c.oid = s.seq`,
      );
      return new Map(rows.map((row) => [row['name'] ?? '', row['next'] ?? '']));
    });
  const [a, b] = servers;
  const [left, right] = [await read(a), await read(b)];
  for (const [server, other] of [
    [a, right],
    [b, left],
  ] as const)
    await server.transaction(database, async (session) => {
      for (const [name, next] of other)
        await session.rows(`SELECT ${ownName}.split(to_regclass($1)::oid, $2::bigint)`, [name, next]);
    });
}
