import type { Logger } from 'pino';
import type { Journal } from '../store/database.ts';
import type { MasterFiles } from './master-files.ts';

/** Bounds of the store of archives. */
export interface ArchiveLimits {
  readonly keepDays: number;
  /** All archives of this node together, bytes. */
  readonly mostBytes: number;
  /** What must stay free on the disk, bytes. */
  readonly freeBytes: number;
  /** A job that takes longer has failed, ms. */
  readonly giveUpMs: number;
  /** A silent process has lost its transfer to another, ms. */
  readonly leaseMs: number;
  /** How long a call to begin may still take effect when its answer was lost, ms. */
  readonly doubtMs: number;
}

/** What archives are built from. */
export interface ArchiveDeps {
  readonly journal: Journal;
  /** Ways to the masters' folders; a master without one cannot be archived. */
  readonly files: ReadonlyMap<string, MasterFiles>;
  /** The store: a folder of this node. */
  readonly folder: string;
  readonly node: string;
  /** This process, in leases. */
  readonly owner: string;
  readonly limits: ArchiveLimits;
  /** The account's active master. */
  readonly active: (account: string) => Promise<string>;
  /** The name of a master for people. */
  readonly nameOf: (master: string) => string;
  /** The job of a leg has got somewhere. */
  readonly nudge: (leg: string) => Promise<void>;
  readonly log: Logger;
  /** Ends transfers when the process stops. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Free bytes of the store's disk. */
  readonly free: () => Promise<number>;
}
