import { messageOf } from '../../errors.ts';
import { loop } from '../../loop.ts';
import { type ObserverOptions, observe } from '../checks/observer.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { activeNow, firstOf } from '../commands/move.ts';
import { placeTurn } from '../commands/place.ts';
import { withWish } from '../placement/model.ts';
import { downtimesOf } from '../state/notes.ts';
import type { Seen } from '../warnings.ts';
import type { Parts } from './parts.ts';
import { type TurnResult, takeTurn } from './turn.ts';

/** What runs in a watcher: checks, turns, carrying out, fencing, and telling the journal. None waits for another. */

/** Whether both watchers have just said the same. */
export function agreed({ now }: Parts): boolean {
  return now.turn?.met.every(({ statement }) => statement !== undefined) === true;
}

export function observerOf({ options, deps, book }: Parts, signal: AbortSignal): ObserverOptions {
  const { clock, log } = options;
  return {
    book,
    clock,
    elapsed: options.elapsed,
    random: options.random,
    signal,
    isPlanned: (master) =>
      downtimesOf(deps.store.notes()).some(
        (one) => one.master === master && one.from <= clock.now() && clock.now() < one.until,
      ),
    onTaken({ observed, events, tell }) {
      const { id } = observed.instance;
      for (const { kind } of events) {
        log.info({ check: id, kind, tell, text: observed.text }, 'check changed');
        const sentence = `${id}: ${kind}: ${observed.text}`;
        void deps.store.tell({ at: clock.now(), kind: 'check', subject: id, sentence, evidence: [] });
      }
    },
  };
}

const fenceEveryMs = 5000;
const warnEveryMs = 1000;
const placeEveryMs = 5000;

function seenBy({ deps, carrier, options }: Parts, commands: CommandDeps, turn: TurnResult): Seen {
  return {
    now: deps.clock.now(),
    masters: turn.plan.masters,
    orders: deps.store.orders(),
    silent: turn.met.flatMap(({ id, why }) => (why === undefined ? [] : [{ id, why }])),
    outcome: carrier.last()?.outcome,
    active: activeNow(commands, undefined) ?? firstOf(commands),
    obstacles: options.publish?.obstacles() ?? [],
    lackingKeys: options.publish?.lackingKeys() ?? [],
  };
}

/** Tells the journal each order once; again when it could not be told. */
function announcer({ options, carrier }: Parts): (signal: AbortSignal) => Promise<void> {
  let told = '';
  return async (signal) => {
    const order = carrier.wanted();
    const key = JSON.stringify(order?.active) + String(order?.epoch);
    if (options.announce === undefined || order === undefined || key === told) return;
    await options.announce(order, signal);
    told = key;
  };
}

/** What the journal says of what belongs where is kept here, and passed on at the next meeting. */
function learner({ options, deps }: Parts): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    if (options.placement === undefined) return;
    const wish = await options.placement(AbortSignal.any([signal, AbortSignal.timeout(10_000)]));
    const next = withWish(deps.store.placement(), wish, deps.self);
    if (next !== undefined) await deps.store.setPlacement(next);
  };
}

/** Begins a watcher's work; `commands` is what accounts are moved with that are not where they belong. */
export function startLoops(parts: Parts, commands: CommandDeps): void {
  const { options, deps, carrier, fencer, now } = parts;
  const { config, clock, log, lifecycle, random } = options;
  const common = { clock, log, signal: lifecycle.signal, random, jitter: 0.1 };
  const carrying = loop({ ...common, name: 'carry', everyMs: 1000, turn: (signal) => carrier.step(signal) });
  const fencing = loop({
    ...common,
    name: 'fence',
    everyMs: fenceEveryMs,
    turn: (signal) => fencer.step(agreed(parts), signal),
  });
  const caring = loop({ ...common, name: 'ttl care', everyMs: 2000, turn: (signal) => parts.carer.step(signal) });
  const announcing = loop({ ...common, name: 'announce', everyMs: fenceEveryMs, turn: announcer(parts) });
  const learning = loop({ ...common, name: 'placement', everyMs: placeEveryMs, turn: learner(parts) });
  const placing = loop({
    ...common,
    name: 'place',
    everyMs: placeEveryMs,
    async turn() {
      now.waiting = await placeTurn(commands, now.turn);
    },
  });
  const warning = loop({
    ...common,
    name: 'warn',
    everyMs: warnEveryMs,
    turn: async () => now.turn !== undefined && deps.warner?.look(seenBy(parts, commands, now.turn)),
  });
  const turning = loop({
    ...common,
    name: 'watch',
    everyMs: config.timing.turnMs,
    async turn() {
      now.turn = await takeTurn(deps, parts.memory);
      carrier.reconsider();
      if (carrier.isDue()) parts.carer.giveWay();
      if (now.turn.ordered === undefined) return;
      carrying.wake();
      fencing.wake();
    },
  });
  const observing = observe(observerOf(parts, lifecycle.signal));
  const guarding = options.publish?.guard(lifecycle.signal).catch((error: unknown) => {
    log.error({ reason: messageOf(error) }, 'guard ended');
  });
  now.running = true;
  lifecycle.onClose('watch loops', () =>
    Promise.all([
      observing,
      guarding,
      turning.ended,
      carrying.ended,
      fencing.ended,
      caring.ended,
      announcing.ended,
      learning.ended,
      placing.ended,
      warning.ended,
    ]),
  );
}
