import { applyEdits, type Report } from '../zone/model.ts';
import { parseZone } from '../zone/parse.ts';
import { isPreSigned } from '../zone/reports.ts';
import { nextSerial, setSerial } from '../zone/serial.ts';
import { plannedFor, type SwitchRule } from '../zone/switch-zone.ts';

export type Composed =
  | { readonly kind: 'publish'; readonly text: string; readonly serial: number; readonly reports: readonly Report[] }
  /** What is published says the same already: no new serial. */
  | { readonly kind: 'same'; readonly reports: readonly Report[] }
  | { readonly kind: 'left'; readonly line: number; readonly reason: string };

/** The serial of a published text; undefined when there is none or it is broken, so that it no longer counts. */
function publishedSerial(text: string | undefined, name: string): number | undefined {
  const parsed = text === undefined ? undefined : parseZone(text, name);
  return parsed?.ok === true ? parsed.zone.serial : undefined;
}

/**
 * The text to publish for a zone, from its active master's file: every byte of it but for addresses that must move now,
 * their TTL, and the serial, which is always ahead of what was published. `serials` are those that name servers answer.
 */
export function composeZone(
  source: string,
  published: string | undefined,
  name: string,
  rule: SwitchRule,
  serials: readonly number[] = [],
): Composed {
  const parsed = parseZone(source, name);
  if (!parsed.ok) return { kind: 'left', line: parsed.line, reason: parsed.reason };
  const { zone } = parsed;
  if (isPreSigned(zone)) return { kind: 'left', line: 1, reason: 'it is signed in its file' };
  const { edits, reports } = plannedFor(zone, rule);
  const before = publishedSerial(published, name);
  if (before !== undefined && applyEdits(source, [...edits, setSerial(zone, before)]) === published) {
    return { kind: 'same', reports };
  }
  const serial =
    before === undefined && serials.length === 0
      ? zone.serial
      : nextSerial([before ?? zone.serial, zone.serial, ...serials], rule.instant);
  return { kind: 'publish', text: applyEdits(source, [...edits, setSerial(zone, serial)]), serial, reports };
}
