import type { Kysely, KyselyPlugin } from 'kysely';
import { expect, test } from 'vitest';
import { type Journal, openJournal } from '../../../src/store/database.ts';
import { type Migration, migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import type { Schema } from '../../../src/store/schema.ts';
import { onBothDatabases, quiet } from './databases.ts';

class Cut extends Error {}

/** The same migration, cut off after so many statements, as a crash would. */
function cutOff(migration: Migration, after: number): Migration {
  return {
    name: migration.name,
    up(db) {
      let statements = 0;
      const plugin: KyselyPlugin = {
        transformQuery({ node }) {
          statements += 1;
          if (statements > after) throw new Cut();
          return node;
        },
        transformResult: async ({ result }) => result,
      };
      return migration.up(db.withPlugin(plugin));
    },
  };
}

const key = { name: 'account:bob', seq: 7, applied_seq: 6 };
const held = { leg_id: '01A.m1', name: 'account:bob', master: 'm1', exclusive: 1, wide: 0, seq: 7 };

async function fill(db: Kysely<Schema>): Promise<void> {
  await db.insertInto('keys').values(key).execute();
  await db.insertInto('leg_keys').values(held).execute();
}

/** Cuts the migration off after each of its statements, until it goes through. */
async function makeWhole(journal: Journal, before: readonly Migration[], migration: Migration): Promise<void> {
  for (let after = 0; ; after += 1) {
    const made = await migrate(journal, [...before, cutOff(migration, after)]).catch((error: unknown) => {
      if (error instanceof Cut) return undefined;
      throw error;
    });
    if (made === undefined) continue;
    expect(made).toEqual([migration.name]);
    expect(after).toBeGreaterThan(0);
    return;
  }
}

onBothDatabases('the journal’s own migrations', (config) => {
  test('cut off after any statement, are made whole by the next start, and nothing is there twice', async () => {
    const journal = await openJournal(config(), { log: quiet });
    try {
      for (const [at, migration] of migrations.entries()) {
        const before = migrations.slice(0, at);
        if (migration.name === '005-lean') await journal.write(fill);
        await makeWhole(journal, before, migration);
      }
      expect(await migrate(journal, migrations)).toEqual([]);
      const heads = await journal.read((db) => db.selectFrom('audit_head').selectAll().execute());
      expect(heads).toEqual([{ id: 1, seq: 0, hash: '' }]);
      // What gives order is there before and after its tables were rebuilt.
      expect(await journal.read((db) => db.selectFrom('keys').selectAll().execute())).toEqual([
        { ...key, asked: null },
      ]);
      expect(await journal.read((db) => db.selectFrom('leg_keys').selectAll().execute())).toEqual([held]);
    } finally {
      await journal.close();
    }
  });
});
