import { type Kysely, sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { type JournalConfig, openJournal } from '../../../src/store/database.ts';
import { JournalTooNew } from '../../../src/store/database-errors.ts';
import { type Migration, migrate } from '../../../src/store/migrate.ts';
import { makeThings, onBothDatabases, quiet, type Tables } from './databases.ts';

let runs = 0;
const first: Migration = {
  name: '001-first',
  async up(db: Kysely<unknown>) {
    runs++;
    await db.schema
      .createTable('one')
      .addColumn('id', 'varchar(20)', (c) => c.primaryKey())
      .execute();
    await sql`insert into one (id) values ('x')`.execute(db);
  },
};
const second: Migration = {
  name: '002-second',
  async up(db: Kysely<unknown>) {
    runs++;
    await sql`insert into one (id) values ('y')`.execute(db);
  },
};

onBothDatabases('migrations', (config) => {
  beforeEach(async () => {
    runs = 0;
    await makeThings(config());
    await withJournal(config(), async (journal) => {
      await journal.write(async (db) => {
        for (const table of ['one', 'migrations', 'migration_lock'])
          await db.schema.dropTable(table).ifExists().execute();
      });
    });
  });

  test('each is made once, in order, and later starts make only the new ones', async () => {
    await withJournal(config(), async (journal) => {
      expect(await migrate(journal, [first])).toEqual(['001-first']);
      expect(await migrate(journal, [first, second])).toEqual(['002-second']);
      expect(await migrate(journal, [first, second])).toEqual([]);
    });
    expect(runs).toBe(2);
  });

  test('of four that start at once one makes them and all go on', async () => {
    const journals = await Promise.all([1, 2, 3, 4].map(() => openJournal<Tables>(config(), { log: quiet })));
    const made = await Promise.all(journals.map((journal) => migrate(journal, [first, second])));
    await Promise.all(journals.map((journal) => journal.close()));
    expect(made.flat().sort()).toEqual(['001-first', '002-second']);
    expect(runs).toBe(2);
  });

  test('one that fails is not recorded, and is made at the next start', async () => {
    const broken: Migration = { name: '001-first', up: () => Promise.reject(new Error('no space')) };
    await withJournal(config(), async (journal) => {
      await expect(migrate(journal, [broken])).rejects.toThrow('no space');
      expect(await migrate(journal, [first])).toEqual(['001-first']);
    });
  });

  test('a journal that a newer version changed is refused', async () => {
    await withJournal(config(), async (journal) => {
      await migrate(journal, [first, second]);
      await expect(migrate(journal, [first])).rejects.toThrow(JournalTooNew);
    });
  });

  test('a list out of order is a programming error', async () => {
    await withJournal(config(), async (journal) => {
      await expect(migrate(journal, [second, first])).rejects.toThrow(RangeError);
    });
  });

  test('names that differ in case or by a trailing space are different names', async () => {
    await withJournal(config(), async (journal) => {
      await migrate(journal, [first]);
      const add = (id: string) => journal.write((db) => sql`insert into one (id) values (${id})`.execute(db));
      await Promise.all(['bob', 'Bob', 'bob '].map(add));
      const found = await journal.read((db) => sql<{ id: string }>`select id from one where id = 'bob'`.execute(db));
      expect(found.rows).toEqual([{ id: 'bob' }]);
    });
  });
});

async function withJournal(
  config: JournalConfig,
  work: (journal: Awaited<ReturnType<typeof openThings>>) => Promise<void>,
) {
  const journal = await openThings(config);
  try {
    await work(journal);
  } finally {
    await journal.close();
  }
}

function openThings(config: JournalConfig) {
  return openJournal<Tables>(config, { log: quiet });
}
