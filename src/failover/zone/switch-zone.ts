import type { ZoneJournal } from './journal.ts';
import { applyEdits, type Report, type Zone } from './model.ts';
import type { Moves } from './moves.ts';
import { parseZone } from './parse.ts';
import { movingSets, type Planned, replaceAddresses } from './replace.ts';
import { findReports, isPreSigned } from './reports.ts';
import { restore } from './restore.ts';
import { nextSerial, setSerial } from './serial.ts';
import { lowerTtl } from './ttl.ts';

/** What a switch wants of every zone. One order makes one of these, on every watcher the same. */
export interface SwitchRule {
  readonly moves: Moves;
  /** Labels ('www1') and whole names ('direct.bob.example.') that stay on their master. */
  readonly stays: readonly string[];
  /** Host names of the masters, to report what points at them. */
  readonly hosts: readonly string[];
  /** Address records that move get at most this many seconds; undefined leaves TTLs alone. */
  readonly ttlAtMost?: number;
  /** The order's own time, milliseconds: the serial's day. */
  readonly instant: number;
}

export type Switched =
  | {
      readonly kind: 'changed';
      readonly text: string;
      readonly journal: ZoneJournal;
      readonly reports: readonly Report[];
    }
  | { readonly kind: 'same'; readonly reports: readonly Report[] }
  /** Nothing may be done to this zone: it is broken, or signed in its file. */
  | { readonly kind: 'left'; readonly line: number; readonly reason: string };

const signed = 'it is signed in its file; an edit would make the signatures wrong';

function written(
  zone: Zone,
  edits: Parameters<typeof applyEdits>[1],
  instant: number,
  serials: readonly number[],
): string {
  const serial = nextSerial([zone.serial, ...serials], instant);
  return applyEdits(zone.text, [...edits, setSerial(zone, serial)]);
}

/** The edits that bring a zone to the state that a rule wants, without the serial. `looks`: says what is suspicious too. */
export function plannedFor(
  zone: Zone,
  rule: SwitchRule,
  looks = true,
): Planned & { readonly reports: readonly Report[] } {
  const sets = movingSets(zone, rule.moves, rule.stays);
  const moved = replaceAddresses(sets, rule.moves);
  const lowered = lowerTtl(zone, new Set(sets.keys()), rule.ttlAtMost ?? Number.POSITIVE_INFINITY);
  return {
    edits: [...moved.edits, ...lowered.edits],
    changes: [...moved.changes, ...lowered.changes],
    reports: looks ? [...findReports(zone, rule.moves, rule.hosts), ...lowered.reports] : [],
  };
}

/**
 * One zone brought to the state that an order wants. Doing it again changes nothing. `serials` are those that name
 * servers are known to answer with, beside the file's own. The text has one character a byte.
 */
export function switchZone(text: string, name: string, rule: SwitchRule, serials: readonly number[] = []): Switched {
  const parsed = parseZone(text, name);
  if (!parsed.ok) return { kind: 'left', line: parsed.line, reason: parsed.reason };
  const { zone } = parsed;
  const { edits, changes, reports } = plannedFor(zone, rule);
  if (edits.length === 0) return { kind: 'same', reports };
  if (isPreSigned(zone)) return { kind: 'left', line: 1, reason: signed };
  const fresh = written(zone, edits, rule.instant, serials);
  return { kind: 'changed', text: fresh, journal: { zone: zone.apex, changes }, reports };
}

export type Restored =
  | { readonly kind: 'returned'; readonly text: string; readonly count: number; readonly kept: readonly Report[] }
  | { readonly kind: 'same'; readonly kept: readonly Report[] }
  | { readonly kind: 'left'; readonly line: number; readonly reason: string };

/** One zone brought back: what the journal lists and nobody changed since, under a new and higher serial. */
export function restoreZone(
  text: string,
  journal: ZoneJournal,
  instant: number,
  serials: readonly number[] = [],
): Restored {
  const parsed = parseZone(text, journal.zone);
  if (!parsed.ok) return { kind: 'left', line: parsed.line, reason: parsed.reason };
  const { zone } = parsed;
  const { edits, returned, kept } = restore(zone, journal);
  if (edits.length === 0) return { kind: 'same', kept };
  if (isPreSigned(zone)) return { kind: 'left', line: 1, reason: signed };
  return { kind: 'returned', text: written(zone, edits, instant, serials), count: returned.length, kept };
}
