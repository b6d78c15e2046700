import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { loadConfig } from '../../../src/config.ts';
import { lettingGoClient } from '../../../src/dbsync/postgres/panel-calls.ts';
import { messageOf } from '../../../src/errors.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle.ts';
import { createLogger } from '../../../src/log.ts';
import type { Client } from '../../../src/operations/deps.ts';
import { databaseCommand } from '../../../src/roles/databases/index.ts';
import { startDbsync } from '../../../src/roles/dbsync.ts';
import { uapi } from '../../../src/whm/call.ts';
import { testLog } from '../../support/log.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { arrivesOn, type PgTestPair, startPgPair } from './pg-pair.ts';

/** What follows is carried to nobody. */
const origin = `SELECT pg_replication_origin_create('tandem_repair') WHERE NOT EXISTS (SELECT 1 FROM pg_replication_origin WHERE roname = 'tandem_repair');
  SELECT pg_replication_origin_session_setup('tandem_repair');`;

describe('tandem db postgres, and the role that carries', () => {
  let pair: PgTestPair;
  let dir: TempDir;
  let file: string;
  let lifecycle: Lifecycle;

  async function tandem(...words: readonly string[]): Promise<{ readonly exit: number; readonly text: string }> {
    let text = '';
    const streams = {
      stdin: process.stdin,
      stdout: {
        write(more: string) {
          text += more;
        },
      },
      stderr: process.stderr,
    };
    const exit = await databaseCommand(['postgres', ...words, '--config', file], streams);
    return { exit, text };
  }

  beforeAll(async () => {
    pair = await startPgPair({ delayMs: 1, configured: 3 });
    dir = tempDir('tandem-pgrole');
    file = join(dir.path, 'tandem.json');
    const masters = pair.members.map(({ side }) => ({
      ...{ id: side.id, site: side.id, hostname: `${side.id}.example.com`, address: `192.0.2.${side.number}` },
      credentials: { user: 'root', token: 'x'.repeat(32) },
      tls: { fingerprint: Array.from({ length: 32 }, () => 'AB').join(':') },
      postgres: { socket: side.access.socket, port: side.access.port },
    }));
    const databases = { postgresMost: 3, postgresKeepMegabytes: 500 };
    writeFileSync(file, JSON.stringify({ stateDir: dir.path, masters, databases, log: { level: 'error' } }));
    for (const one of pair.members) await one.sql('postgres', 'CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN');
    const log = createLogger({ level: 'error', redact: [] });
    lifecycle = createLifecycle({ log });
    expect((await tandem('setup', '--yes')).text).toContain('Done');
    startDbsync(loadConfig({ file }), log, lifecycle);
  });
  afterAll(async () => {
    await lifecycle.closeAll();
    await pair.stop();
    dir.remove();
  });

  it('says that both are in step', async () => {
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 20_000 }).toBe(0);
    const nagios = await tandem('status', '--nagios');
    expect(nagios).toMatchObject({
      exit: 0,
      text: expect.stringMatching(/^POSTGRESQL OK: .*\| 'pg_lag_m1_m2'=0\.\d+s/),
    });
  });

  it('a database that a customer gets later on both masters is carried by itself', async () => {
    const [m1, m2] = pair.members;
    for (const one of pair.members) await one.sql('postgres', 'CREATE DATABASE bob_shop OWNER bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000 })
      .toContain('Carried both ways: bob_shop');
    await m1.sql('bob_shop', "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) VALUES ('a')", 'bob');
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM t', 1);
    await m2.sql('bob_shop', "INSERT INTO t (v) VALUES ('b')", 'bob');
    await arrivesOn(m1, 'bob_shop', 'SELECT count(*)::int FROM t', 2);
    expect(await tandem('check', '--all')).toMatchObject({ exit: 0, text: '1 tables, 2 rows: equal.\n' });
  });

  /** cPanel on one master: it does what the call says as the server's superuser, and refuses in the server's words. */
  function panelOn(member: PgTestPair['members'][number]): Client {
    const panel: Client = {
      async call({ fn, args }) {
        const { name, oldname, newname } = Object.fromEntries(args);
        const sql = fn.endsWith('delete_database')
          ? `DROP DATABASE ${name}`
          : `ALTER DATABASE ${oldname} RENAME TO ${newname}`;
        try {
          await member.sql('postgres', sql);
          return { kind: 'done', data: null, reason: 'OK', warnings: [], body: {} };
        } catch (error) {
          return { kind: 'refused', reason: messageOf(error), body: {} };
        }
      },
    };
    const { log } = testLog();
    return lettingGoClient(panel, { server: member.server, clock: systemClock, log });
  }

  it('a database is renamed and dropped on one master after the other: nothing is lost, nothing is left', async () => {
    const [m1, m2] = pair.members;
    const [first, second] = [panelOn(m1), panelOn(m2)];
    const rename = uapi('bob', 'Postgresql::rename_database', { oldname: 'bob_pad', newname: 'bob_new' });
    const drop = uapi('bob', 'Postgresql::delete_database', { name: 'bob_new' });
    for (const one of pair.members) await one.sql('postgres', 'CREATE DATABASE bob_pad OWNER bob');
    await expect.poll(async () => (await tandem('status')).text, { timeout: 30_000 }).toContain('bob_pad, bob_shop');
    await m1.sql('bob_pad', 'CREATE TABLE t (v text PRIMARY KEY)', 'bob');
    await arrivesOn(m2, 'bob_pad', "SELECT to_regclass('t')::text", 't');
    expect(await first.call(rename)).toMatchObject({ kind: 'done' });
    await m1.sql('bob_new', "INSERT INTO t VALUES ('m1')", 'bob');
    await m2.sql('bob_pad', "INSERT INTO t VALUES ('m2')", 'bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 20_000 })
      .toContain('bob_new is on M1 only');
    expect(await second.call(rename)).toMatchObject({ kind: 'done' });
    for (const one of pair.members) await arrivesOn(one, 'bob_new', 'SELECT count(*)::int FROM t', 2);
    // What is refused leaves it carried.
    const taken = uapi('bob', 'Postgresql::rename_database', { oldname: 'bob_new', newname: 'bob_shop' });
    expect(await first.call(taken)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('exists') });
    await m2.sql('bob_new', "INSERT INTO t VALUES ('after')", 'bob');
    await arrivesOn(m1, 'bob_new', 'SELECT count(*)::int FROM t', 3);
    expect(await second.call(drop)).toMatchObject({ kind: 'done' });
    const slots = "SELECT count(*)::int FROM pg_replication_slots WHERE slot_name LIKE '%bob\\_%'";
    await arrivesOn(m1, 'postgres', `${slots} AND database = 'bob_new'`, 0);
    expect(await m1.sql('bob_new', 'SELECT count(*)::int AS n FROM t', 'bob')).toEqual([{ n: 3 }]);
    expect(await first.call(drop)).toMatchObject({ kind: 'done' });
    for (const one of pair.members) {
      await arrivesOn(
        one,
        'tandemsync',
        "SELECT count(*)::int FROM tandemsync.local_mark WHERE name LIKE '%bob\\_%'",
        0,
      );
      await arrivesOn(one, 'postgres', slots, 1);
      await arrivesOn(one, 'postgres', "SELECT count(*)::int FROM pg_replication_origin WHERE roname LIKE '%bob%'", 1);
    }
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 20_000 }).toBe(0);
  });

  it('rows that differ are found, and reseed makes them equal with a backup', async () => {
    const [, m2] = pair.members;
    await tandem('pause', 'm1');
    await expect.poll(async () => (await tandem('status')).text, { timeout: 20_000 }).toContain('paused');
    // The role looks once a second whether it is to pause.
    await expect
      .poll(
        async () =>
          Object.values(
            (
              await m2.sql(
                'postgres',
                "SELECT count(*)::int FROM pg_replication_slots WHERE slot_name LIKE 'tandem_m1_%' AND active",
              )
            )[0] ?? {},
          )[0],
        { timeout: 20_000 },
      )
      .toBe(0);
    await m2.sql('bob_shop', "UPDATE t SET v = 'strange' WHERE id = (SELECT min(id) FROM t)");
    expect((await tandem('reseed', 'bob_shop', '--from', 'm1', '--yes')).text).toContain('is now what M1 has');
    await tandem('resume', 'm1');
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 30_000 }).toBe(0);
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    expect(await m2.sql('bob_shop', "SELECT count(*)::int AS n FROM t WHERE v = 'strange'")).toEqual([{ n: 0 }]);
  });

  it('rows that differ are made equal one by one: what was overwritten is kept, and nothing is carried back', async () => {
    const [m1, m2] = pair.members;
    await m1.sql(
      'bob_shop',
      `CREATE TABLE parts (a int, "b c" text, at timestamptz, n numeric, bytes bytea, list int[], u text UNIQUE, PRIMARY KEY ("b c", a))`,
      'bob',
    );
    await m1.sql(
      'bob_shop',
      `INSERT INTO parts SELECT n, 'p ' || n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour', n / 7.0, decode('00ff', 'hex'), ARRAY[n, NULL], 'u' || n FROM generate_series(1, 500) n`,
      'bob',
    );
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM parts', 500);
    // Only here: a clock zone and the look of bytes differ, the values do not.
    await m2.sql('bob_shop', "ALTER DATABASE bob_shop SET timezone = 'America/New_York'", 'bob');
    await m2.sql('bob_shop', "ALTER DATABASE bob_shop SET bytea_output = 'escape'", 'bob');
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    await m2.sql(
      'bob_shop',
      `${origin} UPDATE parts SET n = 0, list = NULL WHERE a < 300; DELETE FROM parts WHERE a > 490; INSERT INTO parts (a, "b c", u) VALUES (600, 'only here', 'x');
      UPDATE parts SET u = u || '+' WHERE a IN (1, 2); UPDATE parts SET u = 'u2' WHERE a = 1; UPDATE parts SET u = 'u1' WHERE a = 2`,
    );
    const dry = await tandem('repair', 'bob_shop', '--from', 'm1', '--dry-run');
    expect(dry.text).toContain('public.parts: 310 rows differ');
    const done = await tandem('repair', 'bob_shop', '--from', 'm1');
    expect(done).toMatchObject({ exit: 0, text: expect.stringContaining('309 rows were written and 1 deleted on M2') });
    const kept = readFileSync(/What they were: (\S+)/.exec(done.text)?.[1] ?? '', 'utf8')
      .trim()
      .split('\n');
    expect(kept).toHaveLength(300);
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
    for (const one of pair.members)
      expect(await one.sql('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")).toEqual([
        { rolsuper: false },
      ]);
  });

  it('a definition that cannot be carried stops its database alone, and is told', async () => {
    const [m1] = pair.members;
    await m1.sql('bob_shop', "DO $$ BEGIN EXECUTE 'CREATE TABLE inside (id int)'; END $$", 'bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000 })
      .toMatch(/STOPPED: bob_shop: .*CREATE TABLE of public\.inside/);
    expect((await tandem('status', '--nagios')).exit).toBe(2);
    await tandem('reseed', 'bob_shop', '--from', 'm1', '--yes');
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 30_000 }).toBe(0);
  });

  it('more databases than there is room for are refused with the reason', async () => {
    for (const name of ['bob_two', 'bob_three', 'carol_four'])
      for (const one of pair.members) await one.sql('postgres', `CREATE DATABASE ${name} OWNER bob`);
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 40_000 })
      .toMatch(
        /carol_four is not carried: M1 has slots and connections for 3 databases, and 3 are carried|bob_\w+ is not carried: M1 has slots/,
      );
  });

  it('after detach nothing of the account is carried, and its databases can be dropped on one master', async () => {
    const [m1, m2] = pair.members;
    const done = await tandem('detach', 'bob');
    expect(done.text).toContain('Backup: ');
    await m2.sql('postgres', 'DROP DATABASE bob_shop');
    expect(await m1.sql('bob_shop', 'SELECT count(*)::int AS n FROM t', 'bob')).toEqual([{ n: 2 }]);
    expect(
      await m1.sql(
        'bob_shop',
        "SELECT to_regnamespace('tandemsync') AS n, (SELECT seqincrement::int FROM pg_sequence) AS step",
      ),
    ).toEqual([{ n: null, step: 1 }]);
  });

  it('a fence makes a master read-only for customers until the other has all', async () => {
    const [m1] = pair.members;
    await m1.sql('postgres', 'ALTER DATABASE carol_four OWNER TO carol');
    expect((await tandem('fence', 'm1', '--wait')).text).toContain('has all that it wrote');
    await expect(m1.sql('carol_four', 'CREATE TABLE x (id int)', 'carol')).rejects.toThrow(/read-only/);
    await tandem('unfence', 'm1');
    await m1.sql('carol_four', 'CREATE TABLE x (id int)', 'carol');
  });
});
