/** Owners of databases against Tandem, which reads and writes them with all rights. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { alone } from '../../../src/dbsync/mariadb/alone.ts';
import { isEqual } from '../../../src/dbsync/mariadb/compare.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import { dumpDatabases } from '../../../src/dbsync/mariadb/programs.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { caughtUp } from '../../../src/dbsync/repair/caught-up.ts';
import { checkDatabases, checkTables } from '../../../src/dbsync/repair/check.ts';
import { repairRows } from '../../../src/dbsync/repair/repair-rows.ts';
import { reseedDatabase } from '../../../src/dbsync/repair/reseed.ts';
import { type PairMember, setUp, startPair, type TestPair } from './pair.ts';

describe('owners of databases', () => {
  let pair: TestPair;
  let told: string[] = [];
  const tell = (line: string): void => void told.push(line);
  beforeAll(async () => {
    pair = await startPair({ configured: true });
    for (const member of pair.members) {
      await member.sql("CREATE USER bob@localhost IDENTIFIED BY 'pw'");
      await member.sql('GRANT ALL ON `bob\\_%`.* TO bob@localhost');
    }
    const [m1] = pair.members;
    await m1.sql('CREATE DATABASE alice_shop');
    await m1.sql('CREATE TABLE alice_shop.secret (what TEXT)');
    await m1.sql("INSERT INTO alice_shop.secret VALUES ('hers')");
    await m1.sql('CREATE DATABASE bob_shop');
    await setUp(pair);
  });
  beforeEach(() => {
    told = [];
  });
  afterAll(() => pair.stop());

  const member = (n: 0 | 1): PairMember => pair.members[n];

  async function asBob<T>(n: 0 | 1, work: (connection: Connection) => Promise<T>): Promise<T> {
    const bob = await createConnection({ socketPath: join(member(n).dir, 'sock'), user: 'bob', password: 'pw' });
    try {
      return await work(bob);
    } finally {
      bob.destroy();
    }
  }

  async function byBob(n: 0 | 1, ...statements: string[]): Promise<void> {
    await asBob(n, async (bob) => {
      for (const one of statements) await bob.query(one);
    });
  }

  function check(...databases: string[]) {
    return checkDatabases(checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell }), databases);
  }

  function reseed(database: string, from: 0 | 1 = 0): Promise<void> {
    const [source, target] = [pair.servers[from], pair.servers[from === 0 ? 1 : 0]];
    const folder = folderIn(pair.stateDir, Date.now);
    const more = { folder, clock: systemClock, tell, crash: () => {}, evenIfSmaller: true, asFiles: false };
    return reseedDatabase({ source, target, ...more }, database);
  }

  /** A statement that the other master never hears of. */
  async function secretly(n: 0 | 1, ...statements: string[]): Promise<void> {
    await pair.servers[n].session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      for (const one of statements) await session.rows(one);
    });
  }

  async function names(n: 0 | 1, sql: string): Promise<unknown[]> {
    return (await member(n).sql(sql)).map((row) => Object.values(row)[0]);
  }

  const steals = `CREATE FUNCTION steal() RETURNS INT DETERMINISTIC SQL SECURITY INVOKER BEGIN
    INSERT INTO loot SELECT what FROM alice_shop.secret; RETURN 1; END`;

  async function withThief(): Promise<void> {
    await byBob(0, 'DROP DATABASE IF EXISTS bob_shop', 'CREATE DATABASE bob_shop');
    await byBob(0, 'USE bob_shop', 'CREATE TABLE loot (what TEXT) ENGINE=MyISAM', steals);
    await caughtUp(pair.servers);
  }

  async function loot(): Promise<unknown[]> {
    return [
      ...(await names(0, 'SELECT what FROM bob_shop.loot')),
      ...(await names(1, 'SELECT what FROM bob_shop.loot')),
    ];
  }

  it('cannot end a routine early in a copy, and have the rest run as Tandem', async () => {
    const evil = '--\u0001;; CREATE DATABASE evil ;;\n';
    await byBob(
      0,
      ...['DROP DATABASE bob_shop', 'CREATE DATABASE bob_shop', 'USE bob_shop', 'CREATE TABLE t (a INT)'],
      `CREATE PROCEDURE p() SELECT 1 ${evil} + 1`,
      `CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 ${evil} + 1`,
      `CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1 ${evil} + 1`,
      'CREATE VIEW v AS SELECT a AS `x;; CREATE DATABASE evil ;;\ny` FROM t',
    );
    await caughtUp(pair.servers);
    const bodies =
      'SELECT HEX(body) FROM mysql.proc WHERE db = "bob_shop" UNION ALL SELECT HEX(action_statement) FROM information_schema.triggers WHERE trigger_schema = "bob_shop" UNION ALL SELECT HEX(event_definition) FROM information_schema.events';
    const before = await names(0, bodies);
    await reseed('bob_shop');
    for (const n of [0, 1] as const) expect(await names(n, 'SHOW DATABASES LIKE "evil"')).toEqual([]);
    expect(await names(1, bodies)).toEqual(before);
    expect(before.length).toBe(3);
    expect(await names(1, 'SELECT COUNT(*) FROM bob_shop.v')).toEqual([0]);
  });

  it('get back their views, also those that stand on nothing, and their events, which are never Tandem’s', async () => {
    await byBob(
      0,
      ...['DROP DATABASE bob_shop', 'CREATE DATABASE bob_shop', 'USE bob_shop', 'CREATE TABLE t (a INT)'],
      'CREATE TABLE gone (b INT)',
      ...['CREATE VIEW z_early AS SELECT a FROM t', 'CREATE VIEW a_late AS SELECT a FROM z_early'],
      ...['CREATE VIEW broken AS SELECT b FROM gone', 'DROP TABLE gone'],
      ...['SET NAMES latin1', "CREATE FUNCTION f() RETURNS TEXT RETURN 'caf\u00e9'", 'SET NAMES utf8mb4'],
      'CREATE EVENT first_own ON SCHEDULE EVERY 1 DAY DO SET @a = 1',
      'CREATE EVENT resting ON SCHEDULE EVERY 1 DAY DISABLE DO SET @a = 1',
    );
    await caughtUp(pair.servers);
    await byBob(1, 'USE bob_shop', 'CREATE EVENT second_own ON SCHEDULE EVERY 1 DAY DO SET @a = 1');
    await caughtUp(pair.servers);
    await reseed('bob_shop');
    const [f] = await names(0, 'SELECT HEX(bob_shop.f())');
    expect(await names(1, 'SELECT HEX(bob_shop.f())')).toEqual([f]);
    const events = await member(1).sql(
      'SELECT event_name AS n, status AS s, definer AS d FROM information_schema.events ORDER BY 1',
    );
    expect(events).toEqual([
      { n: 'first_own', s: 'SLAVESIDE_DISABLED', d: 'bob@localhost' },
      { n: 'resting', s: 'DISABLED', d: 'bob@localhost' },
      { n: 'second_own', s: 'ENABLED', d: 'bob@localhost' },
    ]);
    const views =
      'SELECT CONCAT(table_name, " ", definer, " ", view_definition) FROM information_schema.views WHERE table_schema = "bob_shop" AND table_name <> "broken"';
    expect(await names(1, views)).toEqual(await names(0, views));
    await expect(member(1).sql('SELECT * FROM bob_shop.broken')).rejects.toThrow(/invalid/);
    await byBob(0, 'USE bob_shop', 'DROP VIEW broken');
    await caughtUp(pair.servers);
  });

  it('cannot have a view read with Tandem’s rights, put in the place of a table that is compared or repaired', async () => {
    await withThief();
    await byBob(
      0,
      'USE bob_shop',
      'CREATE TABLE t (id INT PRIMARY KEY, a INT)',
      'INSERT INTO t VALUES (1, 1)',
      'CREATE ALGORITHM = TEMPTABLE SQL SECURITY INVOKER VIEW v AS SELECT 1 AS id, 1 AS a FROM (SELECT 1) AS d WHERE steal()',
    );
    await caughtUp(pair.servers);
    await secretly(1, 'UPDATE bob_shop.t SET a = 2');
    const { differences } = await check('bob_shop');
    expect(differences).toMatchObject([{ shape: { table: 't' } }]);
    await byBob(0, 'USE bob_shop', 'RENAME TABLE t TO old, v TO t');
    await caughtUp(pair.servers);
    const deps = checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell });
    await expect(checkTables(deps, [['bob_shop', 't']])).rejects.toThrow();
    const [source, target] = pair.servers;
    const kept = join(mkdtempSync(join(tmpdir(), 'tandem-kept-')), 'rows.jsonl');
    await expect(repairRows({ source, target, kept, dryRun: false, tell }, differences)).rejects.toThrow();
    expect(await loot()).toEqual([]);
  });

  it('cannot have a view read with Tandem’s rights, put in the place of a table that is copied', async () => {
    await withThief();
    await byBob(
      0,
      'USE bob_shop',
      'CREATE TABLE t (id INT)',
      'CREATE SQL SECURITY INVOKER VIEW v AS SELECT steal() AS id',
    );
    await asBob(0, async (locker) => {
      await locker.query('LOCK TABLES bob_shop.t WRITE');
      await asBob(0, async (renamer) => {
        const renamed = renamer.query('RENAME TABLE bob_shop.t TO bob_shop.old, bob_shop.v TO bob_shop.t');
        await new Promise((resolve) => setTimeout(resolve, 300));
        const file = join(mkdtempSync(join(tmpdir(), 'tandem-copy-')), 'copy.sql.gz');
        const copied = dumpDatabases(pair.servers[0], ['bob_shop'], file, { position: true, wanted: 'itself' }).then(
          () => 'copied',
          String,
        );
        const waiting = 'SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE "Waiting for table%"';
        for (let n = 0; n < 100 && (await names(0, waiting))[0] !== 2; n++)
          await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await names(0, waiting)).toEqual([2]);
        await locker.query('UNLOCK TABLES');
        await renamed;
        expect(await copied).toMatch(/lack rights/);
      });
    });
    expect(await loot()).toEqual([]);
    expect(await names(0, 'SELECT User FROM mysql.user WHERE User LIKE "tandem_copy%"')).toEqual([]);
  });

  it('cannot hold the pair by taking its lock', async () => {
    await asBob(0, async (bob) => {
      for (const name of ['tandem.dbsync', 'tandem.panel', 'tandem packet'])
        await bob.query('SELECT GET_LOCK(?, 0)', [name]);
      expect(await alone(pair.servers, async () => 'went on')).toBe('went on');
      expect(await alone(pair.servers, async () => 'went on', { lock: 'panel', waitSeconds: 1 })).toBe('went on');
    });
  });

  it('may call tables and databases what they like', async () => {
    const long = `bob_${'x'.repeat(60)}`;
    await byBob(
      0,
      `CREATE DATABASE ${long}`,
      'CREATE DATABASE `bob_,alice\\_%`',
      'CREATE TABLE `bob_,alice\\_%`.t (a INT)',
    );
    const odd = [
      'a.b',
      'what?',
      '??',
      "it's",
      'back\\slash',
      'tick`tick',
      'two\nlines',
      '; DROP DATABASE alice_shop; --',
    ];
    for (const name of odd)
      await byBob(
        0,
        `CREATE TABLE ${long}.\`${name.replaceAll('`', '``')}\` (\`k.?\` INT AUTO_INCREMENT PRIMARY KEY, \`v\`\`\n?\` TEXT)`,
        `INSERT INTO ${long}.\`${name.replaceAll('`', '``')}\` VALUES (1, 'a')`,
      );
    await byBob(0, `CREATE EVENT ${long}.\`e.e\` ON SCHEDULE EVERY 1 DAY DO SET @a = 1`);
    await caughtUp(pair.servers);
    expect(await isEqual(...pair.servers, long)).toBe(true);
    for (const name of odd)
      await secretly(1, `UPDATE ${long}.\`${name.replaceAll('`', '``')}\` SET \`v\`\`\n?\` = 'b'`);
    const { differences } = await check(long);
    expect(differences.map((one) => [one.shape.table, one.keys.length])).toEqual(
      [...odd]
        .sort()
        .map((name) => [name, 1])
        .sort(),
    );
    const [source, target] = pair.servers;
    const kept = join(mkdtempSync(join(tmpdir(), 'tandem-kept-')), 'rows.jsonl');
    expect(await repairRows({ source, target, kept, dryRun: false, tell }, differences)).toMatchObject({
      written: odd.length,
    });
    expect(await isEqual(...pair.servers, long)).toBe(true);
    await reseed(long);
    expect(await isEqual(...pair.servers, long)).toBe(true);
    // Its name would leave out the tables of others.
    await expect(reseed('bob_,alice\\_%')).rejects.toThrow(/filter/);
  });

  it('get rows repaired as they are: a number 0, an hour that comes twice, days that do not exist', async () => {
    await byBob(
      0,
      ...['DROP DATABASE IF EXISTS bob_shop', 'CREATE DATABASE bob_shop', 'USE bob_shop'],
      'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP NULL, day DATE, n INT CHECK (n > 0))',
      "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', check_constraint_checks = 0",
      "INSERT INTO t VALUES (0, '2026-10-25 00:30:00', '2026-02-31', -1), (7, '2026-10-25 01:30:00', '0000-00-00', 1)",
    );
    await caughtUp(pair.servers);
    await secretly(1, 'DELETE FROM bob_shop.t');
    const { differences } = await check('bob_shop');
    const [source, target] = pair.servers;
    const kept = join(mkdtempSync(join(tmpdir(), 'tandem-kept-')), 'rows.jsonl');
    expect(await repairRows({ source, target, kept, dryRun: false, tell }, differences)).toMatchObject({ written: 2 });
    expect(await isEqual(source, target, 'bob_shop')).toBe(true);
  });

  it('get no row changed by a trigger that a repair would run', async () => {
    await byBob(
      0,
      ...['DROP DATABASE IF EXISTS bob_shop', 'CREATE DATABASE bob_shop', 'USE bob_shop'],
      ...['CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'CREATE TABLE audit (what INT)', 'INSERT INTO t VALUES (1, 1)'],
      'CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO audit VALUES (NEW.id)',
    );
    await caughtUp(pair.servers);
    await secretly(1, 'UPDATE bob_shop.t SET a = 2');
    const { differences } = await check('bob_shop');
    const [source, target] = pair.servers;
    const kept = join(mkdtempSync(join(tmpdir(), 'tandem-kept-')), 'rows.jsonl');
    const { left } = await repairRows({ source, target, kept, dryRun: false, tell }, differences);
    expect(left).toEqual(['bob_shop.t: it has triggers, which a repair would run']);
    expect(await names(1, 'SELECT COUNT(*) FROM bob_shop.audit')).toEqual([0]);
    await reseed('bob_shop');
    expect((await check('bob_shop')).differences).toEqual([]);
  });
});
