import { afterAll, beforeAll, describe } from 'vitest';
import { type JournalConfig, type MariadbConfig, openJournal } from '../../../src/store/database.ts';
import { startMariadb, type TestMariadb } from '../../support/mariadb.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { quiet, type Tables } from './databases-quiet.ts';

export { quiet, type Tables } from './databases-quiet.ts';

export function configOf({ host, port, user, password, database }: TestMariadb): MariadbConfig {
  return { kind: 'mariadb', host, port, user, password, database };
}

/** Makes the table anew. */
export async function makeThings(config: JournalConfig): Promise<void> {
  const journal = await openJournal<Tables>(config, { log: quiet });
  try {
    await journal.write(async (db) => {
      await db.schema.dropTable('things').ifExists().execute();
      await db.schema
        .createTable('things')
        .addColumn('id', 'varchar(80)', (c) => c.primaryKey())
        .addColumn('n', 'bigint', (c) => c.notNull())
        .addColumn('text', 'text')
        .addColumn('bytes', 'blob')
        .execute();
    });
  } finally {
    await journal.close();
  }
}

/** The same facts on both databases. Inside, `config()` is an empty database of the kind. */
export function onBothDatabases(name: string, facts: (config: () => JournalConfig) => void): void {
  describe(`${name}, SQLite`, () => {
    let dir: TempDir;
    beforeAll(() => {
      dir = tempDir('tandem-sqlite');
    });
    afterAll(() => dir.remove());
    facts(() => ({ kind: 'sqlite', file: `${dir.path}/journal.db` }));
  });
  describe.skipIf(missing('mariadbd') !== undefined)(`${name}, MariaDB`, () => {
    let server: TestMariadb;
    beforeAll(async () => {
      server = await startMariadb();
    });
    afterAll(() => server.stop());
    facts(() => configOf(server));
  });
}
