import { type Place, placesOfKind, type Topology } from './topology.ts';
import { judge, sentenceOf, targetFor, type Verdict } from './verdict.ts';
import { customersReach, type Fault, isUp, viewOf } from './world.ts';

/** One line of what setup prints: a fault, while everything is active on one master. */
export interface FaultRow {
  readonly fault: Fault;
  /** Where everything is active. */
  readonly active: string;
  /** 'switches' by itself, 'warns' a person, or 'nothing': no watcher sees it, or it touches nothing that is active. */
  readonly outcome: 'switches' | 'warns' | 'nothing';
  /** Customers are without service until somebody acts. */
  readonly hurts: boolean;
  readonly sentence: string;
}

function pairs<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return list.flatMap((a, at) => list.slice(at + 1).map((b) => [a, b] as const));
}

/** Every single fault of a topology: hosts, sites, ways out, paths between sites, single links, anchors, customers' ways. */
export function singleFaults(topology: Topology): readonly Fault[] {
  const sites = [...new Set(topology.places.map((place) => place.site))];
  const masters = placesOfKind(topology, 'master');
  return [
    ...topology.places.map(({ id }): Fault => ({ kind: 'host', id })),
    ...sites.map((site): Fault => ({ kind: 'site', site })),
    ...sites.map((site): Fault => ({ kind: 'uplink', site })),
    ...pairs(sites).map((between): Fault => ({ kind: 'path', between })),
    ...pairs(topology.places).map(([a, b]): Fault => ({ kind: 'link', between: [a.id, b.id] })),
    ...sites.map((site): Fault => ({ kind: 'anchor', site })),
    ...masters.map(({ id }): Fault => ({ kind: 'customers', id })),
  ];
}

/** A fault in words. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'host':
      return `${fault.id} fails`;
    case 'site':
      return `site ${fault.site} loses power`;
    case 'uplink':
      return `site ${fault.site} is cut off from the world`;
    case 'path':
      return `sites ${fault.between[0]} and ${fault.between[1]} cannot reach each other`;
    case 'link':
      return `${fault.between[0]} and ${fault.between[1]} cannot reach each other`;
    case 'anchor':
      return `site ${fault.site} does not see the outside anchors`;
    case 'customers':
      return `customers cannot reach ${fault.id}, though watchers can`;
  }
}

/** The verdict of every living watcher about the active master. */
export function verdicts(topology: Topology, faults: readonly Fault[], active: string): readonly Verdict[] {
  return placesOfKind(topology, 'watcher')
    .filter(({ id }) => isUp(topology, faults, id))
    .map(({ id }) => {
      const view = viewOf(topology, faults, id);
      return judge(topology, view, active, targetFor(topology, view, active));
    });
}

function row(topology: Topology, fault: Fault, active: Place): FaultRow {
  const all = verdicts(topology, [fault], active.id);
  const hurts = !customersReach(topology, [fault], active.id);
  const ordered = all.find((verdict) => verdict.kind === 'master-dead');
  const warning = all.find((verdict) => verdict.kind !== 'steady');
  const outcome = ordered !== undefined ? 'switches' : warning !== undefined ? 'warns' : 'nothing';
  const verdict = ordered ?? warning;
  const unseen = hurts
    ? `No watcher sees that ${active.id} is not reached: only an outside probe can.`
    : 'Nothing changes.';
  return { fault, active: active.id, outcome, hurts, sentence: verdict === undefined ? unseen : sentenceOf(verdict) };
}

/** What follows from every single fault, for each master that may be the active one: printed by setup. */
export function faultTable(topology: Topology): readonly FaultRow[] {
  const masters = placesOfKind(topology, 'master');
  return singleFaults(topology).flatMap((fault) => masters.map((active) => row(topology, fault, active)));
}
