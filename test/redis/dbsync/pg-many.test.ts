import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { databasesState } from '../../../src/dbsync/state-file.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle.ts';
import { createLogger } from '../../../src/log.ts';
import { databasesFolder, startDbsync } from '../../../src/roles/dbsync.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { thorough } from '../../support/thorough.ts';
import { writePgConfig } from './pg-desk.ts';
import { arrivesOn, type PgTestPair, setUpPg, startPgPair } from './pg-pair.ts';

/** What `databases.postgresMost` is as installed; fewer each day. */
const most = thorough ? 100 : 5;
const names = Array.from({ length: most }, (_name, n) => `bob_${n}`);
let pair: PgTestPair;
let dir: TempDir;
let lifecycle: Lifecycle;
let folder: string;

beforeAll(
  async () => {
    pair = await startPgPair({ configured: most });
    const [m1, m2] = pair.members;
    for (const one of [m1, m2]) await one.sql('postgres', 'CREATE ROLE bob LOGIN');
    // A database of each master's own, and both are brought to the other.
    for (const [n, name] of names.entries()) {
      const on = n % 2 === 0 ? m1 : m2;
      await on.sql('postgres', `CREATE DATABASE ${name} OWNER bob STRATEGY = file_copy`);
      await on.sql(name, `CREATE TABLE t (v INT PRIMARY KEY); INSERT INTO t VALUES (${n})`, 'bob');
    }
    await setUpPg(pair, { databases: most });
    dir = tempDir('tandem-pgmany');
    const file = writePgConfig(pair, dir.path, most);
    const log = createLogger({ level: 'error', redact: [] });
    lifecycle = createLifecycle({ log });
    const config = loadConfig({ file });
    folder = join(databasesFolder(config), 'postgres');
    startDbsync(config, log, lifecycle);
  },
  60_000 + most * 5000,
);
afterAll(async () => {
  await lifecycle?.closeAll();
  await pair?.stop();
  dir?.remove();
}, 60_000);

async function wrong(): Promise<readonly string[]> {
  const state = await databasesState.read(folder);
  const stopped = state?.directions.filter((one) => one.kind !== 'steady').map((one) => one.sentence) ?? ['no watch'];
  return [...stopped, ...(state?.warnings.map((one) => one.sentence) ?? [])];
}

it(
  'all are carried, both ways, and the next is refused with the reason while they go on',
  async () => {
    const [m1, m2] = pair.members;
    await expect.poll(wrong, { timeout: 60_000 + most * 1000 }).toEqual([]);
    for (const name of names) {
      await m1.sql(name, 'INSERT INTO t VALUES (1001)', 'bob');
      await m2.sql(name, 'INSERT INTO t VALUES (1002)', 'bob');
    }
    for (const name of names)
      for (const one of [m1, m2]) await arrivesOn(one, name, 'SELECT count(*)::int AS n FROM t', 3);
    for (const one of [m1, m2]) await one.sql('postgres', 'CREATE DATABASE bob_beyond OWNER bob');
    await expect
      .poll(async () => (await wrong()).join(), { timeout: 60_000 })
      .toContain(
        `bob_beyond is not carried: M1 has slots and connections for ${most} databases, and ${most} are carried`,
      );
    await m1.sql(names[0] ?? '', 'INSERT INTO t VALUES (1003)', 'bob');
    await arrivesOn(m2, names[0] ?? '', 'SELECT count(*)::int AS n FROM t', 4);
  },
  180_000 + most * 2000,
);
