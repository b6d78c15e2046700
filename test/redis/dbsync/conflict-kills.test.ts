import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caughtUp } from '../../../src/dbsync/repair/caught-up.ts';
import { type Apart, startApart } from './apart.ts';

describe('a look at both logs that is killed', () => {
  let pair: Apart['pair'];
  let resolve: Apart['resolve'];
  let both: Apart['both'];
  let equal: Apart['equal'];
  let apart: Apart['apart'];
  beforeAll(async () => {
    ({ pair, resolve, both, equal, apart } = await startApart());
    await pair.members[0].sql("INSERT INTO bob_shop.goods (id, name) VALUES (1, 'eins')");
    await caughtUp(pair.servers);
  });
  afterAll(() => pair.stop());

  for (const point of [
    'dbsync.conflict-decided',
    'dbsync.conflict-carried',
    'dbsync.conflict-segment',
    'dbsync.conflict-applied',
  ])
    it(`killed at ${point}: the next one finishes it with the same decisions`, async () => {
      const word = point.slice(-6);
      await apart(
        [
          `UPDATE bob_shop.goods SET name = '${word} one' WHERE id = 1`,
          `REPLACE INTO bob_shop.goods (id, name) VALUES (40, '${word} one')`,
          `CREATE TABLE bob_shop.${word} (id INT PRIMARY KEY)`,
          'UPDATE bob_shop.goods SET price = 3 WHERE id = 40',
        ],
        [
          `REPLACE INTO bob_shop.goods (id, name) VALUES (40, '${word} two')`,
          `UPDATE bob_shop.goods SET name = '${word} two' WHERE id = 1`,
        ],
      );
      await expect(resolve(point)).rejects.toThrow('crash');
      await resolve();
      await equal();
      const wanted = [
        { id: 1, name: `${word} two` },
        { id: 40, name: `${word} two` },
      ];
      expect(await both('SELECT id, name FROM bob_shop.goods WHERE id IN (1, 40) ORDER BY id')).toEqual([
        wanted,
        wanted,
      ]);
    });

  it('a server that dies between what Tandem applied and the note of it goes on behind it', async () => {
    await apart(
      ["REPLACE INTO bob_shop.goods (id, name) VALUES (60, 'one'), (61, 'beside')"],
      ["REPLACE INTO bob_shop.goods (id, name) VALUES (60, 'two')"],
    );
    await expect(resolve('dbsync.conflict-carried')).rejects.toThrow('crash');
    for (const one of pair.members) await one.kill();
    for (const one of pair.members) await one.start();
    await resolve();
    await equal();
    const rows = [
      { id: 60, name: 'two' },
      { id: 61, name: 'beside' },
    ];
    expect(await both('SELECT id, name FROM bob_shop.goods WHERE id IN (60, 61) ORDER BY id')).toEqual([rows, rows]);
  });
});
