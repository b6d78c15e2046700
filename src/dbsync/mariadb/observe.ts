/** Reading a MariaDB server: read-only statements, turned into plain data. */
import { z } from 'zod';
import type { Row } from '../model.ts';
import { ownSchema } from '../model.ts';
import type { Server } from './connect.ts';
import { parseGtids } from './gtid.ts';
import type { DatabaseSeen, Mark, ReplicaSeen, ServerSeen } from './model.ts';
import { isLocalSchema } from './settings.ts';

/** Name of the account that the other master's replication signs in with. */
export const replicationUser = 'tandem_repl';

const markSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('seeding'), from: z.string(), databases: z.array(z.string()) }),
  z.object({ kind: z.literal('positioned') }),
  z.object({ kind: z.literal('paired') }),
]);

function text(row: Row | undefined, name: string): string {
  return row?.[name] ?? '';
}

/** The receiving half of replication, from a row of SHOW ALL SLAVES STATUS. */
export function replicaOf(row: Row): ReplicaSeen {
  return {
    host: text(row, 'Master_Host'),
    port: Number(text(row, 'Master_Port')),
    user: text(row, 'Master_User'),
    usesGtid: text(row, 'Using_Gtid') === 'Slave_Pos',
    tls: text(row, 'Master_SSL_Allowed') === 'Yes',
    io: text(row, 'Slave_IO_Running'),
    sql: text(row, 'Slave_SQL_Running'),
    ioErrno: Number(text(row, 'Last_IO_Errno')),
    ioError: text(row, 'Last_IO_Error'),
    sqlErrno: Number(text(row, 'Last_SQL_Errno')),
    sqlError: text(row, 'Last_SQL_Error'),
    fetched: parseGtids(text(row, 'Gtid_IO_Pos')),
  };
}

/** Tandem's own replication and the names of others'. */
export async function readReplicas(
  server: Server,
): Promise<{ readonly replica: ReplicaSeen | undefined; readonly others: readonly string[] }> {
  const rows = await server.rows('SHOW ALL SLAVES STATUS');
  const own = rows.find((row) => text(row, 'Connection_name') === '');
  const others = rows.map((row) => text(row, 'Connection_name')).filter((name) => name !== '');
  return { replica: own === undefined ? undefined : replicaOf(own), others };
}

/** What InnoDB's files take, by the folder's name. */
async function fileSizes(server: Server): Promise<ReadonlyMap<string, number>> {
  const rows = await server.rows(
    `SELECT SUBSTRING_INDEX(name, '/', 1) AS folder, SUM(file_size) AS bytes
      FROM information_schema.innodb_sys_tablespaces WHERE name LIKE '%/%' GROUP BY folder`,
  );
  return new Map(rows.map((row) => [text(row, 'folder'), Number(row['bytes'])]));
}

/**
 * The databases that belong to accounts, with their sizes. Opens every table's definition: not for each second. InnoDB's
 * statistics come late, and would call a database small that was filled a moment ago: its files do not.
 */
export async function readDatabases(server: Server): Promise<readonly DatabaseSeen[]> {
  const files = await fileSizes(server);
  const rows = await server.rows(
    `SELECT s.schema_name AS name, COUNT(t.table_name) AS tables,
        COALESCE(SUM(t.data_length + t.index_length), 0) AS bytes,
        COALESCE(SUM(t.table_type = 'BASE TABLE' AND COALESCE(t.engine, '') <> 'InnoDB'), 0) AS plain
      FROM information_schema.schemata s LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name
      GROUP BY s.schema_name ORDER BY s.schema_name`,
  );
  return rows
    .filter((row) => !isLocalSchema(text(row, 'name')))
    .map((row) => ({
      name: text(row, 'name'),
      tables: Number(row['tables']),
      bytes: Math.max(Number(row['bytes']), files.get(text(row, 'name')) ?? 0),
      untransactional: Number(row['plain']),
    }));
}

/** Names alone: quick with thousands. */
export async function readDatabaseNames(server: Server): Promise<readonly string[]> {
  const rows = await server.rows('SELECT schema_name AS name FROM information_schema.schemata ORDER BY schema_name');
  return rows.map((row) => text(row, 'name')).filter((name) => !isLocalSchema(name));
}

async function hasOwnSchema(server: Server): Promise<boolean> {
  const rows = await server.rows(
    'SELECT 1 AS n FROM information_schema.tables WHERE table_schema = ? AND table_name IN (?, ?)',
    [ownSchema, 'local_mark', 'heartbeat'],
  );
  return rows.length === 2;
}

async function readMark(server: Server): Promise<Mark> {
  const [row] = await server.rows('SELECT value FROM ??.local_mark WHERE name = ?', [ownSchema, 'pair']);
  if (row === undefined) return { kind: 'none' };
  return markSchema.parse(JSON.parse(text(row, 'value')));
}

/** Databases whose reseed was interrupted on this server. */
export async function readPending(server: Server): Promise<readonly string[]> {
  const rows = await server.rows("SELECT SUBSTRING(name, 8) AS d FROM ??.local_mark WHERE name LIKE 'reseed:%'", [
    ownSchema,
  ]);
  return rows.map((row) => text(row, 'd'));
}

/** Schema patterns of the accounts that are cut off on this server, such as 'bob_%'. */
export async function readDetached(server: Server): Promise<readonly string[]> {
  const rows = await server.rows("SELECT value FROM ??.local_mark WHERE name LIKE 'detached:%' ORDER BY name", [
    ownSchema,
  ]);
  return rows.flatMap((row) => z.array(z.string()).parse(JSON.parse(text(row, 'value'))));
}

async function countInexact(server: Server): Promise<number> {
  const [row] = await server.rows("SELECT JSON_LENGTH(value) AS n FROM ??.local_mark WHERE name = 'inexact'", [
    ownSchema,
  ]);
  return Number(row?.['n'] ?? 0);
}

const privileges = /^GRANT REPLICATION SLAVE ON \*\.\* TO /;

async function hasAccount(server: Server, from: string): Promise<boolean> {
  const [user] = await server.rows('SELECT ssl_type FROM mysql.user WHERE user = ? AND host = ?', [
    replicationUser,
    from,
  ]);
  if (text(user, 'ssl_type') !== 'ANY') return false;
  const grants = await server.rows('SHOW GRANTS FOR ?@?', [replicationUser, from]);
  return grants.length === 1 && privileges.test(Object.values(grants[0] ?? {})[0] ?? '');
}

async function binlogBytes(server: Server, on: boolean): Promise<number> {
  if (!on) return 0;
  const rows = await server.rows('SHOW BINARY LOGS');
  return rows.reduce((sum, row) => sum + Number(row['File_size'] ?? 0), 0);
}

/** The server's variables, by name. */
export async function readVariables(server: Server): Promise<Readonly<Record<string, string>>> {
  const rows = await server.rows('SHOW GLOBAL VARIABLES');
  return Object.fromEntries(rows.map((row) => [text(row, 'Variable_name'), text(row, 'Value')]));
}

type Notes = Pick<ServerSeen, 'mark' | 'pending' | 'inexact' | 'detached'>;

const noNotes: Notes = { mark: { kind: 'none' }, pending: [], inexact: 0, detached: [] };

/** What Tandem has noted in the server itself. */
async function readNotes(server: Server): Promise<Notes> {
  return {
    mark: await readMark(server),
    pending: await readPending(server),
    inexact: await countInexact(server),
    detached: await readDetached(server),
  };
}

/** All that setup wants to know. `peerFrom`: the address that the other master's replication comes from. */
export async function observeServer(server: Server, peerFrom: string): Promise<ServerSeen> {
  const variables = await readVariables(server);
  const version = variables['version'] ?? '';
  const isMariadb = /mariadb/i.test(version) || /mariadb/i.test(variables['version_comment'] ?? '');
  const { replica, others } = isMariadb ? await readReplicas(server) : { replica: undefined, others: [] };
  const ours = await hasOwnSchema(server);
  const { side } = server;
  return {
    id: side.id,
    name: side.name,
    number: side.number,
    engine: isMariadb ? 'MariaDB' : 'MySQL',
    version: /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version,
    variables,
    hasTls: variables['have_ssl'] === 'YES',
    ownTls: variables['ssl_cert'] === `${side.access.directory}/cert.pem`,
    ownLog: (variables['log_bin_basename'] ?? '').endsWith('/tandem-bin'),
    databases: await readDatabases(server),
    binlogPos: parseGtids(variables['gtid_binlog_pos'] ?? ''),
    binlogState: parseGtids(variables['gtid_binlog_state'] ?? ''),
    slavePos: parseGtids(variables['gtid_slave_pos'] ?? ''),
    replica,
    otherReplicas: others,
    ownSchema: ours,
    ...(ours ? await readNotes(server) : noNotes),
    account: await hasAccount(server, peerFrom),
    binlogBytes: await binlogBytes(server, variables['log_bin'] === 'ON'),
  };
}
