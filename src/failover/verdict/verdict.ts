import { isMajority, placeOf, placesOfKind, type Topology } from './topology.ts';

/**
 * What one watcher concludes about one master, from what it sees and what others tell it. Pure: same view, same verdict.
 *
 * A switch is ordered only if all of these hold; else the verdict warns and changes nothing:
 *  1. the watcher itself fails to see the master, as a hard state;
 *  2. it sees an outside anchor, so it is not the one that is cut off;
 *  3. it sees the target serving;
 *  4. nobody who answers sees the master;
 *  5. somebody at another site than its own confirms, and sees the target too (or is it);
 *  6. those of watchers and witnesses who confirm, itself included, are the majority of all of them.
 * Rule 6 makes orders in opposite directions impossible in any state of the links (see topology.ts). No rule counts
 * silence as agreement: a lost referee can only prevent a switch.
 */

/** How a watcher sees a master: answering as it should; failing only in part or not for long enough; or hard gone. */
export type Sight = 'serving' | 'suspect' | 'gone';

/** What another one who answers says it sees: master id → yes or no. About itself nobody is asked. */
export interface Statement {
  readonly from: string;
  readonly sees: Readonly<Record<string, boolean>>;
}

export interface View {
  readonly observer: string;
  readonly sights: Readonly<Record<string, Sight>>;
  readonly anchor: boolean;
  /** Of those who answered only. */
  readonly statements: readonly Statement[];
}

export type Doubt = 'no-anchor' | 'no-target' | 'target-not-serving' | 'no-confirmation' | 'no-majority';

export type Verdict =
  | { readonly kind: 'steady'; readonly master: string }
  | { readonly kind: 'suspect'; readonly master: string }
  /** It is gone for us, but others see it. */
  | { readonly kind: 'cut'; readonly master: string; readonly seenBy: readonly string[] }
  | { readonly kind: 'unsure'; readonly master: string; readonly why: Doubt }
  | {
      readonly kind: 'master-dead';
      readonly master: string;
      readonly target: string;
      readonly confirmedBy: readonly string[];
    };

/** Says that it does not see the master but sees the target; the target's own word about itself is not needed. */
function confirms(statement: Statement, master: string, target: string): boolean {
  return statement.sees[master] === false && (statement.from === target || statement.sees[target] === true);
}

/** The first reason against a switch, or undefined. */
function doubt(topology: Topology, view: View, master: string, target: string | undefined): Doubt | undefined {
  if (!view.anchor) return 'no-anchor';
  if (target === undefined) return 'no-target';
  if (view.sights[target] !== 'serving') return 'target-not-serving';
  const { site } = placeOf(topology, view.observer);
  const confirming = view.statements.filter((statement) => confirms(statement, master, target));
  if (!confirming.some(({ from }) => placeOf(topology, from).site !== site)) return 'no-confirmation';
  const ids = new Set([view.observer, ...confirming.map(({ from }) => from)]);
  return isMajority(topology, ids) ? undefined : 'no-majority';
}

/** The verdict of `view.observer` about `master`; `target` would take over, undefined when no other master may. */
export function judge(topology: Topology, view: View, master: string, target: string | undefined): Verdict {
  const sight = view.sights[master] ?? 'suspect';
  if (sight !== 'gone') return { kind: sight === 'serving' ? 'steady' : 'suspect', master };
  const others = view.statements.filter(({ from }) => from !== master && from !== view.observer);
  const seenBy = others.filter(({ sees }) => sees[master] === true).map(({ from }) => from);
  if (seenBy.length > 0) return { kind: 'cut', master, seenBy };
  const why = doubt(topology, { ...view, statements: others }, master, target);
  if (why !== undefined || target === undefined) return { kind: 'unsure', master, why: why ?? 'no-target' };
  const confirmedBy = others.filter((statement) => confirms(statement, master, target)).map(({ from }) => from);
  return { kind: 'master-dead', master, target, confirmedBy };
}

/** The master that would take over: the first other one, in the order of the configuration, that is seen serving. */
export function targetFor(topology: Topology, view: View, master: string): string | undefined {
  const others = placesOfKind(topology, 'master').filter(({ id }) => id !== master);
  return (others.find(({ id }) => view.sights[id] === 'serving') ?? others[0])?.id;
}

const doubts: Readonly<Record<Doubt, string>> = {
  'no-anchor': 'no outside anchor is seen either, so this watcher may be the one that is cut off',
  'no-target': 'there is no other master to switch to',
  'target-not-serving': 'the other master is not seen serving',
  'no-confirmation': 'nobody at another site answers and confirms it',
  'no-majority': 'those who confirm it are not the majority of watchers and witnesses',
};

/** One sentence for people. */
export function sentenceOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'steady':
      return `${verdict.master} is seen serving.`;
    case 'suspect':
      return `${verdict.master} fails only some of its checks, or not for long enough to be sure.`;
    case 'cut':
      return `${verdict.master} is not seen from here, but ${verdict.seenBy.join(' and ')} sees it: nothing is switched.`;
    case 'unsure':
      return `${verdict.master} is not seen, but ${doubts[verdict.why]}: nothing is switched.`;
    case 'master-dead':
      return `${verdict.master} is dead, confirmed by ${verdict.confirmedBy.join(' and ')}: ${verdict.target} takes over.`;
  }
}
