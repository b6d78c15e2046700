import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { countConflicts } from '../../../src/dbsync/conflicts/store.ts';
import { glance } from '../../../src/dbsync/mariadb/watch.ts';
import { newMemory, turn } from '../../../src/dbsync/turn.ts';
import { setWriter } from '../../../src/dbsync/writers.ts';
import { testLog } from '../../support/log.ts';
import { thorough } from '../../support/thorough.ts';
import { type Apart, startApart } from './apart.ts';
import { type Parting, runHistory } from './histories.ts';

const seeds = Array.from({ length: thorough ? 20 : 3 }, (_, n) => 1001 + n);

describe('a line that swallows everything, and the watch', () => {
  let apart: Apart;
  const memory = newMemory();
  let watching = true;
  let ended: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    apart = await startApart();
    const { pair } = apart;
    const deps = {
      ...{ servers: pair.servers, folder: join(pair.stateDir, 'watch'), log: testLog().log, clock: systemClock },
      limits: { lagWarnMs: 30_000, lagGateMs: 5000 },
      ...{ decides: true, active: () => undefined, warn: () => {} },
    };
    ended = (async () => {
      while (watching) {
        await turn(deps, memory);
        await systemClock.sleep(300);
      }
      await memory.conflicts.working;
      await memory.strangers.working;
    })();
  });
  afterAll(async () => {
    watching = false;
    await ended;
    await apart.pair.stop();
  });

  function gates(): Promise<readonly string[]> {
    return Promise.all(
      apart.pair.servers.map(async (server) => {
        const { held, replica } = await glance(server);
        return `${held} ${replica?.sql}`;
      }),
    );
  }

  function byCut(): Parting {
    const { pair } = apart;
    return {
      async part() {
        for (const one of pair.members) one.proxy.cut();
      },
      setWriter: (writer) => setWriter(pair.servers, 'bob', writer ?? 'both'),
      async join() {
        const isShut = async () => (await gates()).every((one) => one.startsWith('conflicts'));
        await expect.poll(isShut, { timeout: 40_000 }).toBe(true);
        for (const one of pair.members) one.proxy.heal();
        await expect.poll(gates, { timeout: 60_000 }).toEqual(['no Yes', 'no Yes']);
        return (await countConflicts(pair.servers[0])).left;
      },
    };
  }

  it.each(seeds)('history %i: both end the same, and nothing is lost but the rows that lost', (seed) =>
    runHistory(apart, seed, byCut()),
  );
});
