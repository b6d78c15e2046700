/** Owners of databases against Tandem: names that break what reads them, and rows that are not what they were. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEqual } from '../../../src/dbsync/mariadb/compare.ts';
import { caughtUp } from '../../../src/dbsync/repair/caught-up.ts';
import { type Owners, startOwners } from './owners.ts';

describe('owners of databases', () => {
  let owners: Owners;
  let pair: Owners['pair'];
  beforeAll(async () => {
    owners = await startOwners();
    pair = owners.pair;
  });
  afterAll(() => pair.stop());

  it('may call tables and databases what they like', async () => {
    const long = `bob_${'x'.repeat(60)}`;
    await owners.byBob(
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
      await owners.byBob(
        0,
        `CREATE TABLE ${long}.\`${name.replaceAll('`', '``')}\` (\`k.?\` INT AUTO_INCREMENT PRIMARY KEY, \`v\`\`\n?\` TEXT)`,
        `INSERT INTO ${long}.\`${name.replaceAll('`', '``')}\` VALUES (1, 'a')`,
      );
    await owners.byBob(0, `CREATE EVENT ${long}.\`e.e\` ON SCHEDULE EVERY 1 DAY DO SET @a = 1`);
    await caughtUp(pair.servers);
    expect(await isEqual(...pair.servers, long)).toBe(true);
    for (const name of odd)
      await owners.secretly(1, `UPDATE ${long}.\`${name.replaceAll('`', '``')}\` SET \`v\`\`\n?\` = 'b'`);
    const { differences } = await owners.check(long);
    expect(differences.map((one) => [one.shape.table, one.keys.length])).toEqual(
      [...odd]
        .sort()
        .map((name) => [name, 1])
        .sort(),
    );
    expect(await owners.repair(differences)).toMatchObject({
      written: odd.length,
    });
    expect(await isEqual(...pair.servers, long)).toBe(true);
    await owners.reseed(long);
    expect(await isEqual(...pair.servers, long)).toBe(true);
    // Its name would leave out the tables of others.
    await expect(owners.reseed('bob_,alice\\_%')).rejects.toThrow(/filter/);
  });

  it('get rows repaired as they are: a number 0, an hour that comes twice, days that do not exist', async () => {
    await owners.anew(
      'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP NULL, day DATE, n INT CHECK (n > 0))',
      "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', check_constraint_checks = 0",
      "INSERT INTO t VALUES (0, '2026-10-25 00:30:00', '2026-02-31', -1), (7, '2026-10-25 01:30:00', '0000-00-00', 1)",
    );
    await caughtUp(pair.servers);
    await owners.secretly(1, 'DELETE FROM bob_shop.t');
    const { differences } = await owners.check('bob_shop');
    expect(await owners.repair(differences)).toMatchObject({ written: 2 });
    expect(await isEqual(...pair.servers, 'bob_shop')).toBe(true);
  });

  it('get no row changed by a trigger that a repair would run', async () => {
    await owners.anew(
      ...['CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'CREATE TABLE audit (what INT)', 'INSERT INTO t VALUES (1, 1)'],
      'CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO audit VALUES (NEW.id)',
    );
    await caughtUp(pair.servers);
    await owners.secretly(1, 'UPDATE bob_shop.t SET a = 2');
    const { differences } = await owners.check('bob_shop');
    const { left } = await owners.repair(differences);
    expect(left).toEqual(['bob_shop.t: it has triggers, which a repair would run']);
    expect(await owners.names(1, 'SELECT COUNT(*) FROM bob_shop.audit')).toEqual([0]);
    await owners.reseed('bob_shop');
    expect((await owners.check('bob_shop')).differences).toEqual([]);
  });
});
