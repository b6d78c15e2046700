import { messageOf } from '../../errors.ts';
import { type PlacementPlan, planPlacement } from '../placement/plan.ts';
import { downtimesOf, holdOf } from '../state/notes.ts';
import { mostAtOnce } from '../state/store.ts';
import { standing } from '../verdict/orders.ts';
import { placesOfKind } from '../verdict/topology.ts';
import type { TurnResult } from '../watch/turn.ts';
import type { CommandDeps } from './deps.ts';
import { carry, closedFor, gateLines, masterIds, passBarrier } from './move.ts';

/**
 * Accounts go where they belong, as a return does: through the gate and the barrier, some at a time. One watcher alone
 * orders it, the first in the configuration, and only while all others answer: nothing of it is urgent.
 */

/** Accounts that are not where they belong, and why not. */
export interface Waiting {
  readonly waiting: readonly string[];
  readonly why: string | undefined;
}

export const nobodyWaits: Waiting = { waiting: [], why: undefined };

/** Why nothing is ordered from here now; '' where another watcher does. */
function against({ watch }: CommandDeps, turn: TurnResult): string | undefined {
  const watchers = placesOfKind(watch.topology, 'watcher').map(({ id }) => id);
  // The one that orders says why it waits.
  if (watchers[0] !== watch.self) return '';
  const silent = turn.met.find(({ why }) => why !== undefined);
  if (silent !== undefined) return `${silent.id} does not answer.`;
  const notes = watch.store.notes();
  const hold = holdOf(notes);
  if (hold !== undefined) return `${hold.by} has put switching on hold: ${hold.reason}.`;
  const now = watch.clock.now();
  const planned = downtimesOf(notes).find(({ from, until }) => from <= now && now < until);
  return planned === undefined ? undefined : `${planned.master} is in maintenance: ${planned.reason}.`;
}

function planOf(deps: CommandDeps, turn: TurnResult): PlacementPlan {
  const { watch } = deps;
  return planPlacement({
    standing: standing(watch.store.orders()),
    masters: masterIds(deps),
    wish: watch.store.placement(),
    states: Object.fromEntries(turn.plan.masters.map(({ master, state }) => [master, state])),
    against: against(deps, turn),
    most: mostAtOnce,
  });
}

/** One look: at most one order. Answers who waits, and why. */
export async function placeTurn(deps: CommandDeps, turn: TurnResult | undefined): Promise<Waiting> {
  if (turn === undefined) return nobodyWaits;
  const plan = planOf(deps, turn);
  if (plan.kind === 'in-place') return nobodyWaits;
  if (plan.kind === 'wait') return { waiting: plan.accounts, why: plan.why === '' ? undefined : plan.why };
  const { from, to, accounts, isGated } = plan;
  const move = { kind: 'return', from, to, accounts } as const;
  if (isGated) {
    const [first, ...more] = gateLines(await closedFor(deps, move, []));
    if (first !== undefined)
      return { waiting: accounts, why: [`The gate to ${to} is closed.`, first, ...more].join(' ') };
    try {
      await passBarrier(deps, move);
    } catch (error) {
      return { waiting: accounts, why: messageOf(error) };
    }
  }
  await carry(deps, move, 'placement', false, ['They belong there, as their account or package says.']);
  return nobodyWaits;
}
