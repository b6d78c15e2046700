import { systemClock } from '../../../src/clock.ts';
import type { CommandDeps } from '../../../src/failover/commands/deps.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { defaultReturnLimits } from '../../../src/failover/return-gate.ts';
import { defaultLimits } from '../../../src/failover/safety.ts';
import type { Store } from '../../../src/failover/state/store.ts';
import { openCarrier } from '../../../src/failover/watch/carry.ts';
import type { WatchDeps } from '../../../src/failover/watch/deps.ts';
import { newMemory } from '../../../src/failover/watch/turn.ts';
import { testLog } from '../../support/log.ts';

const { signal } = new AbortController();

/** As a watcher is put together; a new carrier knows nothing of what an earlier one did. */
export function commandDeps(
  publish: Publish,
  store: Store,
  addressOf: CommandDeps['addressOf'] = () => undefined,
): CommandDeps {
  const { log } = testLog();
  const clock = systemClock;
  const watch: WatchDeps = {
    self: 's3',
    topology: {
      places: [
        { id: 'm1', kind: 'master', site: 'A' },
        { id: 'm2', kind: 'master', site: 'B' },
        { id: 's3', kind: 'watcher', site: 'A' },
      ],
    },
    store,
    book: { sights: () => ({ m1: 'serving', m2: 'serving' }), greenMs: () => undefined },
    anchor: () => true,
    peers: [],
    vantages: [],
    limits: defaultLimits,
    askMs: 100,
    within: (ms) => AbortSignal.timeout(ms),
    clock,
    log,
  };
  const carrier = openCarrier({ publish, store, first: 'm1', clock, log });
  return {
    watch,
    memory: newMemory(),
    carrier,
    publish,
    gates: [],
    barrier: undefined,
    returnLimits: defaultReturnLimits,
    status: () => Promise.reject(new Error('not asked')),
    acknowledge: () => false,
    addressOf,
    async carryOut() {
      const outcome = await carrier.step(signal);
      return outcome === undefined ? [] : [outcome.sentence];
    },
    free: () => Promise.reject(new Error('not asked')),
  };
}
