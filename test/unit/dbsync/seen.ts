import { parseGtids } from '../../../src/dbsync/mariadb/gtid.ts';
import type { DatabaseSeen, ReplicaSeen, ServerSeen } from '../../../src/dbsync/mariadb/model.ts';
import type { SetupInput } from '../../../src/dbsync/mariadb/plan.ts';
import { wantedSettings } from '../../../src/dbsync/mariadb/settings.ts';
import type { Glance } from '../../../src/dbsync/mariadb/watch.ts';

export function replica(over: Partial<ReplicaSeen> = {}): ReplicaSeen {
  return {
    ...{ host: 'peer', port: 3306, user: 'tandem_repl', usesGtid: true, tls: true, io: 'Yes', sql: 'Yes' },
    ...{ ioErrno: 0, ioError: '', sqlErrno: 0, sqlError: '', fetched: [] },
    ...over,
  };
}

export function database(name: string, tables = 1, bytes = 16_384, untransactional = 0): DatabaseSeen {
  return { name, tables, bytes, untransactional };
}

/** A server with every setting right; `over` says what differs. */
export function server(number: 1 | 2, over: Partial<ServerSeen> = {}): ServerSeen {
  const settings = wantedSettings({ serverId: number, domain: number, offset: number });
  const variables = Object.fromEntries(settings.map((one) => [one.name, one.alike?.[0] ?? one.value]));
  return {
    id: `m${number}`,
    name: `M${number}`,
    number,
    engine: 'MariaDB',
    version: '10.11.19',
    hasTls: true,
    ownTls: true,
    ownLog: true,
    databases: [],
    binlogPos: parseGtids(`${number}-${number}-10`),
    binlogState: parseGtids(`${number}-${number}-10`),
    slavePos: [],
    replica: replica(),
    otherReplicas: [],
    mark: { kind: 'paired' },
    ownSchema: true,
    account: true,
    binlogBytes: 0,
    pending: [],
    inexact: 0,
    detached: [],
    ...over,
    variables: { ...variables, lower_case_table_names: '0', innodb_page_size: '16384', ...over.variables },
  };
}

/** A server as Debian ships it. */
export function fresh(number: 1 | 2, databases: readonly DatabaseSeen[] = []): ServerSeen {
  return server(number, {
    ...{ databases, binlogPos: [], binlogState: [], replica: undefined, mark: { kind: 'none' } },
    ...{ ownSchema: false, account: false },
  });
}

export function input(a: ServerSeen, b: ServerSeen, over: Partial<SetupInput> = {}): SetupInput {
  const peer = { host: 'peer', port: 3306 };
  return { servers: [a, b], peers: { m1: peer, m2: peer }, panel: [], equal: {}, wishes: {}, ...over };
}

/** The clock of every glance, ms. */
export const now = 1_000_000;

/** A server in step. */
export function glanceAt(n: 1 | 2, over: Partial<Glance> = {}): Glance {
  return {
    ...{
      id: `m${n}`,
      name: `M${n}`,
      serverId: n,
      domain: n,
      readOnly: false,
      binlogBytes: 1,
      databases: 3,
      mark: 'paired',
      held: 'no',
    },
    replica: replica({ fetched: parseGtids('1-1-10,2-2-10') }),
    binlogPos: parseGtids('1-1-10,2-2-10'),
    binlogState: parseGtids('1-1-10,2-2-10'),
    slavePos: parseGtids('1-1-10,2-2-10'),
    beats: { m1: { seq: 50, at: now - 500 }, m2: { seq: 70, at: now - 500 } },
    clock: now,
    ...over,
  };
}
