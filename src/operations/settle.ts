/** What a worker writes when it knows more about a leg than before. Each is one transaction, conditioned on the lease. */
import { type RawBuilder, sql } from 'kysely';
import { ulid } from 'ulid';
import { between } from './crash-points.ts';
import type { Deps, Wake } from './deps.ts';
import { type Lease, updateOurs } from './lease.ts';
import { release, releaseShared } from './order.ts';
import { type Db, legRows, operationRow, runnable, type Work } from './record.ts';
import { OPEN_LEG } from './states.ts';

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

const NO_ERROR = { error_code: null, error_message: null, error_hint: null } as const;

function errorOf(trouble: Trouble) {
  return { error_code: trouble.code, error_message: trouble.message, error_hint: trouble.hint ?? null };
}

async function noteAttempt(deps: Deps, db: Db, work: Work, attempt: Attempt | undefined): Promise<void> {
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
function after(deps: Deps, operation: string, wakes: readonly Wake[]): void {
  deps.changes.tell(operation);
  if (wakes.length > 0) deps.wake(wakes);
}

/** The wanted state is there on this master. Decides the operation when it is the first, ends it when it is the last. */
export async function settleDone(deps: Deps, work: Work, lease: Lease, answers: string): Promise<void> {
  const wakes = await between(deps.crash, 'settle-done', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, { state: 'done', done_at: now, answers, closed_until: null, ...NO_ERROR });
      // First the keys' rows: whoever accepts on them at this moment waits, and counts what is really left.
      await markApplied(db, work);
      const freed = await release(db, lease.leg);
      const followers = await decide(deps, db, lease.operation);
      return runnable(db, now, [...freed, ...followers]);
    }),
  );
  after(deps, lease.operation, wakes);
}

async function markApplied(db: Db, work: Work): Promise<void> {
  const names = work.keys.filter((k) => k.exclusive).map((k) => k.name);
  if (names.length === 0) return;
  await db
    .updateTable('keys')
    .set({ applied_seq: work.operation.seq })
    .where('name', 'in', names)
    .where('applied_seq', '<', work.operation.seq)
    .execute();
}

/**
 * A leg is done (or adopted, or skipped): releases the followers, and ends the operation when nothing is open.
 * Returns the ids of the released legs.
 */
export async function decide(deps: Deps, db: Db, operation: string): Promise<readonly string[]> {
  const now = deps.journal.now();
  const legs = await legRows(db, operation);
  const open = legs.filter((l) => OPEN_LEG.some((state) => state === l.state));
  const waiting = open.filter((l) => l.released === 0).map((l) => l.id);
  if (waiting.length > 0) {
    await db.updateTable('legs').set({ released: 1, due_at: now }).where('id', 'in', waiting).execute();
  }
  const done = legs.some((l) => l.state === 'done');
  const state = open.length > 0 ? 'following' : done ? 'done' : 'withdrawn';
  await db
    .updateTable('operations')
    .set((e) => ({
      state,
      decided_at: e.fn.coalesce('decided_at', now),
      ...(open.length > 0 ? {} : { final_at: now, verify_at: later(now, deps.timing.verifyAfterMs) }),
    }))
    .where('id', '=', operation)
    .where('state', 'in', ['accepted', 'undecided', 'following'])
    .execute();
  return waiting;
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
  attempt?: Attempt,
): Promise<void> {
  await between(deps.crash, 'settle-doubt', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, {
        state: 'doubt',
        doubts: work.leg.doubts + 1,
        // A look, or a call that may be made again, waits until nothing sent earlier can still take effect.
        due_at: sql<number>`case when closed_until > ${now} then closed_until else ${now} end`,
        ...errorOf(trouble),
      });
      await noteAttempt(deps, db, work, attempt);
    }),
  );
  after(deps, lease.operation, []);
}

/** The lead refused and nothing was changed: the operation is refused, nobody follows. */
export async function settleRefused(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  attempt?: Attempt,
): Promise<void> {
  const wakes = await between(deps.crash, 'settle-refused', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, { state: 'refused', done_at: now, closed_until: null, ...errorOf(trouble) });
      await noteAttempt(deps, db, work, attempt);
      const freed = [...(await release(db, lease.leg)), ...(await endOthers(db, lease.operation, now))];
      await db
        .updateTable('operations')
        .set((e) => ({
          state: 'refused',
          refusal: trouble.message,
          decided_at: e.fn.coalesce('decided_at', now),
          final_at: now,
          data_key: null,
          sealed: null,
          verified_at: now,
        }))
        .where('id', '=', lease.operation)
        .execute();
      return runnable(db, now, freed);
    }),
  );
  after(deps, lease.operation, wakes);
}

/** The legs that were never sent end with their operation. */
export async function endOthers(db: Db, operation: string, now: RawBuilder<number>): Promise<readonly string[]> {
  const freed: string[] = [];
  for (const leg of await legRows(db, operation)) {
    if (leg.state !== 'ready' && leg.state !== 'held') continue;
    await db
      .updateTable('legs')
      .set({ state: 'withdrawn', done_at: now, lease_owner: null, lease_until: null })
      .where('id', '=', leg.id)
      .execute();
    freed.push(...(await release(db, leg.id)));
  }
  return freed;
}

/** A person is needed. The leg keeps its exclusive keys and gives up the shared ones. */
export async function settleHeld(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  attempt?: Attempt,
): Promise<void> {
  const wakes = await between(deps.crash, 'settle-held', () =>
    deps.journal.write(async (db) => {
      await updateOurs(db, lease, { state: 'held', ...errorOf(trouble) });
      await noteAttempt(deps, db, work, attempt);
      const freed = [...(await releaseShared(db, lease.leg)), ...(await undecided(db, lease.operation))];
      return runnable(db, deps.journal.now(), freed);
    }),
  );
  deps.log.warn(
    { operation: lease.operation, action: work.operation.action, master: work.leg.master, reason: trouble.message },
    'a leg is on hold and needs a person',
  );
  after(deps, lease.operation, wakes);
}

/** While nobody has done it, an operation on hold is undecided, and its waiting legs give up their shared keys too. */
async function undecided(db: Db, id: string): Promise<readonly string[]> {
  const operation = await operationRow(db, id);
  if (operation.state !== 'accepted' && operation.state !== 'undecided') return [];
  await db.updateTable('operations').set({ state: 'undecided' }).where('id', '=', id).execute();
  const freed: string[] = [];
  for (const leg of await legRows(db, id)) {
    if (leg.released === 0 && leg.state === 'ready') freed.push(...(await releaseShared(db, leg.id)));
  }
  return freed;
}

/** The lead refused after part of it took effect, and that part is ours: it is taken back, then the operation is refused. */
export async function settleTakeBack(
  deps: Deps,
  work: Work,
  lease: Lease,
  trouble: Trouble,
  attempt: Attempt,
): Promise<void> {
  await between(deps.crash, 'settle-take-back', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, { state: 'doubt', mode: 'undo', due_at: now, ...errorOf(trouble) });
      await noteAttempt(deps, db, work, attempt);
      await db
        .updateTable('operations')
        .set({ state: 'undecided', refusal: trouble.message })
        .where('id', '=', lease.operation)
        .execute();
    }),
  );
  after(deps, lease.operation, [{ leg: lease.leg, master: work.leg.master, turn: lease.turn }]);
}

/** What this master had done is taken back. The operation ends when no master has it any more. */
export async function settleUndone(deps: Deps, work: Work, lease: Lease): Promise<void> {
  const wakes = await between(deps.crash, 'settle-undone', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await updateOurs(db, lease, { state: 'withdrawn', done_at: now, closed_until: null, ...NO_ERROR });
      const freed = [...(await release(db, lease.leg))];
      const legs = await legRows(db, lease.operation);
      if (legs.every((l) => l.mode !== 'undo' || l.state === 'withdrawn')) {
        freed.push(...(await endOthers(db, lease.operation, now)));
        const state = work.operation.refusal === null ? 'withdrawn' : 'refused';
        await db
          .updateTable('operations')
          .set((e) => ({
            state,
            decided_at: e.fn.coalesce('decided_at', now),
            final_at: now,
            data_key: null,
            sealed: null,
            verified_at: now,
          }))
          .where('id', '=', lease.operation)
          .execute();
      }
      return runnable(db, now, freed);
    }),
  );
  after(deps, lease.operation, wakes);
}
