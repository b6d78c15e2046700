/** What a worker writes when it knows more about a leg than before. Each is one transaction, conditioned on the lease. */
import { type RawBuilder, sql } from 'kysely';
import { ulid } from 'ulid';
import { LeaseLost } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps, Wake } from './deps.ts';
import { type Lease, updateOurs } from './lease.ts';
import type { LegJournal } from './leg-journal.ts';
import type { Db, Work } from './record.ts';

export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** One call or look, kept for people. */
export interface Attempt {
  readonly fn: string;
  readonly sent: boolean;
  readonly outcome: string;
  readonly reason: string;
}

export const NO_ERROR = { error_code: null, error_message: null, error_hint: null } as const;

export function errorOf(trouble: Trouble) {
  return { error_code: trouble.code, error_message: trouble.message, error_hint: trouble.hint ?? null };
}

export async function noteAttempt(deps: Deps, db: Db, work: Work, attempt: Attempt | undefined): Promise<void> {
  if (attempt === undefined) return;
  const now = deps.journal.now();
  await db
    .insertInto('attempts')
    .values({
      id: ulid(),
      leg_id: work.leg.id,
      fn: attempt.fn,
      sent_at: attempt.sent ? now : null,
      ended_at: now,
      outcome: attempt.outcome,
      reason: attempt.reason,
    })
    .execute();
}

/** After the commit: wake what became runnable, tell who watches. */
export function after(deps: Deps, operation: string, wakes: readonly Wake[]): void {
  deps.changes.tell(operation);
  if (wakes.length > 0) deps.wake(wakes);
}

/** The wanted state is there on this master. Decides the operation when it is the first, ends it when it is the last. */
export async function settleDone(
  deps: Deps & { readonly legs: LegJournal },
  work: Work,
  lease: Lease,
  answers: string,
): Promise<void> {
  const names = work.keys.filter((k) => k.exclusive).map((k) => k.name);
  const ended = { ...lease, answers, seq: work.operation.seq, names };
  const wakes = await between(deps.crash, 'settle-done', () => deps.legs.settleDone(ended));
  if (wakes === undefined) throw new LeaseLost(`the lease on ${lease.leg} was lost; another worker has it`);
  after(deps, lease.operation, wakes);
}

function later(now: RawBuilder<number>, ms: number): RawBuilder<number> {
  return sql<number>`${now} + ${ms}`;
}

/** Where a leg goes back to when a call is proved to have changed nothing. */
export interface Before {
  readonly state: string;
  /** Left out: it stays as it is. */
  readonly firstSentAt?: number | null;
}

/** Nothing changed on the master (not sent, busy, denied, a look that failed): the leg is tried again in `waitMs`. */
export async function settleAgain(
  deps: Deps,
  work: Work,
  lease: Lease,
  what: {
    readonly before: Before;
    readonly waitMs: number;
    readonly delayed: boolean;
    readonly trouble: Trouble;
    readonly attempt?: Attempt;
  },
): Promise<void> {
  await between(deps.crash, 'settle-again', () =>
    deps.journal.write(async (db) => {
      await updateOurs(db, lease, {
        state: what.before.state,
        ...(what.before.firstSentAt === undefined ? {} : { first_sent_at: what.before.firstSentAt }),
        due_at: later(deps.journal.now(), what.waitMs),
        ...(what.delayed ? { delays: work.leg.delays + 1 } : {}),
        ...errorOf(what.trouble),
      });
      await noteAttempt(deps, db, work, what.attempt);
    }),
  );
  after(deps, lease.operation, []);
}

/** Nobody knows whether the call happened: look again when it can no longer land. */
export async function settleDoubt(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  call: { readonly attempt?: Attempt | undefined; readonly lagMs: number },
): Promise<void> {
  await between(deps.crash, 'settle-doubt', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, {
        state: 'doubt',
        doubts: work.leg.doubts + 1,
        // A look, or a call that may be made again, waits until nothing sent earlier can still take effect.
        // It counts from the bytes, which left a moment after the note.
        due_at: sql<number>`case when closed_until + ${Math.ceil(call.lagMs)} > ${now} then closed_until + ${Math.ceil(call.lagMs)} else ${now} end`,
        ...errorOf(trouble),
      });
      await noteAttempt(deps, db, work, call.attempt);
    }),
  );
  after(deps, lease.operation, []);
}
