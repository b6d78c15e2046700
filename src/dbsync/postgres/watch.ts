/** What is read again and again: a handful of statements on each server, whatever the number of databases. */
import type { Row } from '../model.ts';
import { maintenance, oneValue, type PgServer, type Session } from './connect.ts';
import type { PgGlance, SlotSeen } from './model.ts';
import { ownName } from './names.ts';
import { capacityOf, type PgSettings } from './settings.ts';

const databases = `SELECT d.datname AS name, d.oid::text AS oid, pg_get_userbyid(d.datdba) AS owner,
  pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype
  FROM pg_database d WHERE d.datallowconn AND NOT d.datistemplate AND d.datconnlimit <> -2 ORDER BY 1`;

const slots = `SELECT slot_name AS name, database, active::text AS active, wal_status AS status,
  GREATEST(0, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn))::text AS behind,
  GREATEST(0, COALESCE(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0))::text AS kept
  FROM pg_replication_slots WHERE plugin = 'pgoutput' AND slot_name LIKE 'tandem\\_%' AND NOT temporary`;

const rest = `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS clock,
  (SELECT COALESCE(SUM(size), 0) FROM pg_ls_waldir())::text AS wal,
  (SELECT bool_or(setting = 'on') FROM pg_file_settings WHERE name = 'default_transaction_read_only' AND applied)::text AS fenced,
  (SELECT string_agg(roname, ',') FROM pg_replication_origin) AS origins`;

function slotOf(row: Row): SlotSeen {
  return {
    name: row['name'] ?? '',
    database: row['database'] ?? '',
    active: row['active'] === 'true',
    walStatus: row['status'] ?? '',
    behindBytes: Number(row['behind']),
    keptBytes: Number(row['kept']),
  };
}

/** Settings as the files have them: a restart may be outstanding. */
export async function readSettings(session: Session): Promise<PgSettings> {
  const rows = await session.rows(
    `SELECT s.name, CASE WHEN s.pending_restart THEN
        COALESCE((SELECT f.setting FROM pg_file_settings f WHERE f.name = s.name ORDER BY f.seqno DESC LIMIT 1), s.setting)
        ELSE current_setting(s.name) END AS value, s.pending_restart::text AS pending FROM pg_settings s`,
  );
  return Object.fromEntries(
    rows.map((row) => [row['name'] ?? '', { value: row['value'] ?? '', pending: row['pending'] === 'true' }]),
  );
}

const few = "('max_connections', 'max_replication_slots', 'max_wal_senders')";

async function capacity(session: Session): Promise<number> {
  const rows = await session.rows(`SELECT name, setting FROM pg_settings WHERE name IN ${few}`);
  return capacityOf(
    Object.fromEntries(rows.map((row) => [row['name'] ?? '', { value: row['setting'] ?? '', pending: false }])),
  );
}

type Own = Pick<PgGlance, 'beats' | 'notes'>;

async function readOwn(session: Session): Promise<Own> {
  const there = await oneValue(session, "SELECT to_regclass('tandemsync.heartbeat')::text");
  if (there === '') return { beats: {}, notes: {} };
  const beats = await session.rows(`SELECT master, seq::text AS seq, at::text AS at FROM ${ownName}.heartbeat`);
  const notes = await session.rows(`SELECT name, value FROM ${ownName}.local_mark`);
  return {
    beats: Object.fromEntries(
      beats.map((row) => [row['master'] ?? '', { seq: Number(row['seq']), at: Number(row['at']) }]),
    ),
    notes: Object.fromEntries(notes.map((row) => [row['name'] ?? '', row['value'] ?? ''])),
  };
}

async function glance(server: PgServer, ownOf: (session: Session) => Promise<Own>): Promise<PgGlance> {
  const { id, name } = server.side;
  const seen = await server.looking([ownName, maintenance], async (session, database) => {
    const list = await session.rows(databases);
    const senders = await session.rows(slots);
    const [row] = await session.rows(rest);
    const most = await capacity(session);
    const hasOwn = database === ownName && list.some((one) => one['name'] === ownName);
    const own: Own = hasOwn ? await ownOf(session) : { beats: {}, notes: {} };
    return { list, senders, row, most, hasOwn, own };
  });
  return {
    ...{ id, name, hasOwn: seen.hasOwn, capacity: seen.most, ...seen.own },
    databases: seen.list.map((row) => ({
      ...{ name: row['name'] ?? '', oid: row['oid'] ?? '', owner: row['owner'] ?? '' },
      ...{ encoding: row['encoding'] ?? '', collate: row['collate'] ?? '', ctype: row['ctype'] ?? '' },
    })),
    slots: seen.senders.map(slotOf),
    origins: (seen.row?.['origins'] ?? '').split(',').filter((one) => one !== ''),
    walBytes: Number(seen.row?.['wal'] ?? 0),
    readOnly: seen.row?.['fenced'] === 'true',
    clock: Number(seen.row?.['clock']),
  };
}

/** Looks once. Throws DatabaseAway when it cannot be reached. */
export async function pgGlance(server: PgServer): Promise<PgGlance> {
  return await glance(server, readOwn);
}

/** Looks once and then writes this master's next beat, by its own clock, where the next look finds it. */
export async function pgGlanceAndBeat(server: PgServer): Promise<PgGlance> {
  return await glance(server, async (session) => {
    const own = await readOwn(session);
    await session.rows(
      `INSERT INTO ${ownName}.heartbeat AS h VALUES ($1, 1, extract(epoch FROM clock_timestamp()) * 1000)
        ON CONFLICT (master) DO UPDATE SET seq = h.seq + 1, at = excluded.at`,
      [server.side.id],
    );
    return own;
  });
}

/** Keeps a note on this server only, or takes it away. */
export async function pgNote(server: PgServer, name: string, value: string | undefined): Promise<void> {
  await server.in(ownName, async (session) => {
    if (value === undefined) await session.rows(`DELETE FROM ${ownName}.local_mark WHERE name = $1`, [name]);
    else
      await session.rows(
        `INSERT INTO ${ownName}.local_mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = now()`,
        [name, value],
      );
  });
}

/** Conflicts that are kept on this server, and how many of them may have left rows different. */
export async function pgConflicts(
  server: PgServer,
  database: string,
): Promise<{ readonly all: number; readonly differing: number }> {
  return await server.in(database, async (session) => {
    const [row] = await session.rows(
      `SELECT count(*)::text AS n, count(*) FILTER (WHERE differs)::text AS d FROM ${ownName}.conflict`,
    );
    return { all: Number(row?.['n']), differing: Number(row?.['d']) };
  });
}

/** The conflicts that are kept on this server, newest first. */
export async function pgConflictList(server: PgServer, database: string): Promise<readonly Row[]> {
  return await server.in(database, (session) =>
    session.rows(
      `SELECT at::text, rel, kind, won, here::text, there::text, differs::text FROM ${ownName}.conflict ORDER BY id DESC LIMIT 1000`,
    ),
  );
}
