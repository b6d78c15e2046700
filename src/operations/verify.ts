/**
 * A cheap read-back, a little after an operation ended: every master that has it is looked at once more, and what is
 * not as wanted becomes drift. Only the last operation applied on a key is looked at, so a burst on one account costs
 * one look. Afterwards the operation's secrets are destroyed.
 */
import { sql } from 'kysely';
import { Garbled } from '../errors.ts';
import type { Answer } from '../whm/outcome.ts';
import { hidden } from '../whm/redact.ts';
import { between } from './crash-points.ts';
import type { Deps } from './deps.ts';
import { noteDifference } from './note-difference.ts';
import { workOf } from './open-operation.ts';
import { readAll } from './read-all.ts';
import { keysOfRow, type LegRow, legRows, type OperationRow, placeOf, type Work } from './record.ts';
import { againOf } from './run.ts';

const BATCH = 50;
/** A master that cannot be read now is asked again later, milliseconds. */
const AGAIN_MS = 60_000;

/** One turn. Returns how many operations were verified. */
export async function verifyDue(deps: Deps, usable: (master: string) => boolean): Promise<number> {
  const due = await deps.journal.read((db) =>
    db
      .selectFrom('operations')
      .selectAll()
      .where('verify_at', '<=', deps.journal.now())
      .orderBy('verify_at')
      .limit(BATCH)
      .execute(),
  );
  let verified = 0;
  for (const operation of due) if (await verifyOne(deps, operation, usable)) verified += 1;
  return verified;
}

interface Finding {
  readonly master: string;
  readonly sentence: string;
}

async function verifyOne(deps: Deps, operation: OperationRow, usable: (master: string) => boolean): Promise<boolean> {
  if (!(await postpone(deps, operation))) return false;
  const compared = operation.state === 'done' && !(await superseded(deps, operation));
  const findings = compared ? await findingsOf(deps, operation, usable) : [];
  if (findings === 'unreadable') return false;
  // Asked once more: what was accepted during the look may be what it saw.
  const still = findings.length > 0 && !(await superseded(deps, operation));
  await finish(deps, operation, still ? findings : []);
  return true;
}

async function findingsOf(
  deps: Deps,
  operation: OperationRow,
  usable: (master: string) => boolean,
): Promise<readonly Finding[] | 'unreadable'> {
  const findings: Finding[] = [];
  const legs = await deps.journal.read((db) => legRows(db, operation.id));
  for (const leg of legs.filter((l) => l.state === 'done')) {
    const sentence = usable(leg.master) ? await compare(deps, operation, leg) : 'unreadable';
    if (sentence === 'unreadable') return 'unreadable';
    if (sentence !== undefined) findings.push({ master: leg.master, sentence });
  }
  return findings;
}

/**
 * What an operation left and a master no longer has, as a sentence; undefined: nothing, or it can no longer be told
 * because its parameters are gone. 'unreadable': ask again later.
 */
export async function differenceNow(deps: Deps, id: string, master: string): Promise<string | undefined> {
  const found = await deps.journal.read(async (db) => {
    const operation = await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst();
    return operation === undefined ? undefined : { operation, legs: await legRows(db, id) };
  });
  const leg = found?.legs.find((l) => l.master === master);
  if (found === undefined || leg === undefined || (await superseded(deps, found.operation))) return undefined;
  // Its secrets are destroyed: what it wanted can no longer be planned.
  if (found.operation.sealed === null && found.operation.params.includes(hidden)) return undefined;
  return compare(deps, found.operation, leg);
}

/** Two workers may find the same operation: who moves its time on has it. */
async function postpone(deps: Deps, operation: OperationRow): Promise<boolean> {
  const won = await deps.journal.write((db) =>
    db
      .updateTable('operations')
      .set({ verify_at: sql<number>`${deps.journal.now()} + ${AGAIN_MS}` })
      .where('id', '=', operation.id)
      .where('verify_at', '=', operation.verify_at)
      .executeTakeFirst(),
  );
  return won.numUpdatedRows === 1n;
}

async function superseded(deps: Deps, operation: OperationRow): Promise<boolean> {
  const names = keysOfRow(operation)
    .filter((k) => k.exclusive)
    .map((k) => k.name);
  if (names.length === 0) return false;
  const later = await deps.journal.read((db) =>
    db.selectFrom('keys').select('name').where('name', 'in', names).where('seq', '>', operation.seq).executeTakeFirst(),
  );
  return later !== undefined;
}

/** The difference as a sentence, undefined when there is none, 'unreadable' when the master could not be asked. */
async function compare(deps: Deps, operation: OperationRow, leg: LegRow): Promise<string | undefined> {
  const work = workOf(deps, operation, leg);
  const answers = await read(deps, work);
  if (answers === undefined) return 'unreadable';
  if (answers.length === 0) return undefined;
  const place = { ...placeOf(deps, leg), sent: true };
  try {
    const plan = work.action.plan(work.params, work.action.read(work.params, answers, place), place);
    if (plan.kind === 'settled') return undefined;
    const name = deps.masters.get(leg.master).name;
    if (plan.kind === 'refused') return `${name} differs from what ${work.action.id} left: ${plan.reason}`;
    return `${name} no longer has what ${work.action.id} left; it would take ${plan.calls.map((c) => c.fn).join(', ')}`;
  } catch (error) {
    if (error instanceof Garbled) return 'unreadable';
    throw error;
  }
}

async function read(deps: Deps, work: Work): Promise<readonly Answer[] | undefined> {
  // A home's files change without Tandem, and rightly so.
  if (work.action.where === 'active') return [];
  // What cannot be read back (a password) has nothing to compare.
  if ((work.action.blind ?? []).length > 0 && againOf(work) === 'safe') return [];
  return readAll(deps, work.leg.master, work.action.observe(work.params, { ...placeOf(deps, work.leg), sent: true }));
}

async function finish(deps: Deps, operation: OperationRow, findings: readonly Finding[]): Promise<void> {
  await between(deps.crash, 'verify', () =>
    deps.journal.write(async (db) => {
      const now = deps.journal.now();
      await db
        .updateTable('operations')
        .set({ verified_at: now, verify_at: null, data_key: null, sealed: null })
        .where('id', '=', operation.id)
        .execute();
      if (findings.length === 0) return;
      for (const f of findings)
        await noteDifference(db, now, { ...f, account: operation.account, operation: operation.id });
    }),
  );
  if (findings.length > 0) deps.log.warn({ operation: operation.id, findings }, 'a master differs from what was done');
  deps.changes.tell(operation.id);
}
