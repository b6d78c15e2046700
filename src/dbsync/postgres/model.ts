/** What is read from a PostgreSQL server, as plain data. */
import type { PgSettings } from './settings.ts';

/** One database on one server. */
export interface PgDatabase {
  readonly name: string;
  readonly oid: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
}

/** The sender's half of one direction of one database. */
export interface SlotSeen {
  readonly name: string;
  readonly database: string;
  readonly active: boolean;
  /** 'reserved', 'extended', 'unreserved', 'lost'. */
  readonly walStatus: string;
  /** Bytes of log that the receiver has not confirmed. */
  readonly behindBytes: number;
  /** Bytes of log that are kept for it. */
  readonly keptBytes: number;
}

/** One server at one moment; cheap whatever the number of databases. */
export interface PgGlance {
  readonly id: string;
  readonly name: string;
  readonly databases: readonly PgDatabase[];
  readonly slots: readonly SlotSeen[];
  /** Names under which what the other master writes is applied here. */
  readonly origins: readonly string[];
  readonly walBytes: number;
  readonly readOnly: boolean;
  /** This server's clock, ms since 1970. */
  readonly clock: number;
  /** Beats in Tandem's own database as this server has them. */
  readonly beats: Readonly<Record<string, { readonly seq: number; readonly at: number }>>;
  /** Tandem's notes on this server, by name. */
  readonly notes: Readonly<Record<string, string>>;
  /** Whether the own database is there, and for how many databases the server has slots and connections. */
  readonly hasOwn: boolean;
  readonly capacity: number;
}

/** Everything that setup looks at on one server. */
export interface PgServerSeen {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly settings: PgSettings;
  readonly glance: PgGlance;
}

/** A note's name for an account that is cut off, a database that is being filled, receiving that is held. */
export const noteNames = {
  detached: (account: string): string => `detached:${account}`,
  filling: (database: string): string => `filling:${database}`,
  stopped: (from: string, database: string): string => `stopped:${from}:${database}`,
  refused: (database: string): string => `refused:${database}`,
  leaving: (database: string): string => `leaving:${database}`,
  hold: 'hold',
  fence: 'fence',
} as const;

/** Whether an account's name makes this database its own, or a note names it. */
export function isDetached(glance: Pick<PgGlance, 'notes'>, database: string): boolean {
  return Object.entries(glance.notes).some(([name, value]) => {
    if (!name.startsWith('detached:')) return false;
    const account = name.slice('detached:'.length);
    return database.startsWith(`${account}_`) || value.split(',').includes(database);
  });
}

/** What a note says of a database that this server lets go of, or has lost since; undefined: there is no such note. */
export function leftOf(
  glance: Pick<PgGlance, 'notes' | 'databases'>,
  database: string,
): { readonly isThere: boolean; readonly at: number } | undefined {
  const note = glance.notes[noteNames.leaving(database)];
  if (note === undefined) return undefined;
  const [oid, at] = note.split(' ');
  return { isThere: glance.databases.some((one) => one.name === database && one.oid === oid), at: Number(at) };
}

/** Whether this server lets the database go, or has lost it while the other has not yet. */
export function isLeaving(glance: Pick<PgGlance, 'notes'>, database: string): boolean {
  return noteNames.leaving(database) in glance.notes;
}
