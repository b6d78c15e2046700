/** What a person has chosen about the portal. */
import { seeingOthers } from '../store/database-once.ts';
import type { AuthDeps } from './journal.ts';

/** How many seconds this person can undo a change; undefined: nothing was chosen. */
export async function personUndo(deps: AuthDeps, name: string): Promise<number | undefined> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('person_settings').select('undo_seconds').where('name', '=', name).executeTakeFirst(),
  );
  return row?.undo_seconds ?? undefined;
}

/** Keeps it; undefined goes back to what is configured. */
export async function personUndoSet(deps: AuthDeps, name: string, seconds: number | undefined): Promise<void> {
  const row = { name, undo_seconds: seconds ?? null };
  // Two of the person's own browsers may do so at once.
  await seeingOthers(() =>
    deps.journal.write(async (db) => {
      await db.deleteFrom('person_settings').where('name', '=', name).execute();
      await db.insertInto('person_settings').values(row).execute();
    }),
  );
}
