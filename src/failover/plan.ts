import type { Situation } from './model.ts';
import { homesInUse, switchVetoes, type Veto } from './safety.ts';
import { placesOfKind } from './verdict/topology.ts';
import { judge, sentenceOf, targetFor, type Verdict } from './verdict/verdict.ts';

/**
 * One turn's decision. It looks at the state, never at an event: made again with the same situation it is the same, and
 * once its order stands in the chain it is no longer made.
 */

export type State =
  | Verdict['kind']
  /** The verdict says dead, but a reason stands against it. */
  | Veto['kind']
  /** Dead, but nothing is active on it: the pair is degraded. */
  | 'standby-dead'
  /** All serve, but something is active away from its home. */
  | 'failed-over';

export interface MasterState {
  readonly master: string;
  readonly state: State;
  readonly sentence: string;
  readonly verdict: Verdict;
  readonly vetoes: readonly Veto[];
  /** What the watcher and those who answered saw. */
  readonly evidence: readonly string[];
}

export interface TurnPlan {
  readonly masters: readonly MasterState[];
  /** The switch to order now. At most one a turn: after it everything is looked at anew. */
  readonly order: { readonly from: string; readonly to: string; readonly evidence: readonly string[] } | undefined;
  /** 'redundant', 'degraded' or 'failed over': the light on every page. */
  readonly light: 'redundant' | 'degraded' | 'failed-over';
}

/** Homes whose things are active on `master` now. */
function activeOn(situation: Situation, master: string): readonly string[] {
  const { standing, topology } = situation;
  const active = standing.kind === 'agreed' ? standing.active : {};
  return placesOfKind(topology, 'master')
    .map(({ id }) => id)
    .filter((home) => (active[home] ?? home) === master);
}

/** Homes whose things are active elsewhere; a standby to which nothing belongs is none. */
function awayFrom({ standing, topology }: Situation): readonly string[] {
  if (standing.kind !== 'agreed') return [];
  return homesInUse(topology, standing.homes).filter((home) => standing.active[home] !== undefined);
}

function stateOf(situation: Situation, master: string): MasterState {
  const { topology, view } = situation;
  const verdict = judge(topology, view, master, targetFor(topology, view, master));
  const plain = {
    master,
    verdict,
    vetoes: [],
    sentence: sentenceOf(verdict),
    state: verdict.kind,
    evidence: evidence(situation, verdict),
  };
  if (verdict.kind === 'steady') {
    const { standing } = situation;
    const away = standing.kind === 'agreed' ? standing.active[master] : undefined;
    if (away === undefined || !awayFrom(situation).includes(master)) return plain;
    return {
      ...plain,
      state: 'failed-over',
      sentence: `${master} serves, but what belongs to it is active on ${away}.`,
    };
  }
  if (verdict.kind !== 'master-dead') return plain;
  if (situation.standing.kind === 'agreed' && activeOn(situation, master).length === 0) {
    return { ...plain, state: 'standby-dead', sentence: `${master} is dead, and nothing is active on it.` };
  }
  const vetoes = switchVetoes(situation, master);
  const [first] = vetoes;
  if (first === undefined) return plain;
  return {
    ...plain,
    vetoes,
    state: first.kind,
    sentence: `${master} is dead, but nothing is switched: ${first.sentence}`,
  };
}

function evidence(situation: Situation, verdict: Verdict): readonly string[] {
  const { view } = situation;
  const own = Object.entries(view.sights).map(([id, sight]) => `${view.observer}: ${id} is ${sight}`);
  const told = view.statements.flatMap(({ from, sees }) =>
    Object.entries(sees).map(([id, yes]) => `${from}: ${id} is ${yes ? 'seen' : 'not seen'}`),
  );
  return [sentenceOf(verdict), ...own, `${view.observer}: anchor is ${view.anchor ? 'seen' : 'not seen'}`, ...told];
}

/** What to say of every master, and the order to give, if any. */
export function planTurn(situation: Situation): TurnPlan {
  const masters = placesOfKind(situation.topology, 'master').map(({ id }) => stateOf(situation, id));
  const dead = masters.find((one) => one.state === 'master-dead');
  const verdict = dead?.verdict;
  const order =
    verdict?.kind === 'master-dead'
      ? { from: verdict.master, to: verdict.target, evidence: evidence(situation, verdict) }
      : undefined;
  const moved = awayFrom(situation).length > 0;
  const fine = masters.every((one) => one.state === 'steady');
  return { masters, order, light: moved ? 'failed-over' : fine ? 'redundant' : 'degraded' };
}
