import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { readConflicts } from '../../../src/dbsync/conflicts/store.ts';
import { unlogged } from '../../../src/dbsync/mariadb/connect.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { repairRows } from '../../../src/dbsync/repair/repair-rows.ts';
import { type Apart, startApart } from './apart.ts';
import { arrives } from './arrives.ts';

describe('rows that are longer than applications may send (max_allowed_packet)', () => {
  let apart: Apart;
  beforeAll(async () => {
    apart = await startApart();
  });
  afterAll(() => apart.pair.stop());

  function check() {
    const deps = checkDepsOf(apart.pair.servers, { clock: systemClock, share: 1, tell: () => {} });
    return checkDatabases(deps, ['bob_shop']);
  }

  it('a row that is longer than a server takes in one statement is decided like any other', async () => {
    const { pair, resolve, settled, apart: part, both, equal } = apart;
    const [m1, m2] = pair.members;
    await m1.sql('CREATE TABLE bob_shop.scans (id INT PRIMARY KEY, page MEDIUMBLOB, back MEDIUMBLOB)');
    await m1.sql("INSERT INTO bob_shop.scans VALUES (2, REPEAT('a', 900000), REPEAT('a', 900000))");
    await settled();
    const set = (letter: string): string => `page = REPEAT('${letter}', 900000), back = page`;
    await part(
      [`INSERT INTO bob_shop.scans SET id = 1, ${set('b')}`, `UPDATE bob_shop.scans SET ${set('b')} WHERE id = 2`],
      [`INSERT INTO bob_shop.scans SET id = 1, ${set('c')}`, `UPDATE bob_shop.scans SET ${set('c')} WHERE id = 2`],
    );
    for (const one of [m1, m2]) await one.sql('SET GLOBAL max_allowed_packet = 1048576');
    const { decisions, unjudged } = await resolve();
    expect(unjudged).toEqual([]);
    expect(decisions.map(({ kind, winner }) => [kind, winner])).toEqual([
      ['insert/insert', 'm2'],
      ['update/update', 'm2'],
    ]);
    expect(await both("SELECT COUNT(*) AS n FROM bob_shop.scans WHERE page = REPEAT('c', 900000)")).toEqual([
      [{ n: 2 }],
      [{ n: 2 }],
    ]);
    // People read the beginning; both images are kept whole beside it.
    const [kept] = await readConflicts(pair.servers[0], 10, 'bob_shop');
    expect(JSON.stringify(kept).length).toBeLessThan(100_000);
    expect(await both('SELECT @@GLOBAL.max_allowed_packet AS n')).toEqual([[{ n: 1048576 }], [{ n: 1048576 }]]);
    for (const one of [m1, m2]) await one.sql('SET GLOBAL max_allowed_packet = 16777216');
    await equal();
  });

  it('rows that are longer than applications may send are compared and made equal, byte for byte', async () => {
    const { members, servers, stateDir } = apart.pair;
    const [m1, m2] = members;
    await m1.sql('CREATE TABLE bob_shop.prints (id INT PRIMARY KEY, page MEDIUMBLOB, back MEDIUMTEXT)');
    await m1.sql("INSERT INTO bob_shop.prints VALUES (1, REPEAT('a', 700000), REPEAT('b', 700000))");
    await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.prints', 1);
    // The other master never hears of it.
    await unlogged(servers[1], (session) => session.rows("UPDATE bob_shop.prints SET back = REPEAT('c', 700000)"));
    for (const one of members) await one.sql('SET GLOBAL max_allowed_packet = 1048576');
    const { differences } = await check();
    expect(differences).toMatchObject([{ shape: { table: 'prints' } }]);
    const kept = join(stateDir, 'kept-long.jsonl');
    await repairRows({ source: servers[0], target: servers[1], kept, dryRun: false, tell: () => {} }, differences);
    expect((await check()).differences).toEqual([]);
    await arrives(m2, "SELECT page = REPEAT('a', 700000) AND back = REPEAT('b', 700000) FROM bob_shop.prints", 1);
    expect(JSON.parse(readFileSync(kept, 'utf8')).hex.back).toBe('63'.repeat(700_000));
    await arrives(m2, 'SELECT @@GLOBAL.max_allowed_packet', 1048576);
    for (const one of members) await one.sql('SET GLOBAL max_allowed_packet = 16777216');
  });
});
