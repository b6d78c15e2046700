import { verdicts } from '../../../src/failover/verdict/fault-table.ts';
import type { Topology } from '../../../src/failover/verdict/topology.ts';
import { customersReach, type Fault } from '../../../src/failover/verdict/world.ts';

/** A switch that harms: customers reached the old master, or do not reach the new one. */
export function harm(topology: Topology, faults: readonly Fault[], active: string): string | undefined {
  for (const verdict of verdicts(topology, faults, active)) {
    if (verdict.kind !== 'master-dead') continue;
    if (customersReach(topology, faults, active)) return `switched though customers reach ${active}`;
    if (!customersReach(topology, faults, verdict.target)) return `switched to ${verdict.target}, which is not reached`;
  }
  return undefined;
}
