/** What is read again and again: cheap statements only, whatever the number of databases. */
import { z } from 'zod';
import { DatabaseFailed, ownSchema, type Row } from '../model.ts';
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

const figures = `SELECT @@GLOBAL.server_id AS id, @@GLOBAL.gtid_domain_id AS domain, @@GLOBAL.gtid_binlog_pos AS binlog,
  @@GLOBAL.gtid_binlog_state AS state, @@GLOBAL.gtid_slave_pos AS slave, @@GLOBAL.read_only AS fenced,
  @@GLOBAL.log_bin AS logs, UNIX_TIMESTAMP(NOW(6)) * 1000 AS clock`;

/** With what Tandem's own schema says: one way to the server and back, every second. */
const withNotes = `${figures},
  (SELECT JSON_ARRAYAGG(JSON_OBJECT('master', master, 'seq', seq, 'at', at)) FROM ${ownSchema}.heartbeat) AS beats,
  (SELECT JSON_ARRAYAGG(JSON_OBJECT('name', name, 'kind', JSON_VALUE(value, '$.kind'),
    'reason', JSON_VALUE(value, '$.reason'))) FROM ${ownSchema}.local_mark WHERE name IN ('pair', 'hold')) AS marks`;

const beatsSchema = z.array(z.object({ master: z.string(), seq: z.number(), at: z.number() }));
const marksSchema = z.array(z.object({ name: z.string(), kind: z.string().nullable(), reason: z.string().nullable() }));

type NoteRows = z.output<typeof marksSchema>;

/** Neither the schema nor its tables are there. */
const notMade = new Set([1049, 1146]);

async function readFigures(server: Server): Promise<Row | undefined> {
  try {
    return (await server.rows(withNotes))[0];
  } catch (error) {
    const cause = error instanceof DatabaseFailed ? error.cause : undefined;
    if (!(cause instanceof Error && 'errno' in cause && notMade.has(Number(cause.errno)))) throw error;
    return (await server.rows(figures))[0];
  }
}

/** What the note on a pause says when both logs are to be looked at first. */
export const conflictHold = 'conflicts';

function heldOf(hold: NoteRows[number] | undefined): Glance['held'] {
  if (hold === undefined) return 'no';
  return hold.reason === conflictHold ? 'conflicts' : 'paused';
}

const kinds: readonly Mark['kind'][] = ['seeding', 'positioned', 'paired'];

/** What need not be counted every second: a folder for each database, and every file of the log. */
export type Counted = Pick<Glance, 'databases' | 'binlogBytes'>;

async function count(server: Server, hasLog: boolean): Promise<Counted> {
  const [[row], files] = await Promise.all([
    server.rows('SELECT COUNT(*) AS n FROM information_schema.schemata'),
    hasLog ? server.rows('SHOW BINARY LOGS') : [],
  ]);
  return {
    databases: Number(row?.['n']),
    binlogBytes: files.reduce((sum, file) => sum + Number(file['File_size'] ?? 0), 0),
  };
}

/** Looks once. Throws DatabaseAway when it cannot be reached. `counted`: what was counted lately. */
export async function glance(server: Server, counted?: Counted): Promise<Glance> {
  const [row, replicas] = await Promise.all([readFigures(server), server.rows('SHOW SLAVE STATUS')]);
  const beats = beatsSchema.parse(JSON.parse(row?.['beats'] ?? '[]'));
  const marks = marksSchema.parse(JSON.parse(row?.['marks'] ?? '[]'));
  const kind = kinds.find((word) => marks.some((one) => one.name === 'pair' && one.kind === word));
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
    ...(counted ?? (await count(server, row?.['logs'] === '1'))),
    mark: kind ?? 'none',
    held: heldOf(marks.find((one) => one.name === 'hold')),
    beats: Object.fromEntries(beats.map(({ master, seq, at }) => [master, { seq, at }])),
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

/** Older versions made the notes' table for names of 64 letters, and a database's own may have as many. */
const shortName = 64;

/** Keeps a note of one name on this server only. */
export async function note(server: Server, name: string, value: string | undefined): Promise<void> {
  await unlogged(server, async (session) => {
    if (name.length > shortName)
      await session.rows('ALTER TABLE ??.local_mark MODIFY name VARCHAR(128) NOT NULL', [ownSchema]);
    if (value === undefined) await session.rows('DELETE FROM ??.local_mark WHERE name = ?', [ownSchema, name]);
    else await session.rows('REPLACE INTO ??.local_mark (name, value) VALUES (?, ?)', [ownSchema, name, value]);
  });
}
