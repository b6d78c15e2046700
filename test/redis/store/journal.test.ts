import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Journal, openJournal } from '../../../src/store/database.ts';
import { isDuplicate, JournalMisuse } from '../../../src/store/database-errors.ts';
import { makeThings, onBothDatabases, quiet, type Tables } from './databases.ts';

onBothDatabases('the journal', (config) => {
  let journal: Journal<Tables>;

  beforeEach(async () => {
    await makeThings(config());
    journal = await openJournal<Tables>(config(), { log: quiet });
  });
  afterEach(() => journal.close());

  function add(id: string, n = 0): Promise<unknown> {
    return journal.write((db) => db.insertInto('things').values({ id, n, text: null, bytes: null }).execute());
  }
  async function ids(): Promise<readonly string[]> {
    const rows = await journal.read((db) => db.selectFrom('things').select('id').orderBy('id').execute());
    return rows.map((row) => row.id);
  }

  test('a write is seen by the next read', async () => {
    await add('a');
    expect(await ids()).toEqual(['a']);
  });

  test('a write that fails leaves the writes beside it alone', async () => {
    await add('a');
    const results = await Promise.allSettled(['b', 'a', 'c'].map((id) => add(id)));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await ids()).toEqual(['a', 'b', 'c']);
  });

  test('a write that fails undoes all of its own statements', async () => {
    const failed = journal.write(async (db) => {
      await db.insertInto('things').values({ id: 'x', n: 1, text: null, bytes: null }).execute();
      throw new RangeError('after the first statement');
    });
    await Promise.allSettled([add('a'), failed, add('b')]);
    await expect(failed).rejects.toThrow(RangeError);
    expect(await ids()).toEqual(['a', 'b']);
  });

  test('a key that exists is known as a duplicate, another failure is not', async () => {
    await add('a');
    const duplicate = await add('a').catch((error: unknown) => error);
    const other = await journal.write((db) => sql`select * from nowhere`.execute(db)).catch((error: unknown) => error);
    expect([isDuplicate(duplicate), isDuplicate(other)]).toEqual([true, false]);
  });

  test('the row count of an update counts rows that it met, changed or not', async () => {
    await add('a', 5);
    const update = () =>
      journal.write((db) => db.updateTable('things').set({ n: 5 }).where('id', '=', 'a').executeTakeFirst());
    expect((await update()).numUpdatedRows).toBe(1n);
    const none = await journal.write((db) =>
      db.updateTable('things').set({ n: 5 }).where('n', '=', 6).executeTakeFirst(),
    );
    expect(none.numUpdatedRows).toBe(0n);
  });

  test('values come back as they were given', async () => {
    const given = { id: "ü'\\", n: 1_795_375_953_201, text: 'x'.repeat(5000), bytes: Buffer.from([0, 1, 255]) };
    await journal.write((db) => db.insertInto('things').values(given).execute());
    expect(await journal.read((db) => db.selectFrom('things').selectAll().execute())).toEqual([given]);
  });

  test('sums and counts are numbers', async () => {
    await add('a', 2);
    await add('b', 3);
    const found = await journal.read((db) =>
      db
        .selectFrom('things')
        .select((eb) => [eb.fn.countAll<number>().as('c'), eb.fn.sum<number>('n').as('s')])
        .execute(),
    );
    expect(found).toEqual([{ c: 2, s: 5 }]);
  });

  test('reading cannot write', async () => {
    const write = journal.read((db) =>
      db.insertInto('things').values({ id: 'a', n: 1, text: null, bytes: null }).execute(),
    );
    await expect(write).rejects.toThrow(/read.?only/i);
    expect(await ids()).toEqual([]);
  });

  test('a write inside a write is refused and the outer one undone', async () => {
    const nested = journal.write(async (db) => {
      await db.insertInto('things').values({ id: 'outer', n: 1, text: null, bytes: null }).execute();
      await journal.write(async () => undefined);
    });
    await expect(nested).rejects.toThrow(JournalMisuse);
    expect(await ids()).toEqual([]);
  });

  test('the query builder of a write is dead when the write is over', async () => {
    const kept = await journal.write(async (db) => ({ late: () => db.deleteFrom('things').execute() }));
    await expect(kept.late()).rejects.toThrow('this write is over');
  });

  test('a prepared statement takes new values at every run, inside a write and outside', async () => {
    const insert = journal.prepare((db, v: { id: string; n: number }) =>
      db.insertInto('things').values({ id: v.id, n: v.n, text: 'fixed', bytes: null }),
    );
    const above = journal.prepare((db, v: { least: number }) =>
      db.selectFrom('things').select(['id', 'text']).where('n', '>=', v.least).orderBy('id'),
    );
    await Promise.all([1, 2, 3].map((n) => journal.write((db) => insert(db, { id: `t${n}`, n }))));
    expect((await journal.read((db) => above(db, { least: 2 }))).rows).toEqual([
      { id: 't2', text: 'fixed' },
      { id: 't3', text: 'fixed' },
    ]);
    expect((await journal.read((db) => above(db, { least: 3 }))).rows).toHaveLength(1);
  });

  test('a prepared update says how many rows it met', async () => {
    await add('a', 1);
    const update = journal.prepare((db, v: { n: number; id: string }) =>
      db.updateTable('things').set({ n: v.n }).where('id', '=', v.id),
    );
    const counts = await journal.write(async (db) => [
      await update(db, { id: 'a', n: 7 }),
      await update(db, { id: 'b', n: 7 }),
    ]);
    expect(counts.map((result) => result.changes)).toEqual([1, 0]);
  });

  test('the clock is in milliseconds and near our own', async () => {
    const before = Date.now();
    const now = await journal.read(
      async (db) => (await sql<{ now: number }>`select ${journal.now()} as now`.execute(db)).rows[0]?.now,
    );
    expect(now).toBeGreaterThanOrEqual(before - 2);
    expect(now).toBeLessThanOrEqual(Date.now() + 2);
  });

  test('close waits for the writes under way and refuses later ones', async () => {
    const other = await openJournal<Tables>(config(), { log: quiet });
    const written = other.write((db) =>
      db.insertInto('things').values({ id: 'last', n: 1, text: null, bytes: null }).execute(),
    );
    await other.close();
    await written;
    expect(await ids()).toEqual(['last']);
    await expect(other.write(async () => undefined)).rejects.toThrow(JournalMisuse);
    await expect(other.read(async () => undefined)).rejects.toThrow(JournalMisuse);
  });

  test('a compare-and-set that many make at once is won by one', async () => {
    await add('a', 0);
    const won = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        journal.write(async (db) => {
          const set = await db
            .updateTable('things')
            .set({ n: i + 1 })
            .where('id', '=', 'a')
            .where('n', '=', 0)
            .executeTakeFirst();
          return set.numUpdatedRows === 1n;
        }),
      ),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });
});
