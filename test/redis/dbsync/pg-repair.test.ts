import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPgDesk, type PgDesk } from './pg-desk.ts';
import { arrivesOn, type PgTestPair, startPgPair } from './pg-pair.ts';

/** What follows is carried to nobody. */
const origin = `SELECT pg_replication_origin_create('tandem_repair') WHERE NOT EXISTS (SELECT 1 FROM pg_replication_origin WHERE roname = 'tandem_repair');
  SELECT pg_replication_origin_session_setup('tandem_repair');`;

describe('rows of PostgreSQL that differ', () => {
  let pair: PgTestPair;
  let desk: PgDesk;
  const tandem = (...words: readonly string[]) => desk.tandem(...words);

  beforeAll(async () => {
    pair = await startPgPair({ delayMs: 1, configured: 3 });
    desk = await openPgDesk(pair, 3);
    for (const one of pair.members) await one.sql('postgres', 'CREATE DATABASE bob_shop OWNER bob');
    // What a customer may set: values look otherwise, and mean the same.
    await pair.members[0].sql('postgres', "ALTER DATABASE bob_shop SET datestyle = 'SQL, DMY'", 'postgres');
    await tandem('carry', 'bob_shop');
  });
  afterAll(async () => {
    await desk.close();
    await pair.stop();
  });

  it('rows that differ are made equal one by one: what was overwritten is kept, and nothing is carried back', async () => {
    const [m1, m2] = pair.members;
    await m1.sql(
      'bob_shop',
      `CREATE TABLE parts (a int, "b c" text, at timestamptz, day date, n numeric, bytes bytea, list int[], u text UNIQUE, PRIMARY KEY ("b c", a))`,
      'bob',
    );
    await m1.sql(
      'bob_shop',
      `INSERT INTO parts SELECT n, 'p ' || n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour', '2026-01-01'::date + n, n / 7.0, decode('00ff', 'hex'), ARRAY[n, NULL], 'u' || n FROM generate_series(1, 500) n`,
      'bob',
    );
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM parts', 500);
    expect(await m2.sql('bob_shop', "SELECT to_char(day, 'YYYY-MM-DD') AS day FROM parts WHERE a = 95")).toEqual([
      { day: '2026-04-06' },
    ]);
    // Only here: a clock zone and the look of bytes differ, the values do not.
    await m2.sql('bob_shop', "ALTER DATABASE bob_shop SET timezone = 'America/New_York'", 'bob');
    await m2.sql('bob_shop', "ALTER DATABASE bob_shop SET bytea_output = 'escape'", 'bob');
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    await m2.sql(
      'bob_shop',
      `${origin} UPDATE parts SET n = 0, list = NULL WHERE a < 300; DELETE FROM parts WHERE a > 490; INSERT INTO parts (a, "b c", u) VALUES (600, 'only here', 'x');
      UPDATE parts SET u = u || '+' WHERE a IN (1, 2); UPDATE parts SET u = 'u2' WHERE a = 1; UPDATE parts SET u = 'u1' WHERE a = 2;
      DELETE FROM parts WHERE a = 100; UPDATE parts SET u = 'u100' WHERE a = 299`,
    );
    const dry = await tandem('repair', 'bob_shop', '--from', 'm1', '--dry-run');
    expect(dry.text).toContain('public.parts: 310 rows differ');
    const done = await tandem('repair', 'bob_shop', '--from', 'm1');
    expect(done).toMatchObject({ exit: 0, text: expect.stringContaining('309 rows were written and 1 deleted on M2') });
    const kept = readFileSync(/What they were: (\S+)/.exec(done.text)?.[1] ?? '', 'utf8')
      .trim()
      .split('\n');
    expect(kept).toHaveLength(299);
    expect(JSON.parse(kept.find((line) => line.includes('only here')) ?? '')).toMatchObject({
      ...{ master: 'm2', database: 'bob_shop', table: 'public.parts', row: { a: '600', u: 'x', n: null } },
    });
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    // The right rows are as they were, and both are still carried.
    expect(await m1.sql('bob_shop', 'SELECT count(*)::int AS n, sum(a)::int AS s FROM parts')).toEqual([
      { n: 500, s: 125_250 },
    ]);
    await m2.sql('bob_shop', "UPDATE parts SET u = 'from m2' WHERE a = 1", 'bob');
    await arrivesOn(m1, 'bob_shop', 'SELECT u FROM parts WHERE a = 1', 'from m2');
    expect((await tandem('conflicts', 'bob_shop')).text).not.toContain('parts');
  });

  it("a customer's check cannot turn what applies its rows into a superuser's", async () => {
    const [m1, m2] = pair.members;
    await m1.sql(
      'bob_shop',
      `CREATE FUNCTION turn(v text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN EXECUTE 'ALTER ROLE bob SUPERUSER'; END IF;
        BEGIN EXECUTE (SELECT format('ALTER FUNCTION tandemsync.%I(text, text[], text[], timestamptz) SECURITY INVOKER', proname)
          FROM pg_proc WHERE proname LIKE 'do\\_%' AND proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user));
        EXCEPTION WHEN OTHERS THEN NULL; END;
        RETURN true; END $$`,
      'bob',
    );
    await m1.sql('bob_shop', 'CREATE TABLE turned (id int PRIMARY KEY, v text CHECK (turn(v)))', 'bob');
    for (const id of [1, 2, 3]) {
      await m1.sql('bob_shop', `INSERT INTO turned VALUES (${id}, 'x')`, 'bob');
      await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM turned', id);
    }
    const truncated = [
      `CREATE FUNCTION emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.turn(''); RETURN NULL; END $$`,
      'CREATE TABLE emptying (id int PRIMARY KEY)',
      'CREATE TRIGGER a AFTER TRUNCATE ON emptying EXECUTE FUNCTION emptied()',
      'CREATE TRIGGER b AFTER DELETE ON emptying EXECUTE FUNCTION emptied()',
      'ALTER TABLE emptying ENABLE ALWAYS TRIGGER a',
      'ALTER TABLE emptying ENABLE ALWAYS TRIGGER b',
      'INSERT INTO emptying VALUES (1), (2)',
    ];
    for (const statement of truncated) await m1.sql('bob_shop', statement, 'bob');
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM emptying', 2);
    await m1.sql('bob_shop', 'TRUNCATE emptying', 'bob');
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM emptying', 0);
    expect(await m2.sql('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")).toEqual([
      { rolsuper: false },
    ]);
    await expect(m1.sql('bob_shop', 'SELECT tandemsync.next_of(1)', 'bob')).rejects.toThrow(
      'permission denied for schema',
    );
    // What an earlier release made is made anew.
    for (const one of pair.members)
      await one.sql(
        'bob_shop',
        "SET tandem.off = 1; GRANT USAGE ON SCHEMA tandemsync TO PUBLIC; UPDATE tandemsync.local_mark SET value = 'old' WHERE name = 'objects'",
      );
    for (const one of pair.members) await one.kill();
    for (const one of pair.members) await one.start();
    for (const one of pair.members)
      await expect
        .poll(() => one.sql('bob_shop', 'SELECT tandemsync.next_of(1)', 'bob').then(() => '', String), {
          timeout: 20_000,
        })
        .toContain('permission denied for schema');
    await m1.sql('bob_shop', 'DROP TABLE turned', 'bob');
    await arrivesOn(m2, 'bob_shop', "SELECT to_regclass('public.turned')", null);
  });

  it("comparing and repairing run no customer's code with Tandem's rights", async () => {
    const [m1, m2] = pair.members;
    const evil = (name: string, args: string, result: string, value: string): string =>
      `CREATE FUNCTION public.${name}(${args}) RETURNS ${result} LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN EXECUTE 'ALTER ROLE bob SUPERUSER'; END IF;
        RETURN ${value}; END $$`;
    const made = [
      "CREATE TYPE mood AS ENUM ('calm', 'cross')",
      evil('told', 'm mood', 'text', "'calm'"),
      'CREATE CAST (mood AS text) WITH FUNCTION told(mood)',
      evil('read', 't text', 'mood', "CASE t WHEN 'calm' THEN 'calm' ELSE 'cross' END"),
      'CREATE CAST (text AS mood) WITH FUNCTION read(text)',
      evil('checks', 'v text', 'boolean', 'true'),
      'CREATE DOMAIN word AS text CHECK (checks(VALUE))',
      'CREATE TABLE moods (m mood PRIMARY KEY, v text)',
      'CREATE TABLE words (w word PRIMARY KEY, m mood)',
      'CREATE TABLE codes (c varchar(20) PRIMARY KEY, v text)',
      evil('made', 'v text', 'text', 'v').replace('plpgsql', 'plpgsql IMMUTABLE'),
      'CREATE TABLE gens (id int PRIMARY KEY, v text, g text GENERATED ALWAYS AS (made(v)) STORED, CONSTRAINT mine CHECK (checks(v)))',
      "INSERT INTO gens (id, v) VALUES (1, 'a')",
      evil('hashtextextended', 't text, n integer', 'bigint', '0'),
      evil('same', 'a varchar, b varchar', 'boolean', 'true'),
      'CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = same)',
      "INSERT INTO moods VALUES ('calm', 'a'), ('cross', 'b')",
      "INSERT INTO words VALUES ('x', 'calm'), ('y', 'cross')",
      "INSERT INTO codes VALUES ('one', '1'), ('two', '2')",
    ];
    for (const statement of made) await m1.sql('bob_shop', statement, 'bob');
    await m1.sql('bob_shop', 'ALTER DATABASE bob_shop SET search_path = public, pg_catalog', 'bob');
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM codes', 2);
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    const wrong = 'SET session_replication_role = replica; SET search_path = public;';
    await m2.sql(
      'bob_shop',
      `${origin} ${wrong} DELETE FROM moods WHERE m = 'calm'; DELETE FROM words WHERE w = 'x'; DELETE FROM codes`,
    );
    expect((await tandem('repair', 'bob_shop', '--from', 'm1')).text).toContain('4 rows were written and 0 deleted');
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    const copied = tandem('reseed', 'bob_shop', '--from', 'm1', '--yes');
    await expect(copied).rejects.toThrow(
      /not copied: .* public\.gens\.g, public\.gens: mine, public\.word: word_check\./,
    );
    for (const one of pair.members)
      expect(await one.sql('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")).toEqual([
        { rolsuper: false },
      ]);
  });
});
