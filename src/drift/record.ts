/** Writing down what a look found: one live row for each difference, ended when it is gone. */
import { ulid } from 'ulid';
import { LeaseLost } from '../errors.ts';
import type { Deps } from '../operations/deps.ts';
import type { Db } from '../operations/record.ts';
import { type FindingRow, LIVE, thingKey } from './findings.ts';
import { kindOf } from './kinds/index.ts';
import type { Difference } from './model.ts';
import { blamed, sentenceOf } from './plan.ts';
import { keepThings } from './things.ts';

/** What was looked at, so that what is not found there any more can be said to be gone. */
export interface Looked {
  /** null: the servers. */
  readonly account: string | null;
  /** Kinds that were read on every master. */
  readonly kinds: readonly string[];
  readonly differences: readonly Difference[];
  /** Names of what was seen, by kind. */
  readonly things: ReadonlyMap<string, ReadonlySet<string>>;
  /** Generation of the lease under which it was looked at: what is written later is refused. */
  readonly generation: number;
}

/** Writes what was found and ends what is gone. Returns how many findings are new. Throws LeaseLost. */
export function record(deps: Pick<Deps, 'journal' | 'masters'>, looked: Looked, active: string): Promise<number> {
  return deps.journal.write(async (db) => {
    if (!(await holds(db, looked.generation)))
      throw new LeaseLost('another worker has taken over the comparison of the masters');
    const rows = await liveRows(db, looked);
    const met = new Set<string>();
    let fresh = 0;
    for (const difference of looked.differences) {
      const row = await write(deps, db, rows, difference, active);
      if (row.isNew) fresh += 1;
      met.add(row.key);
    }
    await end(
      deps,
      db,
      rows.filter((r) => !met.has(r.thing_key)),
    );
    await absorb(deps, db, looked);
    if (looked.account !== null) await keepThings(db, looked.account, looked.things);
    return fresh;
  });
}

function isUnderRepair(state: string): boolean {
  return state === 'repairing' || state === 'checking';
}

async function write(
  deps: Pick<Deps, 'journal' | 'masters'>,
  db: Db,
  rows: readonly FindingRow[],
  difference: Difference,
  active: string,
): Promise<{ readonly key: string; readonly isNew: boolean }> {
  const key = thingKey(difference.kind, difference.account, difference.name);
  const row = rows.find((r) => r.thing_key === key);
  if (row === undefined) await insert(deps, db, difference, key, active);
  else await update(deps, db, row, difference, active);
  return { key, isNew: row === undefined };
}

/** What is not there any more was repaired, or is gone by itself. */
async function end({ journal }: Pick<Deps, 'journal'>, db: Db, gone: readonly FindingRow[]): Promise<void> {
  for (const state of ['repaired', 'gone'] as const) {
    const ids = gone.filter((r) => isUnderRepair(r.state) === (state === 'repaired')).map((r) => r.id);
    if (ids.length === 0) continue;
    await db.updateTable('findings').set({ state, resolved_at: journal.now() }).where('id', 'in', ids).execute();
  }
}

async function holds(db: Db, generation: number): Promise<boolean> {
  const row = await db.selectFrom('leases').select('generation').where('name', '=', 'drift').executeTakeFirst();
  return Number(row?.generation ?? 0) === generation;
}

/** What the look back at an operation noted as a sentence is now known exactly. */
async function absorb({ journal }: Pick<Deps, 'journal'>, db: Db, { differences }: Looked): Promise<void> {
  const explained = [...new Set(differences.flatMap((d) => (d.origin === undefined ? [] : [d.origin.operation])))];
  if (explained.length === 0) return;
  await db
    .updateTable('findings')
    .set({ state: 'gone', resolved_at: journal.now() })
    .where('kind', '=', 'operation')
    .where('state', '=', 'open')
    .where('operation_id', 'in', explained)
    .execute();
}

/** A server-wide kind may name an account in each thing, so its rows are found by kind alone. */
async function liveRows(db: Db, { account, kinds }: Looked): Promise<readonly FindingRow[]> {
  if (kinds.length === 0) return [];
  const query = db
    .selectFrom('findings')
    .selectAll()
    .where('kind', 'in', [...kinds])
    .where('state', 'in', [...LIVE]);
  return (account === null ? query : query.where('account', '=', account)).execute();
}

function columnsOf(deps: Pick<Deps, 'journal' | 'masters'>, difference: Difference, active: string) {
  const kind = kindOf(difference.kind);
  if (kind === undefined) throw new RangeError(`no kind is called ${difference.kind}`);
  return {
    master: blamed(difference, active),
    sentence: sentenceOf(kind, difference, (id) => deps.masters.get(id).name),
    sides: JSON.stringify(difference.sides),
    operation_id: difference.origin?.operation ?? null,
    expects: difference.origin?.expects ?? null,
    seen_at: deps.journal.now(),
  };
}

async function insert(
  deps: Pick<Deps, 'journal' | 'masters'>,
  db: Db,
  difference: Difference,
  key: string,
  active: string,
): Promise<void> {
  const { kind, account, name } = difference;
  await db
    .insertInto('findings')
    .values({
      id: ulid(),
      thing_key: key,
      kind,
      account,
      thing: name,
      ...columnsOf(deps, difference, active),
      state: 'open',
      found_at: deps.journal.now(),
      resolved_at: null,
      repair_operation: null,
      decided_by: null,
    })
    .execute();
}

/** What was accepted as wanted is open again when it is no longer what was accepted. */
async function update(
  deps: Pick<Deps, 'journal' | 'masters'>,
  db: Db,
  row: FindingRow,
  difference: Difference,
  active: string,
): Promise<void> {
  const columns = columnsOf(deps, difference, active);
  const reopened = row.state === 'checking' || (row.state === 'accepted' && row.sides !== columns.sides);
  await db
    .updateTable('findings')
    .set({
      ...columns,
      // Something else than what a repair was refused for.
      ...(row.sides === columns.sides || row.state === 'repairing' ? {} : { repair_operation: null }),
      ...(reopened ? { state: 'open', resolved_at: null, decided_by: null } : {}),
    })
    .where('id', '=', row.id)
    .execute();
}
