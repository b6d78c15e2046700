/** What the watch adds: rows that both changed during a cut, and the status of a server with many databases. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { countConflicts } from '../../src/dbsync/conflicts/store.ts';
import type { Server } from '../../src/dbsync/mariadb/connect.ts';
import { databasesStatus } from '../../src/dbsync/status.ts';
import { newMemory, turn } from '../../src/dbsync/turn.ts';
import { createLogger } from '../../src/log.ts';
import type { TestPair } from '../../test/redis/dbsync/pair.ts';
import type { BenchOptions } from '../result.ts';

const limits = { lagWarnMs: 30_000, lagGateMs: 5000 };

/** So many rows both masters change while neither hears of the other. */
export const sameRows = 200;

/** The watch of the role `dbsync`, until `end`. */
export function startWatch(pair: TestPair): { end(): Promise<void> } {
  const memory = newMemory();
  const deps = {
    ...{ servers: pair.servers, folder: join(pair.stateDir, 'watch'), clock: systemClock, limits },
    ...{ log: createLogger({ level: 'silent', redact: [] }), active: () => undefined, decides: true, warn: () => {} },
  };
  let going = true;
  const all = (async () => {
    while (going) {
      await turn(deps, memory);
      await systemClock.sleep(1000);
    }
    await memory.conflicts.working;
    await memory.strangers.working;
  })();
  return {
    async end() {
      going = false;
      await all;
    },
  };
}

/** The rows that both will change. */
export async function makeRows({ members: [a] }: TestPair): Promise<void> {
  await a.sql('CREATE DATABASE IF NOT EXISTS both_bench');
  await a.sql('CREATE TABLE both_bench.h (id INT PRIMARY KEY, who INT)');
  await a.sql(`INSERT INTO both_bench.h SELECT seq, 0 FROM both_bench.seq_1_to_${sameRows}`);
}

/** Each row on both, one transaction a row. */
export async function writeSameRows({ members }: TestPair): Promise<void> {
  await Promise.all(
    members.map(async (one, side) => {
      for (let id = 1; id <= sameRows; id++)
        await one.sql('UPDATE both_bench.h SET who = ? WHERE id = ?', [side + 1, id]);
    }),
  );
}

/** How many were decided; -1 when they are not the same on both afterwards. */
export async function conflictsFound({ servers, members }: TestPair): Promise<number> {
  for (let n = 0; n < 600; n++) {
    const running = await Promise.all(members.map((one) => one.sql('SHOW SLAVE STATUS')));
    if (running.every((rows) => rows[0]?.['Slave_SQL_Running'] === 'Yes')) break;
    await systemClock.sleep(100);
  }
  const sums = await Promise.all(members.map((one) => one.sql('CHECKSUM TABLE both_bench.h')));
  return JSON.stringify(sums[0]) === JSON.stringify(sums[1]) ? (await countConflicts(servers[0])).all : -1;
}

/** Databases of many accounts on both, each with its user and grants as cPanel makes them. */
export async function makeMany(pair: TestPair, options: BenchOptions): Promise<number> {
  const databases = options.quick ? 200 : 5000;
  const make = (server: Server): Promise<void> =>
    server.session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      for (let n = 0; n < databases; n++) {
        await session.rows(`CREATE DATABASE many_${n}`);
        await session.rows(`CREATE TABLE many_${n}.t (id INT PRIMARY KEY)`);
      }
      await session.rows(
        `INSERT INTO mysql.global_priv SELECT 'localhost', CONCAT('many_', seq), JSON_OBJECT('access', 0, 'plugin',
          'mysql_native_password', 'authentication_string', CONCAT('*', UPPER(SHA1(seq)))) FROM bench.seq_1_to_${databases}`,
      );
      await session.rows(
        `INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv, Update_priv, Delete_priv)
          SELECT 'localhost', CONCAT('many\\\\_', seq), CONCAT('many_', seq), 'Y', 'Y', 'Y', 'Y' FROM bench.seq_1_to_${databases}`,
      );
    });
  await Promise.all(pair.servers.map(make));
  return databases;
}

/** Seconds for what `tandem db status` does. */
export async function statusSeconds(pair: TestPair): Promise<number> {
  const begun = performance.now();
  await databasesStatus(pair.servers, { clock: systemClock, limits, measureMs: 5000 });
  return (performance.now() - begun) / 1000;
}

/** Seconds of the processor that a process and its ended children have used; Linux counts hundredths. */
function cpuSeconds(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

export interface WatchCost {
  /** Of one core, in percent: this process with the programs that it starts, the way between the servers included. */
  readonly watch: number;
  /** What both servers do more than without a watch. */
  readonly servers: number;
}

/**
 * What watching costs while nobody writes. It lasts more than a minute, because users and logs are looked at once in one;
 * a quick run only shows that it works.
 */
export async function watchCost(pair: TestPair, options: BenchOptions): Promise<WatchCost> {
  const pids = pair.members.map((one) => readFileSync(join(one.dir, 'pid'), 'utf8').trim());
  const percents = async (seconds: number): Promise<readonly [number, number]> => {
    const used = (): readonly [number, number] => [
      cpuSeconds('self'),
      pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    ];
    const begun = used();
    await systemClock.sleep(seconds * 1000);
    const ended = used();
    return [((ended[0] - begun[0]) / seconds) * 100, ((ended[1] - begun[1]) / seconds) * 100];
  };
  const watch = startWatch(pair);
  // It runs for months: what its first minute costs, before the code is compiled, is no measure.
  await systemClock.sleep(options.quick ? 1000 : 60_000);
  const [own, servers] = await percents(options.quick ? 3 : 120);
  await watch.end();
  const [, idle] = await percents(options.quick ? 1 : 30);
  return { watch: own, servers: Math.max(0, servers - idle) };
}
