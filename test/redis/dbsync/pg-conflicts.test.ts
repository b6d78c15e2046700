import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivesOn, carryAll, type PgMember, type PgTestPair, setUpPg, startPgPair } from './pg-pair.ts';

const db = 'bob_app';
const table = (name: string): string => `SELECT coalesce(json_agg(t ORDER BY t::text), '[]')::text FROM ${name} t`;

describe('what both masters do to the same rows while nothing passes', () => {
  let pair: PgTestPair;
  let m1: PgMember;
  let m2: PgMember;
  let carried = { stop: async (): Promise<void> => {} };
  let beats = 0;

  /** Until everything has crossed: a row of each goes last. */
  async function crossed(): Promise<void> {
    beats += 1;
    for (const one of pair.members) await one.sql(db, `INSERT INTO beat VALUES ('${one.side.id} ${beats}')`);
    for (const one of pair.members) await arrivesOn(one, db, 'SELECT count(*)::int FROM beat', 2 * beats);
  }
  /** Runs the one's statements, then the other's, while nothing passes; and lets everything pass. */
  async function apart(work: () => Promise<void>): Promise<void> {
    await crossed();
    await carried.stop();
    await work();
    carried = carryAll(pair, [db]);
    await crossed();
  }
  async function equal(name: string): Promise<unknown> {
    const [left, right] = await Promise.all(pair.members.map((one) => one.sql(db, table(name))));
    expect(left).toEqual(right);
    return JSON.parse(String(left?.[0]?.['coalesce']));
  }
  async function kinds(on: PgMember): Promise<readonly unknown[]> {
    const found = await on.sql(db, 'SELECT kind, won, differs FROM tandemsync.conflict ORDER BY id');
    await on.sql(db, 'TRUNCATE tandemsync.conflict');
    return found.map((row) => `${row['kind']} ${row['won']}${row['differs'] === true ? ' differs' : ''}`);
  }

  beforeAll(async () => {
    pair = await startPgPair({ delayMs: 2, configured: 5 });
    [m1, m2] = pair.members;
    for (const one of pair.members) await one.sql('postgres', 'CREATE ROLE bob LOGIN');
    for (const one of pair.members) await one.sql('postgres', `CREATE DATABASE ${db} OWNER bob`);
    await m1.sql(
      db,
      `CREATE TABLE beat (v text PRIMARY KEY);
       CREATE TABLE t (id int PRIMARY KEY, v text, mail text UNIQUE);
       INSERT INTO t SELECT n, 'old', 'mail' || n FROM generate_series(1, 20) n;
       CREATE TABLE log (v text, f real, b boolean, c char(5), j json);
       INSERT INTO log VALUES ('a', 0.1, true, 'x', '{"a": 1}'), ('a', 0.1, true, 'x', '{"a": 1}'), ('b', NULL, false, 'y', NULL);
       CREATE TABLE kinds (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int[], b bytea, d date, n numeric(10, 2), i inet, j jsonb,
         doubled numeric GENERATED ALWAYS AS (n * 2) STORED, p point, x text)`,
      'bob',
    );
    await setUpPg(pair);
    carried = carryAll(pair, [db]);
  });
  afterAll(async () => {
    await carried.stop();
    await pair.stop();
  });

  it('a table and those that inherit from it keep their own rows', async () => {
    await m1.sql(db, 'CREATE TABLE above (id int PRIMARY KEY, v text)', 'bob');
    await m1.sql(db, 'CREATE TABLE below (PRIMARY KEY (id)) INHERITS (above)', 'bob');
    for (const name of ['above', 'below'])
      await m1.sql(db, `INSERT INTO ${name} SELECT n, '${name}' FROM generate_series(1, 5) n`, 'bob');
    await m1.sql(db, "UPDATE ONLY above SET v = 'changed' WHERE id = 1; DELETE FROM ONLY above WHERE id = 2", 'bob');
    await crossed();
    expect(await m2.sql(db, 'SELECT id, v FROM above ORDER BY id, v LIMIT 4')).toEqual([
      ...[
        { id: 1, v: 'below' },
        { id: 1, v: 'changed' },
        { id: 2, v: 'below' },
        { id: 3, v: 'above' },
      ],
    ]);
    await m1.sql(db, 'TRUNCATE ONLY above', 'bob');
    await crossed();
    expect(await equal('above')).toHaveLength(5);
  });
  it('update against update: the later one stays on both, the other is kept', async () => {
    await apart(async () => {
      await m1.sql(db, "UPDATE t SET v = 'first' WHERE id = 1");
      await m2.sql(db, "UPDATE t SET v = 'later' WHERE id = 1");
      await m2.sql(db, "UPDATE t SET v = 'only m2' WHERE id = 2");
    });
    expect(await equal('t')).toContainEqual({ id: 1, v: 'later', mail: 'mail1' });
    const [kept] = await m1.sql(db, 'SELECT here, there FROM tandemsync.conflict');
    expect(kept).toMatchObject({ here: { v: 'first' }, there: { v: 'later' } });
    expect(await kinds(m1)).toEqual(['update/update there']);
    expect(await kinds(m2)).toEqual(['update/update here']);
  });

  it('several changes of one row on both: the last one stays', async () => {
    await apart(async () => {
      await m1.sql(db, "UPDATE t SET v = 'a' WHERE id = 1");
      await m2.sql(db, "UPDATE t SET v = 'b' WHERE id = 1");
      await m1.sql(db, "UPDATE t SET v = 'c' WHERE id = 1");
    });
    expect(await equal('t')).toContainEqual({ id: 1, v: 'c', mail: 'mail1' });
    await Promise.all([kinds(m1), kinds(m2)]);
  });

  it('a row that was seen before it was changed is no conflict', async () => {
    for (const [one, text] of [
      [m1, 'x'],
      [m2, 'y'],
      [m1, 'z'],
    ] as const) {
      await one.sql(db, `UPDATE t SET v = '${text}' WHERE id = 3`);
      await crossed();
    }
    expect(await equal('t')).toContainEqual({ id: 3, v: 'z', mail: 'mail3' });
    expect([...(await kinds(m1)), ...(await kinds(m2))]).toEqual([]);
  });

  it('a deletion loses to a change, and nothing happens when both deleted', async () => {
    await apart(async () => {
      await m1.sql(db, 'DELETE FROM t WHERE id IN (4, 5, 6)');
      await m2.sql(db, "UPDATE t SET v = 'kept' WHERE id = 4");
      await m2.sql(db, 'DELETE FROM t WHERE id = 5');
    });
    const rows = await equal('t');
    expect(rows).toContainEqual({ id: 4, v: 'kept', mail: 'mail4' });
    expect(rows).not.toContainEqual(expect.objectContaining({ id: 5 }));
    expect(rows).not.toContainEqual(expect.objectContaining({ id: 6 }));
    expect(await kinds(m1)).toEqual(['update/delete there']);
    expect(await kinds(m2)).toEqual(['delete/update here']);
  });

  it('the same key, and the same unique text, written on both: the later row stays', async () => {
    await apart(async () => {
      await m2.sql(db, "INSERT INTO t VALUES (30, 'm2 first', 'thirty-2')");
      await m1.sql(db, "INSERT INTO t VALUES (30, 'm1 later', 'thirty-1')");
      await m1.sql(db, "INSERT INTO t VALUES (31, 'm1 first', 'same')");
      await m2.sql(db, "INSERT INTO t VALUES (32, 'm2 later', 'same')");
    });
    const rows = await equal('t');
    expect(rows).toContainEqual({ id: 30, v: 'm1 later', mail: 'thirty-1' });
    expect(rows).toContainEqual({ id: 32, v: 'm2 later', mail: 'same' });
    expect(rows).not.toContainEqual(expect.objectContaining({ id: 31 }));
    expect(await kinds(m1)).toEqual(['insert/insert here', 'unique there differs']);
    expect(await kinds(m2)).toEqual(['insert/insert there', 'unique here']);
  });

  it('an update that runs into a unique text is decided without stopping what is behind it', async () => {
    await apart(async () => {
      await m1.sql(db, "UPDATE t SET mail = 'wanted' WHERE id = 10");
      await m2.sql(db, "UPDATE t SET mail = 'wanted' WHERE id = 11");
      await m1.sql(db, "UPDATE t SET v = 'behind' WHERE id = 12");
    });
    await arrivesOn(m2, db, 'SELECT v FROM t WHERE id = 12', 'behind');
    expect((await kinds(m1)).length).toBeGreaterThan(0);
    expect((await kinds(m2)).length).toBeGreaterThan(0);
    await m1.sql(db, 'DELETE FROM t WHERE id IN (10, 11)');
    await m2.sql(db, 'DELETE FROM t WHERE id IN (10, 11)');
    await crossed();
    await equal('t');
    await Promise.all([kinds(m1), kinds(m2)]);
  });

  it('after a cut on the way, in which both went on writing, everything arrives', async () => {
    await crossed();
    for (const one of pair.members) one.proxy.cut();
    await m1.sql(db, "UPDATE t SET v = 'm1 in the cut' WHERE id = 13");
    await m2.sql(db, "UPDATE t SET v = 'm2 in the cut' WHERE id = 14");
    for (const one of pair.members) one.proxy.heal();
    await crossed();
    const rows = await equal('t');
    expect(rows).toContainEqual({ id: 13, v: 'm1 in the cut', mail: 'mail13' });
    expect(rows).toContainEqual({ id: 14, v: 'm2 in the cut', mail: 'mail14' });
    expect([...(await kinds(m1)), ...(await kinds(m2))]).toEqual([]);
  });

  it('many small transactions, applied several as one, end as each by itself would', async () => {
    const each = (from: number, name: string, more: string): string =>
      `DO $$ BEGIN FOR i IN ${from}..${from + 299} LOOP
        INSERT INTO t VALUES (i, '${name}', '${name} ' || i); COMMIT; UPDATE t SET v = '${name} ' || i WHERE id = 15; COMMIT; ${more}
      END LOOP; END $$`;
    await apart(async () => {
      await m1.sql(db, each(1000, 'm1', ''));
      const late =
        "IF i = 2150 THEN INSERT INTO t VALUES (1250, 'm2', 'twice'), (9000, 'm2', 'm1 1100'); COMMIT; END IF;";
      await m2.sql(db, each(2000, 'm2', late));
    });
    const rows = await equal('t');
    for (const row of [
      { id: 15, v: 'm2 2299', mail: 'mail15' },
      { id: 1250, v: 'm2', mail: 'twice' },
      { id: 9000, v: 'm2', mail: 'm1 1100' },
      { id: 1249, v: 'm1', mail: 'm1 1249' },
    ])
      expect(rows).toContainEqual(row);
    expect(rows).not.toContainEqual(expect.objectContaining({ id: 1100 }));
    for (const one of pair.members) await kinds(one);
    await m1.sql(db, 'DELETE FROM t WHERE id >= 1000');
  });

  it('rows without a key are told apart by all their values', async () => {
    await m2.sql(db, "UPDATE log SET c = 'z' WHERE ctid = (SELECT min(ctid) FROM log WHERE v = 'a')", 'bob');
    await m1.sql(db, "DELETE FROM log WHERE v = 'b'; INSERT INTO log VALUES ('n', 1e30, NULL, NULL, '[1, 2]')", 'bob');
    await crossed();
    expect(await equal('log')).toHaveLength(3);
  });

  it('every kind of value arrives exactly, large unchanged ones are left', async () => {
    await m1.sql(
      db,
      `INSERT INTO kinds (a, b, d, n, i, j, p, x) VALUES ('{1,NULL,3}', '\\x00ff', '2024-02-29', 12.34, '10.0.0.1/8', '{"k": [1, "ü"]}', '(1,2)',
        (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 2000) n)), (NULL, NULL, 'infinity', 'NaN', NULL, 'null', NULL, '')`,
      'bob',
    );
    await crossed();
    await m2.sql(db, 'UPDATE kinds SET n = 1 WHERE d < now()', 'bob');
    await crossed();
    expect(await equal('kinds')).toHaveLength(2);
  });

  it('TRUNCATE keeps what the other master wrote meanwhile', async () => {
    await apart(async () => {
      await m1.sql(db, 'TRUNCATE log', 'bob');
      await m2.sql(db, "INSERT INTO log VALUES ('meanwhile')", 'bob');
    });
    expect(await equal('log')).toEqual([expect.objectContaining({ v: 'meanwhile' })]);
    await Promise.all([kinds(m1), kinds(m2)]);
  });

  it('what is defined on one master is defined on the other, in its place among the rows', async () => {
    await m1.sql(
      db,
      `CREATE TABLE made (id serial PRIMARY KEY, v text); INSERT INTO made (v) VALUES ('one; two');
       ALTER TABLE made ADD COLUMN more int DEFAULT 7; CREATE INDEX ON made (lower(v)); INSERT INTO made (v, more) VALUES ('$$', 8)`,
      'bob',
    );
    await m1.sql(db, 'CREATE INDEX CONCURRENTLY later ON made (more)', 'bob');
    await m1.sql(db, 'CREATE TABLE copied AS SELECT * FROM made', 'bob');
    await m1.sql(db, 'SELECT id, v INTO picked FROM made WHERE id > 0', 'bob');
    await m1.sql(db, 'CREATE TEMP TABLE gone (id int); DROP TABLE gone', 'bob');
    await m2.sql(db, 'CREATE TABLE nokey (v text)', 'bob');
    await crossed();
    await m2.sql(
      db,
      "INSERT INTO made (v) VALUES ('from m2'); INSERT INTO nokey VALUES ('a'); UPDATE nokey SET v = 'b'",
      'bob',
    );
    await crossed();
    expect(await equal('made')).toHaveLength(3);
    expect(await equal('copied')).toHaveLength(2);
    expect(await equal('picked')).toHaveLength(2);
    expect(await equal('nokey')).toEqual([{ v: 'b' }]);
    const indexes =
      "SELECT count(*)::int AS n, min(tableowner) AS owner FROM pg_indexes JOIN pg_tables USING (tablename) WHERE tablename = 'made'";
    expect(await m2.sql(db, indexes)).toEqual([{ n: 3, owner: 'bob' }]);
    await m2.sql(db, 'DROP TABLE copied', 'bob');
    await arrivesOn(m1, db, "SELECT to_regclass('copied')", null);
  });

  it("a customer's code in a definition or an index has the customer's rights alone", async () => {
    await m1.sql(
      db,
      `CREATE FUNCTION evil(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
       BEGIN
         IF current_setting('session_replication_role') = 'replica' THEN
           BEGIN EXECUTE 'RESET ROLE'; EXECUTE 'ALTER ROLE bob SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
           PERFORM set_config('search_path', 'public', false);
         END IF;
         RETURN v;
       END $$;
       CREATE FUNCTION public.jsonb_object(text[], text[]) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER ROLE bob SUPERUSER'; RETURN NULL; END $$;
       CREATE TABLE trap (id int PRIMARY KEY, v text); CREATE INDEX ON trap (evil(v));
       CREATE TABLE trap2 AS SELECT evil('x') AS v; INSERT INTO trap VALUES (1, 'a'), (2, 'b'); UPDATE trap SET v = 'c' WHERE id = 1`,
      'bob',
    );
    await crossed();
    expect(await equal('trap')).toHaveLength(2);
    for (const one of pair.members)
      expect(await one.sql('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")).toEqual([
        { rolsuper: false },
      ]);
    await expect(
      m2.sql(db, 'ALTER FUNCTION tandemsync.run(text, text, text[], text[], timestamptz) SECURITY DEFINER', 'bob'),
    ).rejects.toThrow();
  });
});
