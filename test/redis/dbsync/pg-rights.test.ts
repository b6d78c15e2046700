/** Customers who own their databases try to get what Tandem's superuser may. Each attack that worked once stands here. */
import { describe, expect, it } from 'vitest';
import { attacksOnPair, evil, inTandems, openAs } from './pg-attacks.ts';
import { turnMs } from './pg-desk.ts';
import { arrivesOn } from './pg-pair.ts';

describe("customers and the rights of Tandem's superuser", () => {
  const attacks = attacksOnPair();
  const { tandem, gained, carried } = attacks;

  it('temporary relations and types do not stand in for those of the server', async () => {
    const [m1, m2] = attacks.pair.members;
    await carried('bob_temp');
    const standIn = (name: string): string =>
      `CREATE TEMP VIEW ${name} AS SELECT c.* FROM pg_catalog.${name} c WHERE public.evil('${name}') = 1`;
    for (const name of ['pg_class', 'pg_index', 'pg_roles', 'pg_namespace', 'pg_sequence', 'pg_depend'])
      await m1.sql('bob_temp', `${standIn(name)}; CREATE TABLE with_${name} (id serial)`, 'bob');
    await m1.sql(
      'bob_temp',
      `CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (public.evil('text') = 1); CREATE TABLE with_type (id serial PRIMARY KEY)`,
      'bob',
    );
    // The same in the session that applies.
    await m1.sql('bob_temp', inTandems('stands_in', ['pg_roles', 'pg_class', 'pg_namespace'].map(standIn)), 'bob');
    await m1.sql('bob_temp', 'CREATE TABLE first (id int PRIMARY KEY, v text CHECK (stands_in(v)))', 'bob');
    await m1.sql('bob_temp', "INSERT INTO first VALUES (1, 'a')", 'bob');
    await arrivesOn(m2, 'bob_temp', 'SELECT count(*)::int FROM first', 1);
    await m1.sql('bob_temp', 'CREATE TABLE second (id int PRIMARY KEY)', 'bob');
    await m1.sql('bob_temp', 'INSERT INTO second VALUES (1)', 'bob');
    await arrivesOn(m2, 'bob_temp', 'SELECT count(*)::int FROM second', 1);
    expect(await gained()).toEqual([]);
  });

  it('what a check prepares or sets in the session that applies has no effect afterwards', async () => {
    const [m1, m2] = attacks.pair.members;
    await carried('bob_session');
    const types = 'pg_lsn, pg_lsn, bigint, bigint, jsonb, jsonb, boolean';
    await m1.sql(
      'bob_session',
      inTandems('prepares', [
        'DEALLOCATE ALL',
        `PREPARE tandem_apply (${types}) AS SELECT public.evil('prepared') AS n`,
        "SET client_encoding = 'LATIN1'",
        "SET application_name = 'somebody'",
      ]),
      'bob',
    );
    await m1.sql('bob_session', 'CREATE TABLE words (id int PRIMARY KEY, v text CHECK (prepares(v)))', 'bob');
    for (const id of [1, 2, 3]) {
      await m1.sql('bob_session', `INSERT INTO words VALUES (${id}, 'grün')`, 'bob');
      await arrivesOn(m2, 'bob_session', `SELECT v FROM words WHERE id = ${id}`, 'grün');
    }
    expect(await gained()).toEqual([]);
    const mine = "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'somebody'";
    await arrivesOn(m2, 'bob_session', mine, 0);
  });

  it('nothing of a customer is left for the moment at which Tandem commits', async () => {
    const [m1, m2] = attacks.pair.members;
    await carried('bob_late');
    const stopped = async (): Promise<string> => (await tandem('status')).text;
    await m1.sql(
      'bob_late',
      "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil('deferred'); RETURN NULL; END $$",
      'bob',
    );
    await m1.sql('bob_late', 'CREATE TABLE t (id int PRIMARY KEY)', 'bob');
    await m1.sql(
      'bob_late',
      'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fire()',
      'bob',
    );
    await expect(m1.sql('bob_late', 'ALTER TABLE t ENABLE ALWAYS TRIGGER late', 'bob')).rejects.toThrow(
      /in a replicated database no trigger that fires when a transaction ends/,
    );
    // Made past that, it is seen before the transaction ends.
    await arrivesOn(m2, 'bob_late', 'SELECT count(*)::int FROM pg_trigger', 1);
    await m2.sql(
      'bob_late',
      'SET tandem.off = 1; SET session_replication_role = replica; ALTER TABLE t ENABLE ALWAYS TRIGGER late',
    );
    await m1.sql('bob_late', 'INSERT INTO t VALUES (1)', 'bob');
    await expect
      .poll(stopped, { timeout: 30_000, interval: turnMs })
      .toMatch(/STOPPED: bob_late: .*late.* fires when a transaction ends/);
    await m2.sql('bob_late', 'ALTER TABLE t ENABLE TRIGGER late', 'bob');
    await arrivesOn(m2, 'bob_late', 'SELECT count(*)::int FROM t', 1);
    const hold = "DECLARE held CURSOR WITH HOLD FOR SELECT public.evil('held')";
    await m1.sql('bob_late', inTandems('holds', [hold]), 'bob');
    await m1.sql('bob_late', 'CREATE TABLE held (id int PRIMARY KEY, v text CHECK (holds(v)))', 'bob');
    await m1.sql('bob_late', "INSERT INTO held VALUES (1, 'a')", 'bob');
    await expect.poll(stopped, { timeout: 30_000, interval: turnMs }).toMatch(/STOPPED: bob_late: .*cursor held/);
    await m2.sql('bob_late', 'ALTER TABLE held DROP CONSTRAINT held_v_check', 'bob');
    await arrivesOn(m2, 'bob_late', 'SELECT count(*)::int FROM held', 1);
    expect(await gained()).toEqual([]);
  });

  it("a schema that is called like Tandem's before it comes is not taken for Tandem's", async () => {
    const [m1, m2] = attacks.pair.members;
    await m1.sql('postgres', 'CREATE DATABASE bob_early OWNER bob');
    const early = [
      evil,
      'CREATE SCHEMA tandemsync',
      "CREATE FUNCTION tandemsync.let_go() RETURNS int LANGUAGE sql AS $$ SELECT public.evil('let_go') $$",
      "CREATE VIEW tandemsync.local_mark AS SELECT ''::text AS name, ''::text AS value, now() AS at WHERE public.evil('mark') = 1",
    ];
    for (const statement of early) await m1.sql('bob_early', statement, 'bob');
    await m2.sql('postgres', 'CREATE DATABASE bob_early OWNER bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000, interval: turnMs })
      .toMatch(/bob_early .*tandemsync.* belongs to bob/);
    expect(await gained()).toEqual([]);
    await m1.sql('bob_early', 'ALTER SCHEMA tandemsync RENAME TO mine', 'bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000, interval: turnMs })
      .toMatch(/Carried both ways: .*bob_early/);
  });

  it('a relation that takes the place of another one runs nothing', async () => {
    const [m1, m2] = attacks.pair.members;
    await carried('bob_swap');
    for (const name of ['emptied', 'parent', 'watched'])
      await m1.sql('bob_swap', `CREATE TABLE ${name} (id int PRIMARY KEY); INSERT INTO ${name} VALUES (1)`, 'bob');
    await m1.sql('bob_swap', 'CREATE SEQUENCE counts', 'bob');
    await arrivesOn(m2, 'bob_swap', "SELECT to_regclass('counts')::text", 'counts');
    // Reading a table while a view takes its place.
    const held = await openAs(
      m1,
      'bob_swap',
      "ALTER TABLE watched RENAME TO was; CREATE VIEW watched AS SELECT 1 AS id WHERE public.evil('watched') = 1",
    );
    const checked = tandem('check', 'bob_swap').catch(() => {});
    await arrivesOn(
      m1,
      'bob_swap',
      "SELECT count(*)::int FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'",
      1,
    );
    await held.query('COMMIT');
    await held.end();
    await checked;
    // The same with a sequence, while Tandem looks after all of them.
    const sequence = await openAs(
      m2,
      'bob_swap',
      "ALTER SEQUENCE counts RENAME TO counted; CREATE VIEW counts AS SELECT 1::bigint AS last_value, true AS is_called WHERE public.evil('sequence') = 1",
    );
    await m1.sql('bob_swap', 'CREATE TABLE more (id int PRIMARY KEY)', 'bob');
    await arrivesOn(m2, 'bob_swap', 'SELECT count(*)::int > 0 FROM pg_locks WHERE NOT granted', true);
    await sequence.query('COMMIT');
    await sequence.end();
    // What comes from inside a block stays on this master.
    await m2.sql(
      'bob_swap',
      `CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.evil('child'); RETURN NULL; END $$;
      DO $$ BEGIN
        EXECUTE 'CREATE TABLE child () INHERITS (parent)';
        EXECUTE 'CREATE TRIGGER a AFTER TRUNCATE ON child EXECUTE FUNCTION fire()';
        EXECUTE 'ALTER TABLE child ENABLE ALWAYS TRIGGER a';
        EXECUTE 'DROP TABLE emptied';
        EXECUTE 'CREATE VIEW emptied AS SELECT ''1''::xid AS xmin WHERE public.evil(''emptied'') = 1'; END $$`,
      'bob',
    );
    await m1.sql('bob_swap', 'TRUNCATE parent', 'bob');
    await arrivesOn(m2, 'bob_swap', 'SELECT count(*)::int FROM parent', 0);
    await m1.sql('bob_swap', 'TRUNCATE emptied', 'bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000, interval: turnMs })
      .toMatch(/M1 → M2: STOPPED: bob_swap: /);
    expect(await gained()).toEqual([]);
  });

  it("a database's own settings do not take Tandem's rights away, nor its way in", async () => {
    const [m1, m2] = attacks.pair.members;
    await carried('bob_settings');
    for (const setting of [
      'role = bob',
      "local_preload_libraries = 'none_such'",
      'array_nulls = off',
      'lock_timeout = 1',
    ])
      await m2.sql('postgres', `ALTER DATABASE bob_settings SET ${setting}`, 'bob');
    await m2.kill();
    await m2.start();
    await m1.sql('bob_settings', 'CREATE TABLE t (id int PRIMARY KEY, v text[])', 'bob');
    await m1.sql('bob_settings', "INSERT INTO t VALUES (1, '{NULL}')", 'bob');
    expect((await tandem('check', 'bob_settings')).exit).toBe(0);
    await m2.sql('postgres', 'ALTER DATABASE bob_settings RESET local_preload_libraries', 'bob');
    await arrivesOn(m2, 'bob_settings', 'SELECT v FROM t', [null]);
  });

  it('nobody else can hold the pair', async () => {
    const [m1, m2] = attacks.pair.members;
    const clients = await Promise.all(
      [m1, m2].map((one) => openAs(one, 'postgres', 'SELECT pg_advisory_lock(7823605118)')),
    );
    expect((await tandem('carry', 'bob_temp')).text).toContain('is carried both ways');
    await Promise.all(clients.map((one) => one.end()));
  });

  it('a transaction or a lock of a customer that does not end holds up nobody for long', async () => {
    const [m1, m2] = attacks.pair.members;
    const busy = await openAs(m1, 'bob_temp', 'SELECT pg_current_xact_id()');
    for (const one of [m1, m2]) await one.sql('postgres', 'CREATE DATABASE carol_new OWNER carol');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 60_000, interval: turnMs })
      .toMatch(/carol_new .*a transaction that is open on M1.*bob in bob_temp/);
    await busy.end();
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 60_000, interval: turnMs })
      .toMatch(/Carried both ways: .*carol_new/);
  });
});
