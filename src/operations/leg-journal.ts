/**
 * What is written about every leg that goes well: it is taken, noted as sent, done; and what the sweep looks for, which
 * takes long when much is open. Plain values go in and come out, so that a thread of its own can do it (leg-thread.ts)
 * while the worker's thread talks to the masters.
 */
import { NotFound } from '../errors.ts';
import type { Journal } from '../store/database.ts';
import { decideNow } from './decide.ts';
import type { Timing, Wake } from './deps.ts';
import { legNow, markDone, markSent, sendSeen, takeLeg, takeSeen } from './lease-statements.ts';
import { letGo } from './order.ts';
import { type Db, type LegRow, type OperationNow, type OperationRow, wakesOf } from './record.ts';
import { applyKeys, legById, operationById, operationNow } from './statements.ts';
import { dueLegs, waitingForNothing } from './sweep-statements.ts';

/** Who holds a leg, and since which lease. */
export interface Holder {
  readonly leg: string;
  readonly owner: string;
  readonly turn: number;
}

export interface Asked {
  readonly leg: string;
  readonly owner: string;
  /** The asker knows what never changes of the operation. */
  readonly isOpened: boolean;
}

export interface Taken {
  readonly leg: LegRow;
  readonly operation: OperationRow | OperationNow;
}

/** A leg as it is, and when that was by the database's clock. */
export interface Glanced {
  readonly leg: LegRow & { readonly read_at: number };
  readonly operation: OperationRow | OperationNow;
}

/** Who takes the lease on a leg that was read, and looked at, without one; `turn` is that of the lease. */
export interface Taking extends Holder {
  /** What was seen counts until then, by the database's clock. */
  readonly seenUntil: number;
}

export interface Leaving extends Holder {
  /** Left out: the lease is the holder's already. */
  readonly seenUntil?: number | undefined;
  readonly deadlineMs: number;
  readonly longestMs: number;
  readonly answers: string;
}

export interface Ended extends Holder {
  readonly operation: string;
  readonly seq: number;
  /** The keys that the operation holds exclusively. */
  readonly names: readonly string[];
  readonly answers: string;
}

/** What changes something is one transaction, and resolves when it is durable. Throws what the Journal throws. */
export interface LegJournal {
  /** Takes the lease on a leg. undefined: it may not run, or not any more. */
  take(asked: Asked): Promise<Taken | undefined>;
  /** Reads a leg without taking it. */
  glance(asked: Omit<Asked, 'owner'>): Promise<Glanced>;
  /** Takes the lease on a leg that was looked at without one. False: it is no longer as it was, or another's. */
  takeSeen(taking: Taking): Promise<boolean>;
  /** Notes that a call is about to leave. False: the leg is no longer the holder's, or no longer as it was seen. */
  noteSent(leaving: Leaving): Promise<boolean>;
  /** Ends the leg, and its operation when it was the last. Gives what may run now; undefined: the leg is another's. */
  settleDone(ended: Ended): Promise<readonly Wake[] | undefined>;
  /** For the sweep: the oldest legs of a master that may run now and that no worker holds. */
  due(master: string): Promise<readonly Wake[]>;
  /** For the sweep: the oldest legs of a master that say they wait, and have nothing in their way. */
  waitingForNothing(master: string): Promise<readonly string[]>;
}

export type LegTiming = Pick<Timing, 'leaseMs' | 'verifyAfterMs' | 'sweepMs'>;

/** A leg that waits for less than so many turns of the sweep is no cause for doubt. */
const PATIENCE = 3;

/** Writes in this very thread. */
export function legJournalOf(journal: Journal, timing: LegTiming): LegJournal {
  return {
    take: (asked) => journal.write((db) => take(journal, db, timing, asked)),
    glance: (asked) => journal.read((db) => glance(journal, db, asked)),
    takeSeen: (taking) =>
      journal.write(async (db) => {
        const won = await journal.prepare(takeSeen)(db, { ...taking, leaseMs: timing.leaseMs });
        return won.changes === 1;
      }),
    noteSent: (leaving) => journal.write((db) => noteSent(journal, db, timing, leaving)),
    settleDone: (ended) => journal.write((db) => settleDone(journal, db, timing, ended)),
    due: (master) => journal.read(async (db) => (await journal.prepare(dueLegs)(db, { master })).rows),
    waitingForNothing: (master) =>
      journal.read(async (db) => {
        const patienceMs = PATIENCE * timing.sweepMs;
        const { rows } = await journal.prepare(waitingForNothing)(db, { master, patienceMs });
        return rows.map((row) => row.id);
      }),
  };
}

async function take(journal: Journal, db: Db, timing: LegTiming, asked: Asked): Promise<Taken | undefined> {
  const { leg: id, owner, isOpened } = asked;
  const won = await journal.prepare(takeLeg)(db, { leg: id, owner, leaseMs: timing.leaseMs });
  if (won.changes !== 1) return undefined;
  const leg = (await journal.prepare(legById)(db, { leg: id })).rows[0];
  if (leg === undefined) throw new NotFound(`there is no leg ${id}`);
  return { leg, operation: await operationOf(journal, db, leg, isOpened) };
}

async function glance(journal: Journal, db: Db, asked: Omit<Asked, 'owner'>): Promise<Glanced> {
  const { leg: id, isOpened } = asked;
  const leg = (await journal.prepare(legNow)(db, { leg: id })).rows[0];
  if (leg === undefined) throw new NotFound(`there is no leg ${id}`);
  return { leg, operation: await operationOf(journal, db, leg, isOpened) };
}

async function operationOf(
  journal: Journal,
  db: Db,
  leg: LegRow,
  isOpened: boolean,
): Promise<OperationRow | OperationNow> {
  const { rows } = await journal.prepare(isOpened ? operationNow : operationById)(db, { operation: leg.operation_id });
  const [operation] = rows;
  if (operation === undefined) throw new NotFound(`leg ${leg.id} has no operation`);
  return operation;
}

/** One UPDATE, conditioned on the lease, or on what was read, and the database's clock. */
async function noteSent(journal: Journal, db: Db, timing: LegTiming, leaving: Leaving): Promise<boolean> {
  const { deadlineMs, seenUntil, ...noted } = leaving;
  const leaseMs = deadlineMs + timing.leaseMs;
  const sent =
    seenUntil === undefined
      ? await journal.prepare(markSent)(db, { ...noted, leaseMs })
      : await journal.prepare(sendSeen)(db, { ...noted, leaseMs, seenUntil });
  return sent.changes === 1;
}

async function settleDone(
  journal: Journal,
  db: Db,
  timing: LegTiming,
  ended: Ended,
): Promise<readonly Wake[] | undefined> {
  const { operation, seq, names, ...mine } = ended;
  const done = await journal.prepare(markDone)(db, mine);
  if (done.changes !== 1) return undefined;
  // First the keys' rows: whoever accepts on them at this moment waits, and counts what is really left.
  if (names.length > 0) await journal.prepare(applyKeys)(db, { seq, names });
  const freed = await letGo({ journal }, db, mine.leg);
  const followers = await decideNow({ journal, timing }, db, operation);
  return wakesOf([...freed, ...followers]);
}
