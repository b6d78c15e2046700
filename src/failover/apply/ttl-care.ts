import { mergeJournals } from '../zone/journal.ts';
import type { Edit, Report, Zone } from '../zone/model.ts';
import { movingSets } from '../zone/replace.ts';
import { restore } from '../zone/restore.ts';
import { lowerTtl } from '../zone/ttl.ts';
import type { Rules } from './rules.ts';
import type { ZoneState } from './state-line.ts';

/**
 * TTL care: lowered ahead of a switch that is planned, so that resolvers come soon, and raised again later. What was
 * lowered stands in the ledger beside what switches changed; neither takes back the other's.
 */

export type Care = 'lower' | 'raise';

export interface Cared {
  readonly edits: readonly Edit[];
  readonly state: ZoneState;
  /** TTLs that are written now. */
  readonly values: number;
  readonly reports: readonly Report[];
}

/** What is lowered where the configuration wants no other TTL, seconds. */
const usualTtl = 60;

/** The record sets that a switch away from where the zone points would move, 'owner type'. */
function setsOf(zone: Zone, state: ZoneState, rules: Rules): ReadonlySet<string> {
  const { masters, stays } = rules.config;
  const others = masters.filter(({ id }) => id !== state.to);
  return new Set(others.flatMap(({ id }) => [...movingSets(zone, rules.moves(state.to, id), stays).keys()]));
}

function lowered(zone: Zone, state: ZoneState, rules: Rules): Cared {
  const { edits, changes, reports } = lowerTtl(zone, setsOf(zone, state, rules), rules.config.ttlAtMost ?? usualTtl);
  const first = { zone: zone.apex, changes: state.care };
  const merged = mergeJournals(first, { zone: zone.apex, changes });
  return { edits, state: { ...state, care: merged.changes }, values: changes.length, reports };
}

/** Away from home TTLs stay low: the next change is the return. */
function raised(zone: Zone, state: ZoneState): Cared {
  if (state.care.length === 0 || state.to !== state.home) return { edits: [], state, values: 0, reports: [] };
  const { edits, returned, kept } = restore(zone, { zone: zone.apex, changes: state.care });
  return { edits, state: { ...state, care: [] }, values: returned.length, reports: kept };
}

/** The edits of TTL care in a zone that is where it should be, without the serial. */
export function careFor(zone: Zone, state: ZoneState, rules: Rules, care: Care): Cared {
  return care === 'lower' ? lowered(zone, state, rules) : raised(zone, state);
}
