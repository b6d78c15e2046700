import type { Topology } from '../../../src/failover/verdict/topology.ts';

/** The topologies that are supported and proved. */

export const m1 = { id: 'm1', kind: 'master', site: 'A' } as const;
export const m2 = { id: 'm2', kind: 'master', site: 'B' } as const;
export const s3 = { id: 's3', kind: 'watcher', site: 'A' } as const;
export const s4 = { id: 's4', kind: 'watcher', site: 'B' } as const;
const w = { id: 'w', kind: 'witness', site: 'C' } as const;

export const twoSites: Topology = { places: [m1, m2, s3, s4] };
export const threeSites: Topology = { places: [m1, m2, s3, s4, w] };
export const watcherAway: Topology = { places: [m1, m2, s3, { ...s4, site: 'C' }] };
export const fourSites: Topology = { places: [m1, m2, { ...s3, site: 'C' }, { ...s4, site: 'D' }] };
export const topologies: readonly (readonly [string, Topology])[] = [
  ['two sites', twoSites],
  ['two sites and a witness at a third', threeSites],
  ['a watcher at a third site', watcherAway],
  ['watchers at sites of their own', fourSites],
];
