import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caughtUp } from '../../../src/dbsync/repair/caught-up.ts';
import { type Apart, startApart } from './apart.ts';

const decided = 'dbsync.conflict-decided';

describe('a row that is written again while a look works', () => {
  let pair: Apart['pair'];
  let writers: Apart['writers'];
  let resolve: Apart['resolve'];
  let both: Apart['both'];
  let equal: Apart['equal'];
  let apart: Apart['apart'];
  let looks = 0;
  beforeAll(async () => {
    ({ pair, writers, resolve, both, equal, apart } = await startApart());
    await pair.members[0].sql(
      "INSERT INTO bob_shop.goods (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')",
    );
    await pair.members[0].sql("INSERT INTO bob_shop.users VALUES (1, 'ann'), (2, 'bob')");
    await caughtUp(pair.servers);
  });
  afterAll(() => pair.stop());

  /** What both hold of some goods. */
  async function names(...ids: readonly number[]): Promise<readonly unknown[]> {
    const found = await both(`SELECT id, name FROM bob_shop.goods WHERE id IN (${ids.join()}) ORDER BY id`);
    expect(found[1]).toEqual(found[0]);
    return (found[0] as { name: string }[]).map((row) => row.name);
  }

  /** The first master writes during the cut; after the look, before anything is carried, the second one does. */
  async function afterTheLook(first: readonly string[], second: readonly string[], pauseMs = 1100): Promise<void> {
    // One conflict, so that there is something to decide and to carry.
    looks += 1;
    const met = (word: string): string => `REPLACE INTO bob_shop.goods (id, name) VALUES (7, '${word} ${looks}')`;
    await apart([...first, met('one')], [met('two')], pauseMs);
    await expect(resolve(decided)).rejects.toThrow('crash');
    for (const one of second) await pair.members[1].sql(one);
  }

  it("the writer's stays, though the other's older change arrives on it; so does its deletion, and its row that the other deleted", async () => {
    writers.set('bob_shop', 'm2');
    await afterTheLook(
      [
        "UPDATE bob_shop.goods SET name = 'straggler' WHERE id IN (1, 5)",
        'DELETE FROM bob_shop.goods WHERE id = 2',
        "REPLACE INTO bob_shop.goods (id, name) VALUES (9, 'straggler')",
      ],
      [
        "UPDATE bob_shop.goods SET name = 'writer' WHERE id = 1",
        "UPDATE bob_shop.goods SET name = 'writer' WHERE id = 2",
        "REPLACE INTO bob_shop.goods (id, name) VALUES (9, 'soon gone')",
        'DELETE FROM bob_shop.goods WHERE id = 9',
      ],
      0,
    );
    const { decisions } = await resolve();
    await equal();
    expect(await names(1, 2, 5, 9)).toEqual(['writer', 'writer', 'straggler']);
    expect(decisions.map((one) => [one.label, one.winner, one.by])).toEqual([
      ['id=1', 'm2', 'writer'],
      ['id=2', 'm2', 'writer'],
      ['id=9', 'm2', 'writer'],
    ]);
    expect(decisions[0]?.images).toMatchObject({ m1: { name: 'straggler' }, m2: { name: 'writer' } });
  });

  it('where both may write, the later one stays; and the writer is not overruled by a later one', async () => {
    writers.clear();
    await afterTheLook(
      ["UPDATE bob_shop.goods SET name = 'earlier' WHERE id = 3"],
      ["UPDATE bob_shop.goods SET name = 'later' WHERE id = 3"],
    );
    expect((await resolve()).decisions).toMatchObject([{ label: 'id=3', winner: 'm2', by: 'later' }]);
    await equal();
    expect(await names(3)).toEqual(['later']);
    writers.set('bob_shop', 'm1');
    await afterTheLook(
      ["UPDATE bob_shop.goods SET name = 'the writer' WHERE id = 3"],
      ["UPDATE bob_shop.goods SET name = 'a straggler' WHERE id = 3"],
    );
    expect((await resolve()).decisions).toMatchObject([{ label: 'id=3', winner: 'm1', by: 'writer' }]);
    await equal();
    expect(await names(3)).toEqual(['the writer']);
  });

  it('a row that lost and is written once more does not win by that, and comes although a definition is the newest', async () => {
    const [m1] = pair.members;
    writers.set('bob_shop', 'm1');
    await apart(
      ["UPDATE bob_shop.goods SET name = 'the writer' WHERE id = 4"],
      ["UPDATE bob_shop.goods SET name = 'a straggler' WHERE id = 4"],
    );
    await expect(resolve(decided)).rejects.toThrow('crash');
    await pair.members[1].sql("UPDATE bob_shop.goods SET name = 'a straggler again' WHERE id = 4");
    await m1.sql('CREATE TABLE bob_shop.newest (id INT PRIMARY KEY)');
    expect((await resolve()).decisions).toMatchObject([{ winner: 'm1', by: 'writer' }]);
    await equal();
    expect(await names(4)).toEqual(['the writer']);
    writers.clear();
  });

  it('a look that is killed between two parts of what it carries forgets nothing that arrived on such a row', async () => {
    await afterTheLook(
      [
        "UPDATE bob_shop.users SET login = 'eve' WHERE id = 1",
        "UPDATE bob_shop.goods SET name = 'one' WHERE id = 5",
        'CREATE TABLE bob_shop.between (id INT PRIMARY KEY)',
      ],
      ["UPDATE bob_shop.users SET login = 'joe' WHERE id = 1", "UPDATE bob_shop.goods SET name = 'two' WHERE id = 5"],
      0,
    );
    await expect(resolve('dbsync.conflict-segment')).rejects.toThrow('crash');
    await resolve();
    await equal();
    const found = await both('SELECT login FROM bob_shop.users WHERE id = 1');
    expect(found[1]).toEqual(found[0]);
  });

  it('a row that both deleted stays decided, though what one of them wrote before it is refused', async () => {
    const [m1, m2] = pair.members;
    for (const id of [31, 32]) await m1.sql("INSERT INTO bob_shop.goods (id, name) VALUES (?, 'old')", [id]);
    await caughtUp(pair.servers);
    await apart(
      ['DELETE FROM bob_shop.goods WHERE id = 31'],
      ["UPDATE bob_shop.goods SET name = 'new' WHERE id = 32", 'DELETE FROM bob_shop.goods WHERE id = 31'],
    );
    await expect(resolve(decided)).rejects.toThrow('crash');
    await m1.sql('DELETE FROM bob_shop.goods WHERE id = 32');
    await resolve();
    await equal();
    for (const one of [m1, m2]) expect((await one.sql('SHOW SLAVE STATUS'))[0]?.['Last_SQL_Errno']).toBe(0);
  });
});
