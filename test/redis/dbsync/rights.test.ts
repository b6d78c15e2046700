/** Owners of databases against Tandem, which reads and writes them with all rights: their code, and their locks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { alone } from '../../../src/dbsync/mariadb/alone.ts';
import { endHoldUps } from '../../../src/dbsync/mariadb/hold-ups.ts';
import { dumpDatabases } from '../../../src/dbsync/mariadb/programs.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { caughtUp } from '../../../src/dbsync/repair/caught-up.ts';
import { checkTables } from '../../../src/dbsync/repair/check.ts';
import { type Owners, startOwners } from './owners.ts';

describe('owners of databases', () => {
  let owners: Owners;
  let pair: Owners['pair'];
  beforeAll(async () => {
    owners = await startOwners();
    pair = owners.pair;
  });
  afterAll(() => pair.stop());

  const steals = `CREATE FUNCTION steal() RETURNS INT DETERMINISTIC SQL SECURITY INVOKER BEGIN
    INSERT INTO loot SELECT what FROM alice_shop.secret; RETURN 1; END`;

  async function withThief(): Promise<void> {
    await owners.byBob(0, 'DROP DATABASE IF EXISTS bob_shop', 'CREATE DATABASE bob_shop');
    await owners.byBob(0, 'USE bob_shop', 'CREATE TABLE loot (what TEXT) ENGINE=MyISAM', steals);
    await caughtUp(pair.servers);
  }

  async function loot(): Promise<unknown[]> {
    return [
      ...(await owners.names(0, 'SELECT what FROM bob_shop.loot')),
      ...(await owners.names(1, 'SELECT what FROM bob_shop.loot')),
    ];
  }

  it('cannot end a routine early in a copy, and have the rest run as Tandem', async () => {
    const evil = '--\u0001;; CREATE DATABASE evil ;;\n';
    await owners.anew(
      ...['CREATE TABLE t (a INT)'],
      `CREATE PROCEDURE p() SELECT 1 ${evil} + 1`,
      `CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 ${evil} + 1`,
      `CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1 ${evil} + 1`,
      'CREATE VIEW v AS SELECT a AS `x;; CREATE DATABASE evil ;;\ny` FROM t',
    );
    await caughtUp(pair.servers);
    const bodies =
      'SELECT HEX(body) FROM mysql.proc WHERE db = "bob_shop" UNION ALL SELECT HEX(action_statement) FROM information_schema.triggers WHERE trigger_schema = "bob_shop" UNION ALL SELECT HEX(event_definition) FROM information_schema.events';
    const before = await owners.names(0, bodies);
    await owners.reseed('bob_shop');
    for (const n of [0, 1] as const) expect(await owners.names(n, 'SHOW DATABASES LIKE "evil"')).toEqual([]);
    expect(await owners.names(1, bodies)).toEqual(before);
    expect(before.length).toBe(3);
    expect(await owners.names(1, 'SELECT COUNT(*) FROM bob_shop.v')).toEqual([0]);
  });

  it('get back their views, also those that stand on nothing, and their events, which are never Tandem’s', async () => {
    await owners.anew(
      ...['CREATE TABLE t (a INT)'],
      'CREATE TABLE gone (b INT)',
      ...['CREATE VIEW z_early AS SELECT a FROM t', 'CREATE VIEW a_late AS SELECT a FROM z_early'],
      ...['CREATE VIEW broken AS SELECT b FROM gone', 'DROP TABLE gone'],
      ...['SET NAMES latin1', "CREATE FUNCTION f() RETURNS TEXT RETURN 'caf\u00e9'", 'SET NAMES utf8mb4'],
      'CREATE EVENT first_own ON SCHEDULE EVERY 1 DAY DO SET @a = 1',
      'CREATE EVENT resting ON SCHEDULE EVERY 1 DAY DISABLE DO SET @a = 1',
    );
    await caughtUp(pair.servers);
    await owners.byBob(1, 'USE bob_shop', 'CREATE EVENT second_own ON SCHEDULE EVERY 1 DAY DO SET @a = 1');
    await caughtUp(pair.servers);
    await owners.reseed('bob_shop');
    const [f] = await owners.names(0, 'SELECT HEX(bob_shop.f())');
    expect(await owners.names(1, 'SELECT HEX(bob_shop.f())')).toEqual([f]);
    const events = await owners
      .member(1)
      .sql('SELECT event_name AS n, status AS s, definer AS d FROM information_schema.events ORDER BY 1');
    expect(events).toEqual([
      { n: 'first_own', s: 'SLAVESIDE_DISABLED', d: 'bob@localhost' },
      { n: 'resting', s: 'DISABLED', d: 'bob@localhost' },
      { n: 'second_own', s: 'ENABLED', d: 'bob@localhost' },
    ]);
    const views =
      'SELECT CONCAT(table_name, " ", definer, " ", view_definition) FROM information_schema.views WHERE table_schema = "bob_shop" AND table_name <> "broken"';
    expect(await owners.names(1, views)).toEqual(await owners.names(0, views));
    await expect(owners.member(1).sql('SELECT * FROM bob_shop.broken')).rejects.toThrow(/invalid/);
    await owners.byBob(0, 'USE bob_shop', 'DROP VIEW broken');
    await caughtUp(pair.servers);
  });

  it('cannot have a view read with Tandem’s rights, put in the place of a table that is compared or repaired', async () => {
    await withThief();
    await owners.byBob(
      0,
      'USE bob_shop',
      'CREATE TABLE t (id INT PRIMARY KEY, a INT)',
      'INSERT INTO t VALUES (1, 1)',
      'CREATE ALGORITHM = TEMPTABLE SQL SECURITY INVOKER VIEW v AS SELECT 1 AS id, 1 AS a FROM (SELECT 1) AS d WHERE steal()',
    );
    await caughtUp(pair.servers);
    await owners.secretly(1, 'UPDATE bob_shop.t SET a = 2');
    const { differences } = await owners.check('bob_shop');
    expect(differences).toMatchObject([{ shape: { table: 't' } }]);
    await owners.byBob(0, 'USE bob_shop', 'RENAME TABLE t TO old, v TO t');
    await caughtUp(pair.servers);
    const deps = checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell: () => {} });
    await expect(checkTables(deps, [['bob_shop', 't']])).rejects.toThrow();
    await expect(owners.repair(differences)).rejects.toThrow();
    expect(await loot()).toEqual([]);
  });

  it('cannot have a view read with Tandem’s rights, put in the place of a table that is copied', async () => {
    await withThief();
    await owners.byBob(
      0,
      'USE bob_shop',
      'CREATE TABLE t (id INT)',
      'CREATE SQL SECURITY INVOKER VIEW v AS SELECT steal() AS id',
    );
    await owners.asBob(0, async (locker) => {
      await locker.query('LOCK TABLES bob_shop.t WRITE');
      await owners.asBob(0, async (renamer) => {
        const renamed = renamer.query('RENAME TABLE bob_shop.t TO bob_shop.old, bob_shop.v TO bob_shop.t');
        await new Promise((resolve) => setTimeout(resolve, 300));
        const file = owners.newFile('copy.sql.gz');
        const copied = dumpDatabases(pair.servers[0], ['bob_shop'], file, { position: true, wanted: 'itself' }).then(
          () => 'copied',
          String,
        );
        const waiting = 'SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE "Waiting for table%"';
        for (let n = 0; n < 100 && (await owners.names(0, waiting))[0] !== 2; n++)
          await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await owners.names(0, waiting)).toEqual([2]);
        await locker.query('UNLOCK TABLES');
        await renamed;
        expect(await copied).toMatch(/lack rights/);
      });
    });
    expect(await loot()).toEqual([]);
    expect(await owners.names(0, 'SELECT User FROM mysql.user WHERE User LIKE "tandem_copy%"')).toEqual([]);
  });

  it('cannot hold the pair by taking its lock', async () => {
    await owners.asBob(0, async (bob) => {
      for (const name of ['tandem.dbsync', 'tandem.panel', 'tandem packet'])
        await bob.query('SELECT GET_LOCK(?, 0)', [name]);
      expect(await alone(pair.servers, async () => 'went on')).toBe('went on');
      expect(await alone(pair.servers, async () => 'went on', { lock: 'panel', waitSeconds: 1 })).toBe('went on');
    });
  });

  it('cannot hold up everybody’s replication by holding a row', async () => {
    await owners.anew(...['CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'INSERT INTO t VALUES (1, 1)']);
    await caughtUp(pair.servers);
    await owners.asBob(1, async (bob) => {
      bob.on('error', () => undefined);
      await bob.query('START TRANSACTION');
      await bob.query('SELECT * FROM bob_shop.t FOR UPDATE');
      await owners.byBob(0, 'UPDATE bob_shop.t SET a = 2');
      await owners.member(0).sql("INSERT INTO alice_shop.secret VALUES ('later')");
      const seen = new Map<string, number>();
      // InnoDB renews what it says of locks only when nobody has asked for 0.1 s; whoever asks faster sees the old for ever.
      const asked = { interval: 300, timeout: 15_000 };
      await expect.poll(() => endHoldUps(pair.servers[1], seen, 0).then(() => seen.size), asked).toBe(1);
      expect(await endHoldUps(pair.servers[1], seen, 29_000)).toEqual([]);
      expect(await owners.names(1, 'SELECT COUNT(*) FROM alice_shop.secret')).toEqual([1]);
      expect(await endHoldUps(pair.servers[1], seen, 30_000)).toEqual(['bob']);
    });
    await caughtUp(pair.servers);
    expect(await owners.names(1, 'SELECT COUNT(*) FROM alice_shop.secret')).toEqual([2]);
  });
});
