import type { Kysely } from 'kysely';

/** Where accounts and packages belong, and whether a switch moves them. May be run again after it was cut off. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('placements')
    .ifNotExists()
    // 'account:bob', 'package:gold'
    .addColumn('subject', 'varchar(160)', (c) => c.primaryKey().notNull())
    .addColumn('protected', 'integer')
    .addColumn('preferred', 'varchar(16)')
    .addColumn('choice', 'integer')
    .addColumn('file_sync', 'integer')
    .addColumn('set_by', 'varchar(128)', (c) => c.notNull())
    .addColumn('set_at', 'bigint', (c) => c.notNull())
    .execute();
}
