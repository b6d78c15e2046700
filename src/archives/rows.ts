/** The journal's rows of archives and restores. */
import type { Selectable } from 'kysely';
import type { ArchivesTable, RestoresTable } from '../store/archive-tables.ts';
import type { ArchiveDeps } from './deps.ts';

export type ArchiveRow = Selectable<ArchivesTable>;
export type RestoreRow = Selectable<RestoresTable>;

type Deps = Pick<ArchiveDeps, 'journal'>;

export function archivesOf({ journal }: Deps, operation: string): Promise<ArchiveRow[]> {
  return journal.read((db) =>
    db.selectFrom('archives').selectAll().where('operation_id', '=', operation).orderBy('id', 'desc').execute(),
  );
}

export function archiveRow({ journal }: Deps, id: string): Promise<ArchiveRow | undefined> {
  return journal.read((db) => db.selectFrom('archives').selectAll().where('id', '=', id).executeTakeFirst());
}

export function allArchives({ journal }: Deps): Promise<ArchiveRow[]> {
  return journal.read((db) => db.selectFrom('archives').selectAll().orderBy('id', 'desc').execute());
}

export async function addArchive({ journal }: Deps, row: ArchiveRow): Promise<void> {
  await journal.write((db) => db.insertInto('archives').values(row).execute());
}

/** Changes the row while it is in this state; false: somebody else moved it. */
export async function moveArchive(
  { journal }: Deps,
  row: Pick<ArchiveRow, 'id' | 'state'>,
  values: Partial<ArchiveRow>,
): Promise<boolean> {
  const result = await journal.write((db) =>
    db.updateTable('archives').set(values).where('id', '=', row.id).where('state', '=', row.state).executeTakeFirst(),
  );
  return result.numUpdatedRows === 1n;
}

export function restoreRow({ journal }: Deps, leg: string): Promise<RestoreRow | undefined> {
  return journal.read((db) => db.selectFrom('restores').selectAll().where('leg_id', '=', leg).executeTakeFirst());
}

/** Makes the row, or begins it anew. */
export async function addRestore({ journal }: Deps, row: RestoreRow): Promise<void> {
  await journal.write(async (db) => {
    await db.deleteFrom('restores').where('leg_id', '=', row.leg_id).execute();
    await db.insertInto('restores').values(row).execute();
  });
}

export async function moveRestore(
  { journal }: Deps,
  row: Pick<RestoreRow, 'leg_id' | 'state'>,
  values: Partial<RestoreRow>,
): Promise<boolean> {
  const result = await journal.write((db) =>
    db
      .updateTable('restores')
      .set(values)
      .where('leg_id', '=', row.leg_id)
      .where('state', '=', row.state)
      .executeTakeFirst(),
  );
  return result.numUpdatedRows === 1n;
}

/** Takes the transfer of a row, or keeps it: one process at a time. False: another one has it. */
export async function hold(
  deps: Pick<ArchiveDeps, 'journal' | 'owner' | 'limits'>,
  table: 'archives' | 'restores',
  id: string,
): Promise<boolean> {
  const { journal, owner, limits } = deps;
  const now = Date.now();
  const values = { holder: owner, held_until: now + limits.leaseMs };
  const result = await journal.write((db) => {
    const free = { holder: owner, until: now };
    return table === 'archives'
      ? db
          .updateTable('archives')
          .set(values)
          .where('id', '=', id)
          .where('state', '=', 'fetching')
          .where((e) =>
            e.or([e('holder', 'is', null), e('holder', '=', free.holder), e('held_until', '<', free.until)]),
          )
          .executeTakeFirst()
      : db
          .updateTable('restores')
          .set(values)
          .where('leg_id', '=', id)
          .where('state', '=', 'bringing')
          .where((e) =>
            e.or([e('holder', 'is', null), e('holder', '=', free.holder), e('held_until', '<', free.until)]),
          )
          .executeTakeFirst();
  });
  return result.numUpdatedRows === 1n;
}
