import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivesOn, carryAll, type PgTestPair, setUpPg, startPgPair } from './pg-pair.ts';

describe('a PostgreSQL pair from bare servers', () => {
  let pair: PgTestPair;
  let carried: { stop(): Promise<void> } | undefined;
  beforeAll(async () => {
    pair = await startPgPair({ delayMs: 5 });
  });
  afterAll(async () => {
    await carried?.stop();
    await pair.stop();
  });

  it('is made from whatever is there, and is settled then', async () => {
    const [m1, m2] = pair.members;
    for (const one of pair.members) await one.sql('postgres', 'CREATE ROLE bob LOGIN');
    await m1.sql('postgres', 'CREATE DATABASE bob_app OWNER bob');
    await m1.sql(
      'bob_app',
      "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) SELECT 'row ' || n FROM generate_series(1, 100) n",
      'bob',
    );
    const lines: string[] = [];
    await setUpPg(pair, { tell: (line) => void lines.push(line) });
    expect(lines.join('\n')).toContain('RESTART');
    expect((await setUpPg(pair)).changed).toBe(false);
    expect(await m2.sql('bob_app', 'SELECT count(*)::int AS n FROM t', 'bob')).toEqual([{ n: 100 }]);
    carried = carryAll(pair, ['tandemsync', 'bob_app']);
    await m1.sql('bob_app', "INSERT INTO t (v) VALUES ('m1')", 'bob');
    await m2.sql('bob_app', "INSERT INTO t (v) VALUES ('m2')", 'bob');
    await m2.sql('bob_app', "UPDATE t SET v = 'changed' WHERE id = 5; DELETE FROM t WHERE id = 6", 'bob');
    for (const one of pair.members) await arrivesOn(one, 'bob_app', 'SELECT count(*)::int FROM t', 101);
    await arrivesOn(m1, 'bob_app', 'SELECT v FROM t WHERE id = 5', 'changed');
    // Each gives out its own half of the numbers.
    const given = await m1.sql('bob_app', "SELECT v, id % 2 AS half FROM t WHERE v IN ('m1', 'm2') ORDER BY v");
    expect(new Set(given.map((row) => row['half'])).size).toBe(2);
  });
});
