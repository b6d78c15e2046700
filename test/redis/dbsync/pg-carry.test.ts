import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseAway } from '../../../src/dbsync/model.ts';
import { openPgServer } from '../../../src/dbsync/postgres/connect.ts';
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

  it('a watched server is looked at on one connection, and on another one when that is gone', async () => {
    const [m1] = pair.members;
    const watched = openPgServer(m1.side, { watched: true });
    const look = (databases: readonly string[]) =>
      watched.looking(databases, async (session, database) => {
        const [row] = await session.rows('SELECT pg_backend_pid() AS pid');
        return { database, pid: row?.['pid'] ?? '' };
      });
    const open = async (pid: string) =>
      (await m1.sql('postgres', `SELECT 1 FROM pg_stat_activity WHERE pid = ${pid}`)).length;
    const first = await look(['tandemsync', 'postgres']);
    expect(first.database).toBe('tandemsync');
    expect(await look(['tandemsync', 'postgres'])).toEqual(first);
    await m1.sql('postgres', `SELECT pg_terminate_backend(${first.pid})`);
    const second = await look(['tandemsync', 'postgres']);
    expect([second.database, second.pid === first.pid]).toEqual(['tandemsync', false]);
    await watched.close();
    await expect.poll(() => open(second.pid)).toBe(0);
    // Nothing is kept of a database that was not the one to look from.
    const elsewhere = await look(['no_such_database', 'postgres']);
    expect(elsewhere.database).toBe('postgres');
    await expect.poll(() => open(elsewhere.pid)).toBe(0);
  });

  it('a look that is never answered says that the server is away', async () => {
    const look = openPgServer(pair.members[0].side).looking(['postgres'], (session) =>
      session.rows('SELECT pg_sleep(3600)'),
    );
    await expect(look).rejects.toBeInstanceOf(DatabaseAway);
  });
});
