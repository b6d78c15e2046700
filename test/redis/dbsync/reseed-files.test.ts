/** One large database anew as files, by mariadb-backup and the program that lies on a master. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { Server } from '../../../src/dbsync/mariadb/connect.ts';
import { whyNotFiles } from '../../../src/dbsync/mariadb/files.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { reseedDatabase } from '../../../src/dbsync/repair/reseed.ts';
import { missing } from '../../support/processes.ts';
import { arrives } from './arrives.ts';
import { withFiles } from './files.ts';
import { type PairMember, setUp, startPair, type TestPair } from './pair.ts';

let pair: TestPair;
let servers: readonly [Server, Server];
let told: string[] = [];

const opened: Server[] = [];
function open(member: PairMember, wrapped?: string): Server {
  const server = withFiles(member, { wrapped });
  opened.push(server);
  return server;
}

beforeAll(async () => {
  const lacking = missing('mariadb-backup');
  if (lacking !== undefined) throw new Error(lacking);
  pair = await startPair({ configured: true });
  const [m1, m2] = pair.members;
  for (const statement of [
    'CREATE DATABASE bob_big',
    'CREATE DATABASE eve_blog',
    'CREATE TABLE eve_blog.posts (id INT PRIMARY KEY)',
    `CREATE TABLE bob_big.goods (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60), weight FLOAT,
      twice FLOAT AS (weight * 2) STORED, note TEXT CHARACTER SET utf8mb4, KEY (name))`,
    'CREATE TABLE bob_big.parts (id INT PRIMARY KEY, good INT, FOREIGN KEY (good) REFERENCES bob_big.goods (id))',
    'CREATE TABLE bob_big.visits (id INT AUTO_INCREMENT PRIMARY KEY, who INT)',
    'CREATE VIEW bob_big.heavy AS SELECT * FROM bob_big.goods WHERE weight > 100',
    'CREATE TRIGGER bob_big.named BEFORE INSERT ON bob_big.parts FOR EACH ROW SET NEW.good = COALESCE(NEW.good, 1)',
    'CREATE FUNCTION bob_big.one() RETURNS INT DETERMINISTIC RETURN 1',
    'CREATE EVENT bob_big.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM bob_big.visits WHERE who < 0',
    "INSERT INTO bob_big.goods (id, name, weight, note) SELECT seq, seq, seq / 7, CONCAT('grün ', seq) FROM eve_blog.seq_1_to_5000",
    'INSERT INTO bob_big.parts SELECT seq, seq FROM eve_blog.seq_1_to_500',
    'INSERT INTO bob_big.visits (who) VALUES (1), (1), (2)',
  ])
    await m1.sql(statement);
  await setUp(pair);
  servers = [open(m1), open(m2)];
}, 60_000);
beforeEach(() => {
  told = [];
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await pair?.stop();
});

function reseed([source, target]: readonly [Server, Server], database: string, point?: string): Promise<void> {
  return reseedDatabase(
    {
      ...{ source, target, clock: systemClock, folder: folderIn(pair.stateDir, Date.now) },
      // Sizes are the server's guess, and late.
      ...{ evenIfSmaller: true, asFiles: true, tell: (line: string) => void told.push(line) },
      crash(at) {
        if (at === point) throw new Error(`crash at ${point}`);
      },
    },
    database,
  );
}

/** How it was copied, as it was told. */
function way(): string | undefined {
  return told.findLast((line) => / copied (as files|by mariadb-dump)/.test(line));
}

/** What no log carries: the target loses rows that only a new copy brings back. */
async function spoil(): Promise<void> {
  await servers[1].session(async (session) => {
    await session.rows('SET SESSION sql_log_bin = 0, foreign_key_checks = 0');
    await session.rows('DELETE FROM bob_big.goods WHERE id > 2500');
    await session.rows('INSERT INTO bob_big.visits (who) VALUES (9)');
  });
}

async function expectEqual(): Promise<void> {
  const [m1, m2] = pair.members;
  await m1.sql('REPLACE INTO eve_blog.posts VALUES (1000000)');
  await arrives(m2, 'SELECT COUNT(*) FROM eve_blog.posts WHERE id = 1000000', 1);
  const deps = checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell: () => {} });
  expect((await checkDatabases(deps, ['bob_big', 'eve_blog'])).differences).toEqual([]);
  const sums = await Promise.all([m1, m2].map((one) => one.sql('CHECKSUM TABLE bob_big.goods, bob_big.visits')));
  expect(sums[0]).toEqual(sums[1]);
}

it('is made equal while the other master serves, with all that belongs to it, whatever point it is killed at', async () => {
  const [m1, m2] = pair.members;
  await spoil();
  let written = 0;
  let going = true;
  const customers = (async () => {
    while (going) {
      written += 1;
      await m1.sql('INSERT INTO eve_blog.posts VALUES (?)', [written]);
      await m1.sql("INSERT INTO bob_big.goods (name, weight) VALUES ('new', 1.1)");
      await m1.sql('INSERT INTO bob_big.visits (who) VALUES (3)');
      await systemClock.sleep(20);
    }
  })();
  try {
    for (const point of ['stopped', 'copied', 'applied', 'loaded'])
      await expect(reseed(servers, 'bob_big', `dbsync.reseed-${point}`)).rejects.toThrow('crash');
    await reseed(servers, 'bob_big');
  } finally {
    going = false;
    await customers;
  }
  expect(way()).toBe('bob_big was copied as files');
  await arrives(m2, 'SELECT COUNT(*) FROM eve_blog.posts', written);
  await arrives(m2, 'SELECT COUNT(*) FROM bob_big.goods', 5000 + written);
  await expectEqual();
  expect(await m2.sql('SELECT bob_big.one() AS n')).toEqual([{ n: 1 }]);
  expect(await m2.sql("SELECT status FROM information_schema.events WHERE event_name = 'nightly'")).toEqual([
    { status: 'SLAVESIDE_DISABLED' },
  ]);
  await m2.sql('INSERT INTO bob_big.parts VALUES (1001, NULL)');
  await arrives(m1, 'SELECT good FROM bob_big.parts WHERE id = 1001', 1);
  await expect(m2.sql('INSERT INTO bob_big.parts VALUES (1002, 999999)')).rejects.toThrow('foreign key');
}, 120_000);

it('a server that is killed while it takes the files in: the same words finish it', async () => {
  const [m1, m2] = pair.members;
  await spoil();
  const dying = `case "$1" in place) "$0" "$@"; kill -9 "$(cat '${m2.dir}/pid')"; sleep 1 ;; *) exec "$0" "$@" ;; esac`;
  await expect(reseed([servers[0], open(m2, dying)], 'bob_big')).rejects.toMatchObject({ code: 'databases.away' });
  await m2.start();
  await expect(setUp(pair)).rejects.toThrow('The reseed of bob_big on M2 is not finished');
  await reseed([open(m1), open(m2)], 'bob_big');
  expect(way()).toBe('bob_big was copied as files');
  await setUp(pair);
  await expectEqual();
}, 60_000);

it('goes the plain way where the files fail in the middle, and says why', async () => {
  await spoil();
  const broken = 'case "$1" in place) echo the files are spoilt >&2; exit 1 ;; *) exec "$0" "$@" ;; esac';
  await reseed([servers[0], open(pair.members[1], broken)], 'bob_big');
  expect(way()).toMatch(/^bob_big is copied by mariadb-dump: M2: env failed: the files are spoilt/);
  await expectEqual();
  expect(readdirSync(join(pair.members[1].dir, 'copies'))).toEqual([]);
  // A customer makes a table between the definitions and the files.
  const making = `mariadb --defaults-file="$TANDEM_MY_CNF" -e 'CREATE TABLE bob_big.during (id INT PRIMARY KEY)'`;
  const source = open(pair.members[0], `case "$1" in send) ${making} && exec "$0" "$@" ;; *) exec "$0" "$@" ;; esac`);
  await reseed([source, servers[1]], 'bob_big');
  expect(way()).toMatch(/by mariadb-dump: M1: definitions in bob_big changed while it was copied/);
  await pair.members[0].sql('INSERT INTO bob_big.during VALUES (1)');
  await arrives(pair.members[1], 'SELECT COUNT(*) FROM bob_big.during', 1);
  await expectEqual();
}, 60_000);

it('nor can it go as files without the program, or with a table that cannot be imported', async () => {
  const [m1, m2] = pair.members;
  await reseed([servers[0], open(m2, 'echo mariadb-backup is not installed >&2; exit 2')], 'bob_big');
  expect(way()).toMatch(/by mariadb-dump: .*mariadb-backup is not installed/);
  await expectEqual();
  expect(await whyNotFiles(pair.servers[0], servers[1], 'bob_big')).toContain('is not configured for M1');
  expect(await whyNotFiles(servers[0], servers[1], 'bob-big')).toContain('its name');
  for (const [definition, why] of [
    ['(id INT PRIMARY KEY, t TEXT, FULLTEXT KEY (t))', 'has a FULLTEXT index'],
    ['(id INT) ENGINE=MyISAM', 'is of MyISAM'],
    ['(id INT, KEY (id))', 'has no key'],
    ['(id INT) PARTITION BY HASH (id) PARTITIONS 2', 'is partitioned'],
  ]) {
    await m1.sql(`CREATE TABLE bob_big.odd ${definition}`);
    expect(await whyNotFiles(servers[0], servers[1], 'bob_big')).toBe(`odd ${why}`);
    await m1.sql('DROP TABLE bob_big.odd');
  }
  expect(await whyNotFiles(servers[0], servers[1], 'bob_big')).toBeUndefined();
}, 60_000);
