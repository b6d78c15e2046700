import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { differingUsers, usersSum } from '../../../src/dbsync/mariadb/users.ts';
import { checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { attachAccount, detachAccount, proveCut } from '../../../src/dbsync/repair/detach.ts';
import { repairRows } from '../../../src/dbsync/repair/repair-rows.ts';
import { reseedDatabase } from '../../../src/dbsync/repair/reseed.ts';
import { databasesState } from '../../../src/dbsync/state-file.ts';
import { databasesStatus } from '../../../src/dbsync/status.ts';
import { newMemory, turn, type WatchDeps } from '../../../src/dbsync/turn.ts';
import { testLog } from '../../support/log.ts';
import { arrives } from './arrives.ts';
import { setUp, startPair, type TestPair } from './pair.ts';

const limits = { lagWarnMs: 30_000, lagGateMs: 5000 };

describe('watching and repairing a pair', () => {
  let pair: TestPair;
  let told: string[] = [];
  const tell = (line: string): void => void told.push(line);
  beforeAll(async () => {
    pair = await startPair({ configured: true });
    const [m1] = pair.members;
    await m1.sql('CREATE DATABASE bob_shop');
    await m1.sql(`CREATE TABLE bob_shop.goods (code VARCHAR(20) CHARACTER SET latin1, lang CHAR(2), price DECIMAL(9,2),
      weight FLOAT, photo BLOB, flags BIT(5), at DATETIME(6), note TEXT, twice DECIMAL(12,2) AS (price * 2) STORED,
      PRIMARY KEY (code, lang))`);
    const rows = Array.from(
      { length: 5000 },
      (_row, n) =>
        `('Ä${n}', 'de', ${n}.25, ${n < 300 ? n / 7 : 1}, UNHEX('00FF27${(n % 256).toString(16).padStart(2, '0')}'), b'101', NOW(6), ${n % 3 === 0 ? 'NULL' : `'grün ${n}'`})`,
    );
    await m1.sql(
      `INSERT INTO bob_shop.goods (code, lang, price, weight, photo, flags, at, note) VALUES ${rows.join(',')}`,
    );
    await m1.sql('CREATE TABLE bob_shop.visits (who INT)');
    await m1.sql('INSERT INTO bob_shop.visits VALUES (1), (1), (2)');
    expect(await setUp(pair)).toMatchObject({ changed: true });
  });
  beforeEach(() => {
    told = [];
  });
  afterAll(() => pair.stop());

  function check(...databases: string[]) {
    return checkDatabases(checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell }), databases);
  }

  /** A statement that the other master never hears of. */
  async function secretly(on: 0 | 1, ...statements: string[]): Promise<void> {
    await pair.servers[on].session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      for (const statement of statements) await session.rows(statement);
    });
  }

  function watching(warn: WatchDeps['warn'] = () => {}): WatchDeps {
    return {
      ...{ servers: pair.servers, folder: join(pair.stateDir, 'watch'), clock: systemClock, limits, decides: false },
      ...{ log: testLog().log, active: () => undefined, warn },
    };
  }

  it('equal tables are equal, by chunks', async () => {
    expect(await check('bob_shop')).toMatchObject({ tables: 2, rows: 5000, differences: [] });
  });

  it('finds each row that differs, whatever its type, and makes it equal without touching others', async () => {
    await secretly(
      1,
      "UPDATE bob_shop.goods SET weight = weight + 0.0001 WHERE code = 'Ä7'",
      "UPDATE bob_shop.goods SET photo = UNHEX('00FF28') WHERE code = 'Ä4999'",
      "UPDATE bob_shop.goods SET note = '' WHERE code = 'Ä0'",
      "DELETE FROM bob_shop.goods WHERE code = 'Ä2500'",
      "INSERT INTO bob_shop.goods (code, lang, note) VALUES ('only on two', 'en', 'x')",
    );
    const found = await check('bob_shop');
    expect(found.differences.map((one) => [one.shape.table, one.keys.length])).toEqual([['goods', 5]]);
    const kept = join(await folderIn(pair.stateDir, Date.now).backup('m2'), 'rows.jsonl');
    const deps = { source: pair.servers[0], target: pair.servers[1], kept, tell };
    expect(await repairRows({ ...deps, dryRun: true }, found.differences)).toMatchObject({ written: 0, deleted: 0 });
    expect(existsSync(kept)).toBe(false);
    expect(await repairRows({ ...deps, dryRun: false }, found.differences)).toEqual({
      written: 4,
      deleted: 1,
      left: [],
    });
    expect((await check('bob_shop')).differences).toEqual([]);
    expect(readFileSync(kept, 'utf8').trim().split('\n')).toHaveLength(4);
    const [m1, m2] = pair.members;
    const sums = await Promise.all([m1, m2].map((one) => one.sql('CHECKSUM TABLE bob_shop.goods')));
    expect(sums[0]).toEqual(sums[1]);
  });

  it('says of a table without a key that only a new copy helps, and makes one while the other serves', async () => {
    await secretly(1, 'INSERT INTO bob_shop.visits VALUES (9)');
    const found = await check('bob_shop');
    expect(found.differences).toMatchObject([{ reason: expect.stringContaining('no key') }]);
    const [m1, m2] = pair.members;
    const deps = {
      source: pair.servers[0],
      target: pair.servers[1],
      folder: folderIn(pair.stateDir, Date.now),
      clock: systemClock,
      tell,
    };
    await m1.sql('CREATE DATABASE eve_blog');
    await m1.sql('CREATE TABLE eve_blog.posts (id INT PRIMARY KEY)');
    let post = 0;
    let writing = true;
    const writer = (async () => {
      while (writing) {
        await m1.sql('INSERT INTO eve_blog.posts VALUES (?)', [++post]);
        await m1.sql('INSERT INTO bob_shop.visits VALUES (3)');
      }
    })();
    for (const point of [
      'dbsync.reseed-stopped',
      'dbsync.reseed-copied',
      'dbsync.reseed-applied',
      'dbsync.reseed-loaded',
    ])
      await expect(
        reseedDatabase(
          {
            ...deps,
            ...{ evenIfSmaller: false, asFiles: false },
            crash: (at) => {
              if (at === point) throw new Error(`crash at ${point}`);
            },
          },
          'bob_shop',
        ),
      ).rejects.toThrow('crash');
    await expect(setUp(pair)).rejects.toThrow('The reseed of bob_shop on M2 is not finished');
    await expect(
      reseedDatabase(
        { ...deps, source: deps.target, target: deps.source, evenIfSmaller: false, asFiles: false, crash: () => {} },
        'bob_shop',
      ),
    ).rejects.toThrow('may be half of it');
    await reseedDatabase({ ...deps, evenIfSmaller: false, asFiles: false, crash: () => {} }, 'bob_shop');
    writing = false;
    await writer;
    await arrives(m2, 'SELECT COUNT(*) FROM eve_blog.posts', post);
    expect((await check('bob_shop', 'eve_blog')).differences).toEqual([]);
    const backup =
      told
        .find((line) => line.includes('backup of bob_shop'))
        ?.split(': ')
        .at(-1) ?? '';
    expect(gunzipSync(readFileSync(backup)).toString()).toContain('(9)');
  });

  it('ends a stop over one key written on both masters by a new copy of that database alone', async () => {
    const [m1, m2] = pair.members;
    await m1.sql('CREATE TABLE bob_shop.k (id INT PRIMARY KEY, v VARCHAR(9))');
    await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.k', 0);
    await secretly(1, "INSERT INTO bob_shop.k VALUES (1, 'two')");
    await m1.sql("INSERT INTO bob_shop.k VALUES (1, 'one')");
    await m1.sql('INSERT INTO eve_blog.posts VALUES (1000000)');
    await expect
      .poll(async () => (await m2.sql('SHOW SLAVE STATUS'))[0]?.['Last_SQL_Errno'], { timeout: 20_000 })
      .toBe(1062);
    const status = await databasesStatus(pair.servers, { clock: systemClock, limits, measureMs: 0 });
    expect(status.directions[0]?.verdict).toMatchObject({ kind: 'stopped', code: 1062 });
    await reseedDatabase(
      {
        source: pair.servers[0],
        target: pair.servers[1],
        folder: folderIn(pair.stateDir, Date.now),
        clock: systemClock,
        tell,
        ...{ evenIfSmaller: false, asFiles: false },
        crash: () => {},
      },
      'bob_shop',
    );
    await arrives(m2, 'SELECT v FROM bob_shop.k', 'one');
    await arrives(m2, 'SELECT COUNT(*) FROM eve_blog.posts WHERE id = 1000000', 1);
  });

  it('an account that is cut off can be removed from one master while the other keeps it', async () => {
    const [m1, m2] = pair.members;
    const deps = { servers: pair.servers, folder: folderIn(pair.stateDir, Date.now), clock: systemClock, tell };
    await expect(proveCut(pair.servers, 'bob')).rejects.toThrow('still receives');
    const backups = await detachAccount(deps, 'bob');
    expect(backups.map((one) => existsSync(one))).toEqual([true, true]);
    await m2.sql('DROP DATABASE bob_shop');
    await m2.sql('CREATE DATABASE bob_later');
    await m2.sql('INSERT INTO eve_blog.posts VALUES (2000000)');
    await arrives(m1, 'SELECT COUNT(*) FROM eve_blog.posts WHERE id = 2000000', 1);
    expect(await m1.sql('SELECT COUNT(*) AS n FROM bob_shop.goods')).toEqual([{ n: 5000 }]);
    await arrives(m1, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'bob_later'", 0);
    expect(await setUp(pair)).toMatchObject({ changed: false });
    // The filter is gone with the server that had it, and must be there again before anything is applied.
    await m1.kill();
    await m1.start();
    await expect(proveCut(pair.servers, 'bob')).rejects.toThrow('still receives');
    const applies = async () => (await m1.sql('SHOW SLAVE STATUS'))[0]?.['Slave_SQL_Running'];
    const memory = newMemory();
    await expect
      .poll(async () => ((await turn(watching(), memory)) === '' ? '' : applies()), { timeout: 30_000 })
      .toBe('Yes');
    await m2.sql('CREATE DATABASE bob_latest');
    await m2.sql('INSERT INTO eve_blog.posts VALUES (2000001)');
    await arrives(m1, 'SELECT COUNT(*) FROM eve_blog.posts WHERE id = 2000001', 1);
    await arrives(m1, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'bob_latest'", 0);
    await proveCut(pair.servers, 'bob');
    await secretly(1, 'DROP DATABASE bob_latest');
    await expect(attachAccount(deps, 'bob')).rejects.toThrow('bob_shop, bob_later');
    await secretly(1, 'DROP DATABASE bob_later');
    await secretly(0, 'DROP DATABASE bob_shop');
    await attachAccount(deps, 'bob');
    await m1.sql('CREATE DATABASE bob_again');
    await arrives(m2, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'bob_again'", 1);
  });

  it('users that differ are named: missing, with two passwords, with other grants', async () => {
    const [m1, m2] = pair.members;
    for (const one of [m1, m2]) {
      await one.sql("CREATE USER 'bob_a'@'localhost' IDENTIFIED BY 'same'");
      await one.sql("CREATE USER 'bob_b'@'localhost' IDENTIFIED BY 'same'");
      await one.sql("GRANT SELECT ON bob_again.* TO 'bob_b'@'localhost'");
      await one.sql("CREATE USER 'cpses_x'@'localhost' IDENTIFIED BY ?", [one.dir]);
      await one.sql("CREATE USER 'bob_h'@? IDENTIFIED BY 'same'", [one.side.hosts[0]]);
    }
    expect(await differingUsers(pair.servers)).toEqual([]);
    const sum = await usersSum(pair.servers);
    expect(await usersSum(pair.servers)).toBe(sum);
    await m1.sql("ALTER USER 'bob_a'@'localhost' IDENTIFIED BY 'other'");
    const later = await usersSum(pair.servers);
    expect(later).not.toBe(sum);
    await m2.sql("GRANT INSERT ON bob_again.* TO 'bob_b'@'localhost'");
    expect(await usersSum(pair.servers)).not.toBe(later);
    await m2.sql("CREATE USER 'bob_c'@'localhost'");
    expect(await differingUsers(pair.servers)).toEqual([
      { kind: 'password', user: 'bob_a@localhost' },
      { kind: 'grants', user: 'bob_b@localhost' },
      { kind: 'missing', user: 'bob_c@localhost', on: 'm1' },
    ]);
  });

  it('the watch warns once of a cut, starts again what a restart left stopped, and says when it is over', async () => {
    const [m1, m2] = pair.members;
    const events: string[] = [];
    const folder = join(pair.stateDir, 'watch');
    const memory = newMemory();
    const deps = watching((one, state) => void events.push(`${one.code} ${state}`));
    expect(await turn(deps, memory)).toMatch(/^M1 → M2: in step.*; M2 → M1: in step/);
    m1.proxy.cut();
    const until = async (wanted: string): Promise<void> => {
      await expect
        .poll(
          async () => {
            await turn(deps, memory);
            return events;
          },
          { timeout: 30_000, interval: 200 },
        )
        .toContain(wanted);
    };
    await m1.sql('INSERT INTO eve_blog.posts VALUES (3000000)');
    await until('db.cut.m1.m2 begins');
    m1.proxy.heal();
    await until('db.cut.m1.m2 ends');
    await arrives(m2, 'SELECT COUNT(*) FROM eve_blog.posts WHERE id = 3000000', 1);
    await m2.kill();
    await until('db.unknown.m1.m2 begins');
    await m2.start();
    await until('db.unknown.m1.m2 ends');
    await expect
      .poll(
        async () => {
          await turn(deps, memory);
          return (await m2.sql('SHOW SLAVE STATUS'))[0]?.['Slave_SQL_Running'];
        },
        { timeout: 30_000 },
      )
      .toBe('Yes');
    expect(events.filter((one) => one === 'db.cut.m1.m2 begins')).toHaveLength(1);
    expect(await databasesState.read(folder)).toMatchObject({ servers: [{ up: true }, { up: true }] });
  });
});
