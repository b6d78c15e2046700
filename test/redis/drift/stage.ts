/** A pair, and one turn of the comparison at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../src/clock.ts';
import type { Drift } from '../../../src/drift/index.ts';
import type { Finding } from '../../../src/drift/model.ts';
import { type TurnDeps, turn } from '../../../src/drift/turn.ts';
import { driftOf } from '../../../src/roles/drift.ts';
import { batchAnswers, batchOf } from '../../../src/whm/batch.ts';
import { uapi, type WhmCall } from '../../../src/whm/call.ts';
import { deskOf, settled } from '../../support/chaos.ts';
import { type PairOptions, root, startPair, type TestPair } from '../../support/pair.ts';

export interface Stage {
  readonly pair: TestPair;
  readonly desk: ReturnType<typeof deskOf>;
  readonly drift: Drift;
  /** Scans everything and gives what is open then. */
  scan(): Promise<readonly Finding[]>;
  /** One turn; the sentence. */
  turn(more?: Partial<TurnDeps>): Promise<string>;
  /** A call straight to a master, behind Tandem's back. Throws when it is not done. */
  behind(master: string, call: WhmCall): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts both simulators and a worker whose own comparison sleeps, so that only the test's turns compare. */
export async function stageOf(options: PairOptions = {}): Promise<Stage> {
  const quiet = { drift: { everyMs: 86_400_000, recheckMs: 50, restPercent: 0, nightlyAt: 'off' } };
  const pair = await startPair({ ...options, config: { ...quiet, ...options.config } });
  const drift = driftOf(pair.core);
  const deps: TurnDeps = {
    ...pair.core.deps,
    clock: systemClock,
    owner: 'test',
    usable: (master) => pair.worker?.reach.of(master).state === 'reachable',
    recheckMs: 50,
    accountsPerBatch: 100,
    rest: 0,
    nightlyAt: 'off',
    operations: pair.core.operations,
    limits: { many: 50, removals: 10 },
    everyMs: 86_400_000,
  };
  const once = (more: Partial<TurnDeps> = {}) => turn({ ...deps, ...more }, new AbortController().signal);
  return {
    pair,
    desk: deskOf(pair),
    drift,
    turn: once,
    async scan() {
      await settled(pair);
      const id = await drift.scan(root);
      // The list of accounts is kept for minutes; a new map of clients asks anew.
      for (let i = 0; i < 200 && (await drift.run(id))?.state !== 'done'; i += 1) {
        await once({ clients: new Map(pair.core.deps.clients) });
        await delay(20);
      }
      if ((await drift.run(id))?.state !== 'done')
        throw new Error(`the scan did not end: ${(await drift.run(id))?.sentence}`);
      return drift.list({ state: 'open', limit: 1000 });
    },
    async behind(master, call) {
      const outcome = await pair.core.clients.get(master)?.call(call);
      if (outcome?.kind !== 'done') throw new Error(`${call.fn}: ${JSON.stringify(outcome)}`);
      return outcome.data;
    },
    close: () => pair.close(),
  };
}

export { batchAnswers, batchOf, root, uapi };
