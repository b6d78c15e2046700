import { placeOf, placesOfKind, type Topology } from './topology.ts';
import type { View } from './verdict.ts';

/** Faults as they happen in data centres, and what each watcher then sees. Used by setup to say what follows from what. */

export type Fault =
  | { readonly kind: 'host'; readonly id: string }
  /** Power: everything at the site is off. */
  | { readonly kind: 'site'; readonly site: string }
  /** The site's way out: inside it all goes on, nothing comes in or out. */
  | { readonly kind: 'uplink'; readonly site: string }
  /** Two sites cannot reach each other, but the rest of the world. */
  | { readonly kind: 'path'; readonly between: readonly [string, string] }
  /** Two hosts cannot reach each other. */
  | { readonly kind: 'link'; readonly between: readonly [string, string] }
  /** The outside anchors are not seen from a site, by nobody's real fault. */
  | { readonly kind: 'anchor'; readonly site: string }
  /** Customers cannot reach a host that everybody else reaches. */
  | { readonly kind: 'customers'; readonly id: string };

function joins(pair: readonly [string, string], a: string, b: string): boolean {
  return (pair[0] === a && pair[1] === b) || (pair[0] === b && pair[1] === a);
}

/** Whether a place works at all. */
export function isUp(topology: Topology, faults: readonly Fault[], id: string): boolean {
  const { site } = placeOf(topology, id);
  return !faults.some((f) => (f.kind === 'host' && f.id === id) || (f.kind === 'site' && f.site === site));
}

function isBetween(fault: Fault, a: { id: string; site: string }, b: { id: string; site: string }): boolean {
  if (fault.kind === 'link') return joins(fault.between, a.id, b.id);
  if (a.site === b.site) return false;
  if (fault.kind === 'path') return joins(fault.between, a.site, b.site);
  return fault.kind === 'uplink' && (fault.site === a.site || fault.site === b.site);
}

/** Whether two places reach each other. */
export function reaches(topology: Topology, faults: readonly Fault[], from: string, to: string): boolean {
  const [a, b] = [placeOf(topology, from), placeOf(topology, to)];
  return isUp(topology, faults, from) && isUp(topology, faults, to) && !faults.some((fault) => isBetween(fault, a, b));
}

/** Whether customers reach a master. */
export function customersReach(topology: Topology, faults: readonly Fault[], id: string): boolean {
  const { site } = placeOf(topology, id);
  const blocks = (f: Fault) => (f.kind === 'customers' && f.id === id) || (f.kind === 'uplink' && f.site === site);
  return isUp(topology, faults, id) && !faults.some(blocks);
}

/** What a watcher sees when these faults have stood long enough for hard states. */
export function viewOf(topology: Topology, faults: readonly Fault[], observer: string): View {
  const sees = (from: string, to: string) => reaches(topology, faults, from, to);
  const { site } = placeOf(topology, observer);
  const masters = placesOfKind(topology, 'master').map(({ id }) => id);
  const others = topology.places.filter(({ id }) => id !== observer && sees(observer, id));
  return {
    observer,
    sights: Object.fromEntries(masters.map((id) => [id, sees(observer, id) ? 'serving' : 'gone'])),
    anchor: !faults.some((f) => (f.kind === 'anchor' || f.kind === 'uplink') && f.site === site),
    statements: others.map(({ id: from }) => ({
      from,
      sees: Object.fromEntries(masters.filter((id) => id !== from).map((id) => [id, sees(from, id)])),
    })),
  };
}
