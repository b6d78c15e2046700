/** What is read from a MariaDB server, as plain data. */
import type { Gtid } from './gtid.ts';

/** One account database on one server. */
export interface DatabaseSeen {
  readonly name: string;
  readonly tables: number;
  /** Data and indexes, as the server estimates them. */
  readonly bytes: number;
  /** Tables that cannot be read consistently while they are written (MyISAM, Aria, …). */
  readonly untransactional: number;
}

/** The receiving half of replication on one server. */
export interface ReplicaSeen {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly usesGtid: boolean;
  readonly tls: boolean;
  /** 'Yes', 'No', 'Connecting'. */
  readonly io: string;
  readonly sql: string;
  readonly ioErrno: number;
  readonly ioError: string;
  readonly sqlErrno: number;
  readonly sqlError: string;
  /** What has been fetched, applied or not. */
  readonly fetched: readonly Gtid[];
}

/** How far the making of the pair has come on one server; kept in the server itself, so that a kill loses nothing. */
export type Mark =
  | { readonly kind: 'none' }
  /** These databases are being loaded from the other master: what is here now may be half of them. */
  | { readonly kind: 'seeding'; readonly from: string; readonly databases: readonly string[] }
  /** Data and position are right; replication may be connected. */
  | { readonly kind: 'positioned' }
  | { readonly kind: 'paired' };

/** Everything that setup looks at on one server. */
export interface ServerSeen {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  /** 'MariaDB' or 'MySQL', and its version such as '10.11.19'. */
  readonly engine: string;
  readonly version: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Lacking TLS, nothing may be replicated between sites. */
  readonly hasTls: boolean;
  /** Its certificate, and its log's name, come from Tandem's own settings file. */
  readonly ownTls: boolean;
  readonly ownLog: boolean;
  readonly databases: readonly DatabaseSeen[];
  readonly binlogPos: readonly Gtid[];
  readonly binlogState: readonly Gtid[];
  readonly slavePos: readonly Gtid[];
  /** undefined: replication is not configured. */
  readonly replica: ReplicaSeen | undefined;
  /** Named connections: Tandem's has no name, so these belong to somebody else. */
  readonly otherReplicas: readonly string[];
  readonly mark: Mark;
  readonly ownSchema: boolean;
  /** Databases whose reseed was interrupted here. */
  readonly pending: readonly string[];
  /** Copied tables with FLOAT columns, which the copy rounded. */
  readonly inexact: number;
  /** Schema patterns of accounts that are cut off on purpose: neither master carries them. */
  readonly detached: readonly string[];
  /** The replication account exists and has exactly its one privilege. */
  readonly account: boolean;
  /** Free room is not known to SQL; the size of the binary logs is. */
  readonly binlogBytes: number;
}
