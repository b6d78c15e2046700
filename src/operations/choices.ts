/** What a person may decide about a leg on hold, and the withdrawal of what was never sent. */
import { type RawBuilder, sql } from 'kysely';
import { actionOf } from '../actions/index.ts';
import { Refused } from '../errors.ts';
import { seeingOthers } from '../store/database-once.ts';
import { between, type Step } from './crash-points.ts';
import { decide } from './decide.ts';
import type { Deps, Wake } from './deps.ts';
import type { Choice } from './model.ts';
import { noteDifference } from './note-difference.ts';
import { workOf } from './open-operation.ts';
import { release, takeAgain } from './order.ts';
import { type Db, keysOfRow, type LegRow, legRows, type OperationRow, operationRow, runnable } from './record.ts';
import { againOf } from './run.ts';
import { skipLeg } from './skip.ts';

interface Held {
  readonly db: Db;
  readonly now: RawBuilder<number>;
  readonly operation: OperationRow;
  readonly leg: LegRow;
  readonly legs: readonly LegRow[];
}

/** Legs to look at afterwards. */
type Carry = (deps: Deps, held: Held) => Promise<readonly string[]>;

const CARRY: Readonly<Record<Choice, Carry>> = { retry, adopt, skip, undo };

/** Carries out a person's choice in one transaction. Throws Refused when it is not open (any more). */
export async function carryOut(deps: Deps, id: string, master: string, choice: Choice): Promise<void> {
  const step: Step = `choose-${choice}`;
  const carry = async (db: Db): Promise<readonly Wake[]> => {
    const operation = await operationRow(db, id);
    const legs = await legRows(db, id);
    const leg = legs.find((l) => l.master === master);
    if (leg === undefined || leg.state !== 'held') {
      throw new Refused(`operation ${id} is not on hold on ${master}`, {
        hint: 'Look at it again: it may have gone on.',
      });
    }
    const held: Held = { db, now: deps.journal.now(), operation, leg, legs };
    const why = await closedBecause(held, choice);
    if (why !== undefined) throw new Refused(why);
    const ids = await CARRY[choice](deps, held);
    return runnable(deps, db, ids);
  };
  // Two people may skip two operations of one account at once, and both note its absence.
  const wakes = await between(deps.crash, step, () => seeingOthers(() => deps.journal.write(carry)));
  deps.changes.tell(id);
  deps.wake(wakes);
}

/** The choices that are open for a leg on hold. */
export async function openChoices(
  db: Db,
  operation: OperationRow,
  leg: LegRow,
  legs: readonly LegRow[],
): Promise<readonly Choice[]> {
  if (leg.state !== 'held') return [];
  const held: Held = { db, now: undefined as never, operation, leg, legs };
  const open: Choice[] = [];
  for (const choice of ['retry', 'adopt', 'skip', 'undo'] as const) {
    if ((await closedBecause(held, choice)) === undefined) open.push(choice);
  }
  return open;
}

async function closedBecause(held: Held, choice: Choice): Promise<string | undefined> {
  if (choice === 'retry') return undefined;
  if ((held.leg.closed_until ?? 0) > Date.now())
    return `its last call may still take effect, until ${new Date(held.leg.closed_until ?? 0).toISOString().slice(11, 19)} UTC`;
  if (held.leg.mode === 'undo' && choice !== 'adopt') return 'what was begun must be taken back';
  return choice === 'undo' ? noUndo(held) : undefined;
}

async function noUndo(held: Held): Promise<string | undefined> {
  const action = actionOf(held.operation.action);
  if (action?.undo === undefined) return 'this action cannot be taken back';
  if ((action.destroys ?? []).length > 0) return 'what was destroyed cannot be taken back';
  if (!held.legs.some((l) => l.state === 'done')) return 'no other master has done it';
  const names = keysOfRow(held.operation)
    .filter((k) => k.exclusive)
    .map((k) => k.name);
  if (names.length === 0) return undefined;
  const later = await held.db
    .selectFrom('keys')
    .select('name')
    .where('name', 'in', names)
    .where('applied_seq', '>', held.operation.seq)
    .executeTakeFirst();
  return later === undefined ? undefined : `a later operation on ${later.name} was applied already`;
}

/** Begin again, from a look when anything was ever sent. */
async function retry(deps: Deps, { db, now, operation, leg, legs }: Held): Promise<readonly string[]> {
  const afresh = leg.first_sent_at === null || againOf(workOf(deps, operation, leg)) === 'never';
  await db
    .updateTable('legs')
    .set({
      // What cannot be looked at is done again only because a person looked and says so.
      ...(afresh ? { state: 'ready', first_sent_at: null } : { state: 'doubt' }),
      doubts: 0,
      delays: 0,
      due_at: sql<number>`case when closed_until > ${now} then closed_until else ${now} end`,
    })
    .where('id', '=', leg.id)
    .execute();
  if (operation.state === 'undecided') {
    await db.updateTable('operations').set({ state: 'accepted' }).where('id', '=', operation.id).execute();
  }
  const back =
    operation.state === 'undecided'
      ? legs.filter((l) => l.id === leg.id || (l.state === 'ready' && l.released === 0))
      : [leg];
  for (const one of back)
    await takeAgain(
      deps,
      db,
      { id: one.id, master: one.master, seq: one.seq, wide: operation.destroys === 1 },
      keysOfRow(operation),
    );
  return [leg.id];
}

/** What this master has is right: it counts as done, and the difference is listed as drift. */
async function adopt(deps: Deps, { db, now, operation, leg }: Held): Promise<readonly string[]> {
  await db.updateTable('legs').set({ state: 'done', done_at: now }).where('id', '=', leg.id).execute();
  await noteDifference(db, now, {
    account: operation.account,
    master: leg.master,
    operation: operation.id,
    sentence: `${deps.masters.get(leg.master).name} kept what it had: ${leg.error_message ?? operation.action}`,
  });
  return [...(await release(deps, db, leg.id)), ...(await decide(deps, db, operation.id))];
}

function skip(deps: Deps, { db, operation, leg }: Held): Promise<readonly string[]> {
  return skipLeg(deps, db, operation, leg);
}

/** The masters that did it take it back; then nobody has it. */
async function undo(deps: Deps, { db, now, operation, leg, legs }: Held): Promise<readonly string[]> {
  const keys = keysOfRow(operation);
  const ids: string[] = [];
  for (const done of legs.filter((l) => l.state === 'done')) {
    await db
      .updateTable('legs')
      .set({ state: 'ready', mode: 'undo', due_at: now, released: 1, done_at: null, doubts: 0 })
      .where('id', '=', done.id)
      .execute();
    await takeAgain(deps, db, { id: done.id, master: done.master, seq: done.seq, wide: false }, keys);
    ids.push(done.id);
  }
  if (leg.first_sent_at === null) {
    await db.updateTable('legs').set({ state: 'withdrawn', done_at: now }).where('id', '=', leg.id).execute();
    return [...ids, ...(await release(deps, db, leg.id))];
  }
  // It was sent here too, so a part of it may be here.
  await db
    .updateTable('legs')
    .set({ state: 'doubt', mode: 'undo', due_at: now, doubts: 0, closed_until: null })
    .where('id', '=', leg.id)
    .execute();
  await takeAgain(deps, db, { id: leg.id, master: leg.master, seq: leg.seq, wide: false }, keys);
  return [...ids, leg.id];
}

/** Takes an operation back that no master was ever sent. Throws Refused once one was. */
export async function withdrawUnsent(deps: Deps, id: string): Promise<void> {
  const wakes = await between(deps.crash, 'withdraw', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      const operation = await operationRow(db, id);
      const ended = await db
        .updateTable('legs')
        .set({ state: 'withdrawn', done_at: now, lease_owner: null, lease_until: null })
        .where('operation_id', '=', id)
        .where('first_sent_at', 'is', null)
        .where('state', 'in', ['ready', 'held', 'doubt'])
        .executeTakeFirst();
      const legs = await legRows(db, id);
      const all = legs.every((l) => l.state === 'withdrawn' || l.state === 'skipped');
      if (ended.numUpdatedRows === 0n || !all) {
        throw new Refused(`operation ${id} cannot be withdrawn: it was sent to a master already`, {
          hint: 'Wait for its end, then do the opposite.',
        });
      }
      await db
        .updateTable('operations')
        .set({ state: 'withdrawn', decided_at: now, final_at: now, verified_at: now, data_key: null, sealed: null })
        .where('id', '=', operation.id)
        .execute();
      const freed: string[] = [];
      for (const leg of legs) freed.push(...(await release(deps, db, leg.id)));
      return runnable(deps, db, freed);
    }),
  );
  deps.changes.tell(id);
  deps.wake(wakes);
}
