/** What the watch adds: rows that both changed during a cut, and the status of a server with many databases. */
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { countConflicts } from '../../src/dbsync/conflicts/store.ts';
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

/** Seconds for what `tandem db status` does, with many databases on both. */
export async function statusSeconds(
  pair: TestPair,
  options: BenchOptions,
): Promise<{ readonly databases: number; readonly seconds: number }> {
  const databases = options.quick ? 200 : 5000;
  for (const server of pair.servers)
    await server.session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      for (let n = 0; n < databases; n++) {
        await session.rows(`CREATE DATABASE many_${n}`);
        await session.rows(`CREATE TABLE many_${n}.t (id INT PRIMARY KEY)`);
      }
    });
  const begun = performance.now();
  await databasesStatus(pair.servers, { clock: systemClock, limits, measureMs: 5000 });
  return { databases, seconds: (performance.now() - begun) / 1000 };
}
