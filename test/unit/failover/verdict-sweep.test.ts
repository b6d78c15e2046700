import { describe, expect, it } from 'vitest';
import type { Topology } from '../../../src/failover/verdict/topology.ts';
import { judge, type Sight, type Statement, type View } from '../../../src/failover/verdict/verdict.ts';
import { fourSites, threeSites, twoSites, watcherAway } from './topologies.ts';

/**
 * Every state of every link, host and anchor. A watcher's verdict depends on little of it, so verdicts are remembered by
 * that little: each state costs a few bit tests.
 */
function sweep(topology: Topology) {
  const ids = topology.places.map((place) => place.id);
  const numbers = [...ids, ...ids.flatMap((a, n) => ids.slice(n + 1).map((b) => [a, b].sort().join(' ')))];
  const watchers = ['s3', 's4'];
  const anchors = new Map(watchers.map((id, at) => [id, numbers.length + at]));
  const at = (...names: string[]) => numbers.indexOf(names.sort().join(' '));
  const up = (state: number, n: number) => ((state >> n) & 1) === 0;
  const link = new Map<string, number>();
  for (const a of ids) for (const b of ids) if (a !== b) link.set(`${a} ${b}`, at(a, b));
  const own = new Map(ids.map((id) => [id, at(id)]));
  const sees = (state: number, a: string, b: string) =>
    up(state, own.get(a) ?? 0) && up(state, own.get(b) ?? 0) && up(state, link.get(`${a} ${b}`) ?? 0);
  const known = new Map<string, boolean>();
  const orders = (state: number, observer: string, from: string, to: string): boolean => {
    if (!up(state, own.get(observer) ?? 0)) return false;
    const sights = { [from]: sees(state, observer, from), [to]: sees(state, observer, to) };
    const answering = ids.filter((id) => id !== observer && sees(state, observer, id));
    const anchor = up(state, anchors.get(observer) ?? 0);
    const key = `${observer}${from}${sights[from]}${sights[to]}${anchor}${answering.map((id) => `${id}${id !== from && sees(state, id, from)}${id !== to && sees(state, id, to)}`)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const sight = (id: string): Sight => (sights[id] === true ? 'serving' : 'gone');
    const statements: readonly Statement[] = answering.map((id) => ({
      from: id,
      sees: Object.fromEntries(
        [from, to].filter((other) => other !== id).map((other) => [other, sees(state, id, other)]),
      ),
    }));
    const view: View = { observer, anchor, statements, sights: { [from]: sight(from), [to]: sight(to) } };
    const verdict = judge(topology, view, from, to).kind === 'master-dead';
    known.set(key, verdict);
    return verdict;
  };
  return { states: 2 ** (numbers.length + watchers.length), orders, sees, watchers };
}

/** What is wrong with the orders of one state, or undefined. */
function wrong(
  topology: Topology,
  { orders, sees, watchers }: ReturnType<typeof sweep>,
  state: number,
): string | undefined {
  const there = watchers.filter((id) => orders(state, id, 'm1', 'm2'));
  if (there.length === 0) return undefined;
  if (watchers.some((id) => orders(state, id, 'm2', 'm1'))) return 'opposite orders';
  for (const id of there) {
    if (sees(state, id, 'm1') || !sees(state, id, 'm2')) return 'a blind order';
    const others = topology.places.filter((place) => place.id !== id && sees(state, id, place.id));
    const site = topology.places.find((place) => place.id === id)?.site;
    if (!others.some((place) => place.site !== site)) return 'the order of a lone watcher';
    if (others.some((place) => sees(state, place.id, 'm1'))) return 'an order against a witness';
  }
  return 'fine';
}

describe.each([
  ['two sites', twoSites, 2 ** 12],
  ['a watcher at a third site', watcherAway, 2 ** 12],
  ['watchers at sites of their own', fourSites, 2 ** 12],
  ['two sites and a witness at a third', threeSites, 2 ** 17],
] as const)('in every state of links, hosts and anchors of %s', (_, topology, count) => {
  it('orders never go in opposite directions, nor come from one who sees the master, a lone one, or against a witness', () => {
    const swept = sweep(topology);
    expect(swept.states).toBe(count);
    const found = new Map<string, number>();
    for (let state = 0; state < count; state++) {
      const what = wrong(topology, swept, state);
      if (what !== undefined) found.set(what, (found.get(what) ?? 0) + 1);
    }
    expect([...found.keys()]).toEqual(['fine']);
    expect(found.get('fine')).toBeGreaterThan(10);
  });
});
