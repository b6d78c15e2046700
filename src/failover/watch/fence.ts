import { messageOf } from '../../errors.ts';
import type { Store } from '../state/store.ts';
import { standing } from '../verdict/orders.ts';
import { placesOfKind, type Topology } from '../verdict/topology.ts';
import type { WatchDeps } from './deps.ts';

/**
 * Telling masters whether they are active: one from which everything was moved stops cron, mail runs and database
 * writes, and after a boot stays passive until it hears otherwise. Level-based: said again until it is done, and again
 * after the master was away.
 */

/** One master's ear, by whatever path. */
export interface Fence {
  readonly master: string;
  /** Idempotent; a word older than one that it has heard (by epoch) is refused there. Throws when it cannot be said. */
  tell(word: 'fence' | 'unfence', epoch: number, signal: AbortSignal): Promise<void>;
  /** What it does now. Throws when it cannot be asked. */
  state(signal: AbortSignal): Promise<'fenced' | 'free' | 'passive'>;
}

export interface FenceState {
  readonly wanted: 'fenced' | 'free';
  /** What it last said of itself. */
  readonly said: 'fenced' | 'free' | 'passive' | 'unknown';
  readonly why: string | undefined;
}

/** Whether a master must be passive: everything that belongs to it, and all else, is active elsewhere. */
export function mustBeFenced(topology: Topology, store: Pick<Store, 'orders'>, master: string): boolean | undefined {
  const stands = standing(store.orders());
  if (stands.kind === 'conflict') return undefined;
  const { active } = stands;
  const homes = placesOfKind(topology, 'master').map(({ id }) => id);
  return (active[master] ?? master) !== master && homes.every((home) => (active[home] ?? home) !== master);
}

export interface Fencer {
  /**
   * One step: asks each master that has an ear, and tells it what it should be. That it is active it is told only when
   * `agreed`: the other watcher has just answered and knows the same orders, so there are two that say so.
   */
  step(agreed: boolean, signal: AbortSignal): Promise<void>;
  state(master: string): FenceState | undefined;
}

export function openFencer(
  deps: Pick<WatchDeps, 'topology' | 'store' | 'log' | 'clock' | 'askMs'>,
  fences: readonly Fence[],
): Fencer {
  const states = new Map<string, FenceState>();

  async function note(master: string, sentence: string): Promise<void> {
    deps.log.info({ master, sentence }, 'fence');
    await deps.store.tell({ at: deps.clock.now(), kind: 'fence', subject: master, sentence, evidence: [] });
  }

  async function say(fence: Fence, must: boolean, agreed: boolean, signal: AbortSignal): Promise<FenceState> {
    const { master } = fence;
    const wanted = must ? 'fenced' : 'free';
    const said = await fence.state(signal);
    if (said === wanted || !(must || agreed)) return { wanted, said, why: undefined };
    await fence.tell(must ? 'fence' : 'unfence', standing(deps.store.orders()).epoch, signal);
    await note(master, must ? `${master} was told to be passive.` : `${master} was told that it is active.`);
    return { wanted, said: await fence.state(signal), why: undefined };
  }

  function noteSilence(master: string, wanted: FenceState['wanted'], why: string): void {
    const was = states.get(master);
    states.set(master, { wanted, said: 'unknown', why });
    // Once, not each turn: a dead master cannot be told for hours.
    if (was?.why === undefined) deps.log.warn({ master, wanted, reason: why }, 'master could not be told');
  }

  async function one(fence: Fence, agreed: boolean, outer: AbortSignal): Promise<void> {
    const { master } = fence;
    const must = mustBeFenced(deps.topology, deps.store, master);
    if (must === undefined) return;
    try {
      const signal = AbortSignal.any([outer, AbortSignal.timeout(deps.askMs * 5)]);
      states.set(master, await say(fence, must, agreed, signal));
    } catch (error) {
      if (outer.aborted) return;
      noteSilence(master, must ? 'fenced' : 'free', messageOf(error));
    }
  }

  return {
    step: async (agreed, signal) => {
      await Promise.all(fences.map((fence) => one(fence, agreed, signal)));
    },
    state: (master) => states.get(master),
  };
}
