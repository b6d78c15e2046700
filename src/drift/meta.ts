/** Single values of the comparison, in the journal's own table for such. */
import type { Deps } from '../operations/deps.ts';

/** '' when it was never set. */
export async function getMeta({ journal }: Pick<Deps, 'journal'>, name: string): Promise<string> {
  const row = await journal.read((db) =>
    db.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst(),
  );
  return row?.value ?? '';
}

export async function setMeta({ journal }: Pick<Deps, 'journal'>, name: string, value: string): Promise<void> {
  await journal.write(async (db) => {
    const met = await db.updateTable('meta').set({ value }).where('name', '=', name).executeTakeFirst();
    if (met.numUpdatedRows === 0n) await db.insertInto('meta').values({ name, value }).execute();
  });
}

/** When the comparison ran first over this journal; noted now when it never did. Milliseconds since 1970. */
export async function firstStart(deps: Pick<Deps, 'journal'>, now: number): Promise<number> {
  const known = Number(await getMeta(deps, 'drift.since'));
  if (known > 0) return known;
  await setMeta(deps, 'drift.since', String(now));
  return now;
}
