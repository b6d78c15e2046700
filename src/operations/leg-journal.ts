/**
 * What is written about every leg that goes well: it is taken, noted as sent, done; and what the sweep looks for, which
 * takes long when much is open. Plain values go in and come out, so that a thread of its own can do it (leg-thread.ts)
 * while the worker's thread talks to the masters.
 */
import { NotFound } from '../errors.ts';
import type { Journal } from '../store/database.ts';
import { decideNow } from './decide.ts';
import type { Timing, Wake } from './deps.ts';
import { letGo } from './order.ts';
import { type Db, type LegRow, type OperationNow, type OperationRow, wakesOf } from './record.ts';
import { applyKeys, legById, markDone, markSent, operationById, operationNow, takeLeg } from './statements.ts';
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

export interface Leaving extends Holder {
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
  /** Notes that a call is about to leave. False: the leg is no longer the holder's, or no longer released. */
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
  const { rows } = await journal.prepare(isOpened ? operationNow : operationById)(db, { operation: leg.operation_id });
  const [operation] = rows;
  if (operation === undefined) throw new NotFound(`leg ${leg.id} has no operation`);
  return { leg, operation };
}

/** One UPDATE, conditioned on the lease and the database's clock. */
async function noteSent(journal: Journal, db: Db, timing: LegTiming, leaving: Leaving): Promise<boolean> {
  const { deadlineMs, ...noted } = leaving;
  const sent = await journal.prepare(markSent)(db, { ...noted, leaseMs: deadlineMs + timing.leaseMs });
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
