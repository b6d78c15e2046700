import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openLedger } from '../apply/ledger.ts';
import { bring, predict } from './bring.ts';
import { guardDirectory } from './guard.ts';
import { guardWork } from './guard-work.ts';
import { takeLock } from './lock.ts';
import { readMemory } from './memory.ts';
import type { Publish, PublishState } from './model.ts';
import type { Opened, PublishDeps } from './run.ts';

function memoryFile(stateDir: string): string {
  return join(stateDir, 'state.json');
}

/** What is remembered of the last run; needs no lock. */
export async function publishState(stateDir: string): Promise<PublishState> {
  const { order, last, lastAt, moved, left, zones } = await readMemory(memoryFile(stateDir));
  return { order, last, lastAt, moved: moved.map((one) => ({ account: undefined, ...one })), left, zones };
}

/** Opens the zones for work: one process at a time. Throws ZonesBusy, LedgerDamaged. */
export async function openPublish(deps: PublishDeps): Promise<Publish> {
  await mkdir(deps.stateDir, { recursive: true, mode: 0o700 });
  const unlock = await takeLock(join(deps.stateDir, 'lock'));
  try {
    const ledger = await openLedger(join(deps.stateDir, 'zones.ledger'));
    const opened: Opened = { deps, ledger, memoryFile: memoryFile(deps.stateDir), seen: new Map() };
    // Runs follow each other: an order that comes during a run waits for it, and a caller aborts the older one first.
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const mine = turn.then(work);
      turn = mine.catch(() => {});
      return mine;
    };
    return {
      bring: (order, signal, options = {}) => inTurn(() => bring(opened, order, signal, options)),
      predict: (order, options = {}) => inTurn(() => predict(opened, order, options.only)),
      state: () => publishState(deps.stateDir),
      guard: (signal) =>
        guardDirectory(
          {
            dir: deps.dir,
            everyMs: deps.guardMs ?? 1000,
            allEveryMs: 60_000,
            clock: deps.clock,
            log: deps.log,
            seen: opened.seen,
            work: (look) =>
              inTurn(async () => {
                const found = look();
                if (found.touched.size + found.gone.size > 0) await guardWork(opened, found, signal);
              }),
          },
          signal,
        ),
      warm: () => deps.planner.warm(),
      async close() {
        await turn;
        await Promise.all(deps.publishers.map((publisher) => publisher.close?.()));
        await deps.planner.close();
        await ledger.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
