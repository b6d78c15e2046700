/** The right to scan: leased in the journal by the database's clock, so that two workers run one scan. */
import { sql } from 'kysely';
import type { Deps } from '../operations/deps.ts';
import { isDuplicate } from '../store/database-errors.ts';

const NAME = 'drift';
/** Longer than the longest batch may take between two renewals, milliseconds. */
const LEASE_MS = 60_000;

export interface Lease {
  readonly generation: number;
}

/** Takes or keeps the lease; undefined: another process has it. */
export async function takeLease({ journal }: Pick<Deps, 'journal'>, owner: string): Promise<Lease | undefined> {
  try {
    return await journal.write(async (db) => {
      const row = await db.selectFrom('leases').selectAll().where('name', '=', NAME).executeTakeFirst();
      const until = sqlLater(journal);
      if (row === undefined) {
        await db.insertInto('leases').values({ name: NAME, owner, generation: 1, until_at: until }).execute();
        return { generation: 1 };
      }
      const generation = Number(row.generation) + (row.owner === owner ? 0 : 1);
      const won = await db
        .updateTable('leases')
        .set({ owner, generation, until_at: until })
        .where('name', '=', NAME)
        .where('generation', '=', row.generation)
        .where((e) => e.or([e('owner', '=', owner), e('until_at', '<', journal.now())]))
        .executeTakeFirst();
      return won.numUpdatedRows === 1n ? { generation } : undefined;
    });
  } catch (error) {
    // Two processes made the first row at one moment: who came second tries again next turn.
    if (isDuplicate(error)) return undefined;
    throw error;
  }
}

function sqlLater(journal: Deps['journal']) {
  return sql<number>`${journal.now()} + ${LEASE_MS}`;
}

/** Gives it back, so that another process need not wait. */
export async function giveLease({ journal }: Pick<Deps, 'journal'>, owner: string): Promise<void> {
  await journal.write((db) =>
    db.updateTable('leases').set({ until_at: 0 }).where('name', '=', NAME).where('owner', '=', owner).execute(),
  );
}
