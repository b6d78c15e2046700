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
import { arrives } from './arrives.ts';
import { type Parting, runHistory } from './histories.ts';
import { setUp } from './pair.ts';

const shut = /^conflicts/;
const seeds = Array.from({ length: thorough ? 12 : 1 }, (_, n) => 1001 + n);

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

  it('a side that lost its place in the cut is filled anew from the other, and what it had written is there by then', async () => {
    const { pair } = apart;
    const [m1, m2] = pair.members;
    for (const one of pair.members) one.proxy.cut();
    await m1.sql('INSERT INTO bob_shop.visits VALUES (101)');
    await m2.sql('INSERT INTO bob_shop.visits VALUES (202)');
    await expect.poll(gates, { timeout: 40_000 }).toEqual([expect.stringMatching(shut), expect.stringMatching(shut)]);
    for (const row of await m1.sql('SHOW PROCESSLIST'))
      if (row['Command'] === 'Binlog Dump') await m1.sql('KILL ?', [row['Id']]);
    await m1.sql('FLUSH LOCAL BINARY LOGS');
    const purged = async () => {
      const [end] = await m1.sql('SHOW MASTER STATUS');
      await m1.sql('PURGE BINARY LOGS TO ?', [end?.['File']]);
      return (await m1.sql('SHOW BINARY LOGS')).length;
    };
    await expect.poll(purged, { timeout: 20_000 }).toBe(1);
    for (const one of pair.members) one.proxy.heal();
    await arrives(m1, 'SELECT COUNT(*) FROM bob_shop.visits WHERE who = 202', 1);
    const lost = async () => (await glance(m2.server)).replica?.ioErrno;
    await expect.poll(lost, { timeout: 20_000 }).toBe(1236);
    await setUp(pair, { wishes: { from: 'm1' }, decides: true });
    await arrives(m2, 'SELECT GROUP_CONCAT(who ORDER BY who) FROM bob_shop.visits', '101,202');
    await apart.settled();
  });
});
