/** Scans over all accounts, in the journal: asked for, running with a cursor, over. Killed anywhere, the next turn goes on. */
import { type Selectable, sql } from 'kysely';
import { ulid } from 'ulid';
import type { Deps } from '../operations/deps.ts';
import type { DriftRunsTable } from '../store/schema.ts';

export type RunReason = 'asked' | 'nightly' | 'outage';

export interface Run {
  readonly id: string;
  readonly reason: RunReason;
  readonly askedBy: string | undefined;
  readonly state: 'waiting' | 'running' | 'done';
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly cursor: string;
  readonly accounts: number;
  readonly looked: number;
  readonly skipped: number;
  /** To all masters together. */
  readonly calls: number;
  readonly found: number;
  readonly sentence: string;
}

type Journal = Pick<Deps, 'journal'>;

export function runOf(row: Selectable<DriftRunsTable>): Run {
  return {
    id: row.id,
    // Written by this module alone.
    reason: row.reason as RunReason,
    askedBy: row.asked_by ?? undefined,
    state: row.state as Run['state'],
    startedAt: Number(row.started_at),
    endedAt: row.ended_at === null ? undefined : Number(row.ended_at),
    cursor: row.cursor_at,
    accounts: Number(row.accounts),
    looked: Number(row.looked_at),
    skipped: Number(row.skipped),
    calls: Number(row.calls),
    found: Number(row.found),
    sentence: row.sentence,
  };
}

/** Asks for a scan. While one waits or runs there is no second: its id is given. */
export async function askForRun({ journal }: Journal, reason: RunReason, by: string | null): Promise<string> {
  return journal.write(async (db) => {
    const open = await db.selectFrom('drift_runs').select('id').where('state', '!=', 'done').executeTakeFirst();
    if (open !== undefined) return open.id;
    const id = ulid();
    const counts = { accounts: 0, looked_at: 0, skipped: 0, calls: 0, found: 0 };
    await db
      .insertInto('drift_runs')
      .values({
        id,
        reason,
        asked_by: by,
        state: 'waiting',
        started_at: journal.now(),
        ended_at: null,
        cursor_at: '',
        ...counts,
        sentence: 'It begins with the next turn of a worker.',
      })
      .execute();
    return id;
  });
}

export async function openRun({ journal }: Journal): Promise<Run | undefined> {
  const row = await journal.read((db) =>
    db.selectFrom('drift_runs').selectAll().where('state', '!=', 'done').orderBy('id').executeTakeFirst(),
  );
  return row === undefined ? undefined : runOf(row);
}

export async function runById({ journal }: Journal, id: string): Promise<Run | undefined> {
  const row = await journal.read((db) =>
    db.selectFrom('drift_runs').selectAll().where('id', '=', id).executeTakeFirst(),
  );
  return row === undefined ? undefined : runOf(row);
}

export async function lastRuns({ journal }: Journal, limit: number): Promise<readonly Run[]> {
  const rows = await journal.read((db) =>
    db.selectFrom('drift_runs').selectAll().orderBy('id', 'desc').limit(limit).execute(),
  );
  return rows.map(runOf);
}

/** What a step changed. */
export type Progress = Partial<
  Pick<Run, 'state' | 'cursor' | 'accounts' | 'looked' | 'skipped' | 'calls' | 'found' | 'sentence'>
>;

export async function progress({ journal }: Journal, id: string, p: Progress): Promise<void> {
  const { cursor, looked, ...rest } = p;
  await journal.write((db) =>
    db
      .updateTable('drift_runs')
      .set({
        ...rest,
        ...(cursor === undefined ? {} : { cursor_at: cursor }),
        ...(looked === undefined ? {} : { looked_at: looked }),
        ...(p.state === 'done' ? { ended_at: journal.now() } : {}),
      })
      .where('id', '=', id)
      .execute(),
  );
}

/** Asks for a look at one account soon. */
export async function askForAccount({ journal }: Journal, account: string, why: string, inMs = 0): Promise<void> {
  await journal.write(async (db) => {
    await db.deleteFrom('drift_due').where('account', '=', account).execute();
    const dueAt = sqlIn(journal, inMs);
    await db
      .insertInto('drift_due')
      .values({ account, due_at: dueAt, why: why.slice(0, 190) })
      .execute();
  });
}

function sqlIn(journal: Deps['journal'], ms: number) {
  return sql<number>`${journal.now()} + ${ms}`;
}

export interface Due {
  readonly account: string;
  readonly dueAt: number;
}

export async function dueAccounts({ journal }: Journal, limit: number): Promise<readonly Due[]> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('drift_due')
      .select(['account', 'due_at'])
      .where('due_at', '<=', journal.now())
      .orderBy('due_at')
      .limit(limit)
      .execute(),
  );
  return rows.map((r) => ({ account: r.account, dueAt: Number(r.due_at) }));
}

/** Takes them off the list, unless they were asked for anew meanwhile. */
export async function noLongerDue({ journal }: Journal, due: readonly Due[]): Promise<void> {
  for (const { account, dueAt } of due)
    await journal.write((db) =>
      db.deleteFrom('drift_due').where('account', '=', account).where('due_at', '=', dueAt).execute(),
    );
}
