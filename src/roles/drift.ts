/** The comparison of the masters, beside a worker: it knows who can be reached. */
import { systemClock } from '../clock.ts';
import { type Drift, openDrift } from '../drift/index.ts';
import { type TurnDeps, turn } from '../drift/turn.ts';
import type { Worker } from '../jobs/worker.ts';
import { type Loop, loop } from '../loop.ts';
import type { PlacementDesk } from '../operations/placement.ts';
import type { Core } from './core.ts';

/** Looks every few seconds whether a comparison is due. Ends with the core. */
export function startDrift(
  core: Core,
  worker: Pick<Worker, 'id' | 'reach'>,
  placement: Pick<PlacementDesk, 'withoutOwnNames'>,
): Loop {
  const { drift } = core.config;
  const deps: TurnDeps = {
    ...core.deps,
    clock: systemClock,
    owner: worker.id,
    usable: (master) => worker.reach.of(master).state === 'reachable',
    recheckMs: drift.recheckMs,
    accountsPerBatch: drift.accountsPerBatch,
    rest: drift.restPercent / 100,
    nightlyAt: drift.nightlyAt,
    operations: core.operations,
    limits: { many: drift.mostRepairs, removals: drift.mostRemovals },
    everyMs: drift.certificatesEveryMs,
    askWithoutOwnNames: () => placement.withoutOwnNames(),
  };
  const stop = new AbortController();
  const looping = loop({
    name: 'drift',
    everyMs: drift.everyMs,
    jitter: 0.2,
    async turn(signal) {
      const sentence = await turn(deps, signal);
      core.log.debug({ sentence }, 'compared the masters');
    },
    signal: stop.signal,
    clock: systemClock,
    log: core.log,
  });
  core.lifecycle.onClose('drift', async () => {
    stop.abort();
    await looping.ended;
  });
  return looping;
}

/** Drift for the doors. */
export function driftOf(core: Core): Drift {
  return openDrift({
    core: core.deps,
    operations: core.operations,
    limits: { many: core.config.drift.mostRepairs, removals: core.config.drift.mostRemovals },
    audit: async (actor, what, about) => {
      await core.auth.audit({ actor, event: what, subject: about.slice(0, 500) });
    },
  });
}
