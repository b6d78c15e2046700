import type { Sight } from '../verdict/verdict.ts';
import { acknowledge, advance } from './advance.ts';
import type { Instance } from './declare.ts';
import { type CheckEvent, type CheckState, firstState, type Result, type Surroundings } from './model.ts';
import { badParents, sightOf } from './sight.ts';

/** A check as it stands. */
export interface Observed {
  readonly instance: Instance;
  readonly state: CheckState;
  readonly text: string;
  readonly ms: number;
  /** When it last ended; undefined before its first run. */
  readonly ranAt: number | undefined;
  /** Its last failure says nothing, because what it depends on failed too. */
  readonly blind: boolean;
  /** Of the last runs, newest last: for the strips on the page. */
  readonly recent: readonly Result[];
  /** How long each of them took, milliseconds. */
  readonly recentMs: readonly number[];
}

/** What came of taking a result in. */
export interface Taken {
  readonly observed: Observed;
  readonly events: readonly CheckEvent[];
  /** Whether people want to know. */
  readonly tell: boolean;
}

/** All checks as they stand. No clock and no I/O: time comes as an argument. */
export interface Book {
  all(): readonly Observed[];
  /** Throws RangeError for an unknown id: ids come from the declaration. */
  get(id: string): Observed;
  take(
    id: string,
    found: { readonly result: Result; readonly text: string; readonly ms: number },
    around: Surroundings,
  ): Taken;
  /** Everything that a check depends on, directly or not. */
  above(id: string): readonly string[];
  /** Whether any of what it depends on failed when it last ran. */
  parentFailed(id: string): boolean;
  /** How each master is seen now. */
  sights(now: number): Readonly<Record<string, Sight>>;
  /** How long all checks of a master have been well, milliseconds; undefined when not all have run. */
  greenMs(master: string, now: number): number | undefined;
  /** False when there is nothing to acknowledge. */
  acknowledge(id: string): boolean;
}

const kept = 60;

/** What a check's word is worth now: a stale or blind one says nothing. */
function wordOf(one: Observed, now: number): CheckState {
  const { rule, timeoutMs } = one.instance;
  const oldest = 2 * (rule.everyMs + timeoutMs) + 5000;
  const silent = one.blind || one.ranAt === undefined || now - one.ranAt > oldest;
  return silent ? { ...one.state, result: 'unknown' } : one.state;
}

function blank(instance: Instance, now: number): Observed {
  return {
    instance,
    state: firstState(now),
    text: 'not yet checked',
    ms: 0,
    ranAt: undefined,
    blind: false,
    recent: [],
    recentMs: [],
  };
}

/** Every instance, not yet checked. */
export function openBook(instances: readonly Instance[], now: number): Book {
  const parents = Object.fromEntries(instances.map((one) => [one.id, one.parents]));
  const seen = new Map(instances.map((one) => [one.id, blank(one, now)]));
  const masters = [...new Set(instances.flatMap(({ master }) => (master === undefined ? [] : [master])))];
  const of = (master: string) => [...seen.values()].filter((one) => one.instance.master === master);

  function get(id: string): Observed {
    const found = seen.get(id);
    if (found === undefined) throw new RangeError(`no check is called ${id}`);
    return found;
  }

  return {
    all: () => [...seen.values()],
    get,
    take(id, { result, text, ms }, around) {
      const was = get(id);
      const { state, events, tell } = advance(was.state, result, was.instance.rule, around);
      const blind = around.parentIsBad && result !== 'ok';
      const recent = [...was.recent, result].slice(-kept);
      const recentMs = [...was.recentMs, Math.round(ms)].slice(-kept);
      const observed = { instance: was.instance, state, text, ms, ranAt: around.now, blind, recent, recentMs };
      seen.set(id, observed);
      return { observed, events, tell };
    },
    above: (id) => badParents(id, parents, () => true),
    parentFailed: (id) =>
      badParents(id, parents, (parent) => get(parent).ranAt !== undefined && get(parent).state.result === 'critical')
        .length > 0,
    sights: (at) =>
      Object.fromEntries(
        masters.map((master) => [
          master,
          sightOf(of(master).map((one) => ({ state: wordOf(one, at), vital: one.instance.vital }))),
        ]),
      ),
    greenMs(master, at) {
      const mine = of(master);
      if (mine.length === 0 || mine.some(({ ranAt }) => ranAt === undefined)) return undefined;
      const well = mine.every((one) => one.state.hard === 'ok' || one.state.hard === 'warning');
      return well ? at - Math.max(...mine.map(({ state }) => state.since)) : 0;
    },
    acknowledge(id) {
      const found = seen.get(id);
      if (found === undefined || found.state.hard === 'ok') return false;
      seen.set(id, { ...found, state: acknowledge(found.state) });
      return true;
    },
  };
}
