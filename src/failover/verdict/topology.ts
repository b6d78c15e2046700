/** Who stands where. The order of the list is part of the configuration and the same on every watcher. */

export interface Place {
  readonly id: string;
  readonly kind: 'master' | 'watcher' | 'witness';
  readonly site: string;
}

export interface Topology {
  readonly places: readonly Place[];
}

/** Throws RangeError for an unknown id: ids come from configuration. */
export function placeOf(topology: Topology, id: string): Place {
  const place = topology.places.find((one) => one.id === id);
  if (place === undefined) throw new RangeError(`nothing is called ${id}`);
  return place;
}

/** The places of one kind, in the order of the configuration. */
export function placesOfKind(topology: Topology, kind: Place['kind']): readonly Place[] {
  return topology.places.filter((place) => place.kind === kind);
}

/** Those who vote: watchers and witnesses. Masters only testify, since a cut leaves one on each side. */
export function voters(topology: Topology): readonly Place[] {
  return topology.places.filter((place) => place.kind !== 'master');
}

/**
 * Whether these voters are more than half. With an even number the first watcher's voice counts one and a half, so that
 * of two halves exactly one can be more. Two such groups always share a voter, and no voter sees a master dead and
 * alive at once: orders in opposite directions cannot both be made.
 */
export function isMajority(topology: Topology, ids: ReadonlySet<string>): boolean {
  const all = voters(topology);
  const casting = all.length % 2 === 0 ? placesOfKind(topology, 'watcher')[0]?.id : undefined;
  const weight = (list: readonly Place[]) => list.reduce((sum, { id }) => sum + (id === casting ? 1.5 : 1), 0);
  return 2 * weight(all.filter(({ id }) => ids.has(id))) > weight(all);
}

/** What is weak in a topology, one sentence each, for setup. */
export function weaknesses(topology: Topology): readonly string[] {
  const masters = placesOfKind(topology, 'master');
  const sites = new Set(masters.map((place) => place.site));
  const watchers = placesOfKind(topology, 'watcher');
  const thirds = voters(topology).filter((place) => !sites.has(place.site));
  return [
    ...(masters.length < 2 ? ['There is only one master: nothing can be switched.'] : []),
    ...(masters.length > 1 && sites.size < 2 ? ['All masters stand at one site and are lost with it.'] : []),
    ...(watchers.length < 2 ? ['There is only one watcher: nothing is switched when it is lost.'] : []),
    ...(thirds.length === 0
      ? [
          'No watcher or witness stands at a third site: the loss of a site looks like a cut between sites and only warns.',
        ]
      : []),
  ];
}
