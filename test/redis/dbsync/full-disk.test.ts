/** Real full disks, of Tandem and of the receiving master: small file systems in memory, which only root may mount. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { repairRows } from '../../../src/dbsync/repair/repair-rows.ts';
import { reseedDatabase } from '../../../src/dbsync/repair/reseed.ts';
import { arrives } from './arrives.ts';
import { withFiles } from './files.ts';
import { setUp, startPair, type TestPair } from './pair.ts';

const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
const rows = 3000;
let pair: TestPair;
let receiving: string;
const mounted: string[] = [];

function mount(folder: string, megabytes: number): void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'tmpfs', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  mounted.push(folder);
}

/** Takes all but so many megabytes. */
function fill(folder: string, leave: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - leave * 1_000_000)));
}

const free = (folder: string): void => rmSync(join(folder, 'ballast'));

beforeAll(async () => {
  if (!mayMount) return;
  pair = await startPair({
    configured: true,
    made(folder, n) {
      if (n !== 2) return;
      receiving = folder;
      mount(folder, 250);
    },
  });
  mkdirSync(pair.stateDir, { recursive: true });
  mount(pair.stateDir, 150);
  const [m1] = pair.members;
  await m1.sql('CREATE DATABASE bob_shop');
  await m1.sql('CREATE TABLE bob_shop.goods (id INT PRIMARY KEY, text TEXT)');
  // Nothing that shrinks when it is compressed.
  await m1.sql(
    `INSERT INTO bob_shop.goods SELECT seq, CONCAT(${Array.from({ length: 30 }, (_part, n) => `SHA2(seq * 31 + ${n}, 512)`).join(', ')}) FROM bob_shop.seq_1_to_${rows}`,
  );
  await m1.sql('CREATE TABLE bob_shop.notes (id INT PRIMARY KEY, text MEDIUMTEXT)');
}, 60_000);
beforeEach(() => {
  told = [];
});
afterAll(async () => {
  for (const folder of mounted) spawnSync('umount', ['-l', folder]);
  await pair?.stop();
});

let told: string[] = [];
const tell = (line: string): void => void told.push(line);

function reseed([source, target] = pair.servers, asFiles = false): Promise<void> {
  return reseedDatabase(
    {
      ...{ source, target, clock: systemClock, folder: folderIn(pair.stateDir, Date.now), tell, crash: () => {} },
      ...{ evenIfSmaller: true, asFiles },
    },
    'bob_shop',
  );
}

/** The same as files; the receiving master keeps what is on its way in `copies`. */
async function reseedAsFiles(copies: string, wrapped?: string): Promise<void> {
  const [m1, m2] = pair.members;
  const servers = [withFiles(m1), withFiles(m2, { copies, wrapped })] as const;
  try {
    await reseed(servers, true);
  } finally {
    for (const one of servers) await one.close();
  }
}

/** A statement that the other master never hears of. */
async function secretly(statement: string): Promise<void> {
  await pair.servers[1].session(async (session) => {
    await session.rows('SET SESSION sql_log_bin = 0');
    await session.rows(statement);
  });
}

async function differences() {
  const deps = checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell: () => {} });
  return (await checkDatabases(deps, ['bob_shop'])).differences;
}

describe.skipIf(!mayMount)('a full disk', () => {
  it('of Tandem, then of the receiving master, in the middle of setup: run again, it finishes', async () => {
    const [m1, m2] = pair.members;
    fill(pair.stateDir, 2);
    await expect(setUp(pair)).rejects.toThrow(/no space|ENOSPC/i);
    free(pair.stateDir);
    fill(receiving, 9);
    await expect(setUp(pair)).rejects.toThrow(/full|no space/i);
    expect(await m1.sql('SELECT COUNT(*) AS n FROM bob_shop.goods')).toEqual([{ n: rows }]);
    free(receiving);
    await setUp(pair);
    await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.goods', rows);
    expect(await differences()).toEqual([]);
  }, 90_000);

  it('of Tandem in a reseed: what the target has is neither overwritten nor lost, and the same words finish it', async () => {
    const [, m2] = pair.members;
    await secretly("REPLACE INTO bob_shop.goods VALUES (0, 'only here')");
    fill(pair.stateDir, 2);
    await expect(reseed()).rejects.toThrow(/no space|ENOSPC/i);
    expect(await m2.sql('SELECT text FROM bob_shop.goods WHERE id = 0')).toEqual([{ text: 'only here' }]);
    free(pair.stateDir);
    await reseed();
    expect(await differences()).toEqual([]);
  }, 90_000);

  it('of the receiving master in a reseed: its copy was backed up whole before, and the same words finish it', async () => {
    await secretly("REPLACE INTO bob_shop.goods VALUES (0, 'only here')");
    // The copy that goes leaves its room; what comes needs more.
    await pair.members[0].sql("INSERT INTO bob_shop.notes VALUES (1, REPEAT('x', 9000000))");
    await arrives(pair.members[1], 'SELECT COUNT(*) FROM bob_shop.notes', 1);
    await secretly('DROP TABLE bob_shop.notes');
    fill(receiving, 6);
    // The server's own words differ by where it meets the end; a customer's row is not among them.
    await expect(reseed()).rejects.toThrow(/^M2: mariadb failed: ERROR \d{4}/);
    const place =
      told
        .find((line) => line.includes('backup of bob_shop'))
        ?.split(': ')
        .at(-1) ?? '';
    const backup = gunzipSync(readFileSync(place)).toString();
    expect(backup.match(/\(\d+,'/g)?.length).toBeGreaterThan(rows * 0.9);
    expect(backup).toContain("(0,'only here')");
    free(receiving);
    await reseed();
    expect(told.filter((line) => line.includes('backup of bob_shop'))).toHaveLength(1);
    expect(await differences()).toEqual([]);
  }, 90_000);

  it('of the receiving master while files come: the database goes the plain way, and nothing is left of them', async () => {
    await secretly("REPLACE INTO bob_shop.goods VALUES (0, 'only here')");
    const copies = join(pair.stateDir, 'copies');
    mkdirSync(copies);
    mount(copies, 6);
    await reseedAsFiles(copies);
    expect(told.join()).toMatch(/bob_shop is copied by mariadb-dump: .*no space/is);
    expect(readdirSync(copies)).toEqual([]);
    expect(await differences()).toEqual([]);
  }, 90_000);

  it('of the receiving master while files are taken in: the server serves on, and the same words finish it', async () => {
    const [, m2] = pair.members;
    await secretly("REPLACE INTO bob_shop.goods VALUES (0, 'only here')");
    const copies = join(pair.stateDir, 'elsewhere');
    const filling = `case "$1" in place) cat /dev/zero > '${receiving}/ballast' ;; esac; exec "$0" "$@"`;
    await expect(reseedAsFiles(copies, filling)).rejects.toThrow(/^M2: .*no space/is);
    expect(readdirSync(copies)).toEqual([]);
    expect(await m2.sql('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    free(receiving);
    // What lies under the tables' names now must not keep it from starting.
    await m2.kill();
    await m2.start();
    await reseedAsFiles(copies);
    expect(told.at(-1)).toBe('bob_shop was copied as files');
    expect(await differences()).toEqual([]);
  }, 90_000);

  it('of Tandem in a repair: nothing is overwritten that was not kept first', async () => {
    const [, m2] = pair.members;
    await secretly("UPDATE bob_shop.goods SET text = REPEAT('y', 60000) WHERE id <= 50");
    const found = await differences();
    const [source, target] = pair.servers;
    const kept = join(await folderIn(pair.stateDir, Date.now).backup('m2'), 'rows.jsonl');
    fill(pair.stateDir, 1);
    await expect(repairRows({ source, target, kept, tell, dryRun: false }, found)).rejects.toThrow(/no space|ENOSPC/i);
    const lines = readFileSync(kept, 'utf8').split('\n').slice(0, -1);
    const [left] = await m2.sql("SELECT COUNT(*) AS n FROM bob_shop.goods WHERE text LIKE 'yyy%'");
    expect(lines.length + Number(left?.['n'])).toBeGreaterThanOrEqual(50);
    free(pair.stateDir);
    await repairRows({ source, target, kept, tell, dryRun: false }, await differences());
    expect(await differences()).toEqual([]);
    expect(readdirSync(join(pair.stateDir, 'dbsync')).length).toBeGreaterThan(0);
  }, 90_000);
});
