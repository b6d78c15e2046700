/** What is read again and again: cheap statements only, whatever the number of databases. */
import { ownSchema, type Row } from '../model.ts';
import { type Server, unlogged } from './connect.ts';
import { type Gtid, parseGtids } from './gtid.ts';
import type { Mark, ReplicaSeen } from './model.ts';
import { replicaOf } from './observe.ts';

/** One server at one moment. */
export interface Glance {
  readonly id: string;
  readonly name: string;
  readonly replica: ReplicaSeen | undefined;
  readonly serverId: number;
  readonly domain: number;
  readonly binlogPos: readonly Gtid[];
  readonly binlogState: readonly Gtid[];
  readonly slavePos: readonly Gtid[];
  readonly readOnly: boolean;
  readonly binlogBytes: number;
  readonly databases: number;
  readonly mark: Mark['kind'];
  /** Why it applies nothing on purpose: a person or a command paused it, or both logs are to be looked at first. */
  readonly held: 'no' | 'paused' | 'conflicts';
  /** Heartbeats as this server has them: master id → beat and when it was written by that master's clock, in ms. */
  readonly beats: Readonly<Record<string, { readonly seq: number; readonly at: number }>>;
  /** This server's clock, ms since 1970. */
  readonly clock: number;
}

const one = `SELECT @@GLOBAL.server_id AS id, @@GLOBAL.gtid_domain_id AS domain, @@GLOBAL.gtid_binlog_pos AS binlog,
  @@GLOBAL.gtid_binlog_state AS state, @@GLOBAL.gtid_slave_pos AS slave, @@GLOBAL.read_only AS fenced,
  @@GLOBAL.log_bin AS logs, UNIX_TIMESTAMP(NOW(6)) * 1000 AS clock,
  (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${ownSchema}' AND table_name = 'local_mark') AS own`;

function beatsOf(rows: readonly Row[]): Glance['beats'] {
  return Object.fromEntries(
    rows.map((row) => [row['master'] ?? '', { seq: Number(row['seq']), at: Number(row['at']) }]),
  );
}

/** What the note on a pause says when both logs are to be looked at first. */
export const conflictHold = 'conflicts';

function heldOf(hold: Row | undefined): Glance['held'] {
  if (hold === undefined) return 'no';
  return hold['reason'] === conflictHold ? 'conflicts' : 'paused';
}

const kinds: readonly Mark['kind'][] = ['seeding', 'positioned', 'paired'];

async function countDatabases(server: Server): Promise<number> {
  const [row] = await server.rows('SELECT COUNT(*) AS n FROM information_schema.schemata');
  return Number(row?.['n']);
}

/**
 * Looks once. Throws DatabaseAway when it cannot be reached. `databases`: how many there are, where that is known;
 * counting goes through a folder for each.
 */
export async function glance(server: Server, databases?: number): Promise<Glance> {
  const [row] = await server.rows(one);
  const ours = row?.['own'] === '1';
  const logs = row?.['logs'] === '1';
  const [replicas, beats, marks, files] = await Promise.all([
    server.rows('SHOW SLAVE STATUS'),
    ours ? server.rows('SELECT master, seq, at FROM ??.heartbeat', [ownSchema]) : [],
    ours
      ? server.rows(
          "SELECT name, JSON_VALUE(value, '$.kind') AS kind, JSON_VALUE(value, '$.reason') AS reason FROM ??.local_mark WHERE name IN ('pair', 'hold')",
          [ownSchema],
        )
      : [],
    logs ? server.rows('SHOW BINARY LOGS') : [],
  ]);
  const kind = kinds.find((word) => marks.some((row) => row['name'] === 'pair' && row['kind'] === word));
  return {
    id: server.side.id,
    name: server.side.name,
    replica: replicas[0] === undefined ? undefined : replicaOf(replicas[0]),
    serverId: Number(row?.['id']),
    domain: Number(row?.['domain']),
    binlogPos: parseGtids(row?.['binlog'] ?? ''),
    binlogState: parseGtids(row?.['state'] ?? ''),
    slavePos: parseGtids(row?.['slave'] ?? ''),
    readOnly: row?.['fenced'] === '1',
    binlogBytes: files.reduce((sum, file) => sum + Number(file['File_size'] ?? 0), 0),
    databases: databases ?? (await countDatabases(server)),
    mark: kind ?? 'none',
    held: heldOf(marks.find((row) => row['name'] === 'hold')),
    beats: beatsOf(beats),
    clock: Number(row?.['clock']),
  };
}

/** Writes this master's next beat, by its own clock. */
export async function beat(server: Server): Promise<void> {
  await server.rows('UPDATE ??.heartbeat SET seq = seq + 1, at = UNIX_TIMESTAMP(NOW(6)) * 1000 WHERE master = ?', [
    ownSchema,
    server.side.id,
  ]);
}

/** The beat of master `id` that this server has. */
export async function readBeat(server: Server, id: string): Promise<number> {
  const [row] = await server.rows('SELECT seq FROM ??.heartbeat WHERE master = ?', [ownSchema, id]);
  return Number(row?.['seq'] ?? -1);
}

/** Lifts or sets a master's fence: customers read, replication and administrators still write. */
export async function setFence(server: Server, on: boolean): Promise<void> {
  await server.rows('SET GLOBAL read_only = ?', [on ? 1 : 0]);
}

/** Keeps a note of one name on this server only. */
export async function note(server: Server, name: string, value: string | undefined): Promise<void> {
  await unlogged(server, async (session) => {
    if (value === undefined) await session.rows('DELETE FROM ??.local_mark WHERE name = ?', [ownSchema, name]);
    else await session.rows('REPLACE INTO ??.local_mark (name, value) VALUES (?, ?)', [ownSchema, name, value]);
  });
}
