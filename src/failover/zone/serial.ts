import type { Edit, Zone } from './model.ts';

/** Serial numbers of zones, RFC 1982: a circle of 2^32, on which half of all numbers are ahead of any other. */

/** Whether serial `a` is newer than `b`. Half a circle apart is undefined and counts as no. */
export function isAhead(a: number, b: number): boolean {
  const distance = (a - b) >>> 0;
  return distance > 0 && distance < 2 ** 31;
}

/** 20261122 for an instant in milliseconds, in UTC, so that two watchers have one day. */
export function dayOf(instant: number): number {
  const date = new Date(instant);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/**
 * The next serial: of the order's day with counter 00 when that is ahead, else one more than the newest known, so 99
 * rolls into the next "day" and a serial ahead of its time just counts on. Never 0, which some secondaries take for
 * "none". Depends on nothing but its arguments: two watchers with the same order and zone write the same serial.
 * `known` begins with the published one; a source's serial joins in when it is ahead.
 */
export function nextSerial(known: readonly [number, ...number[]], instant: number): number {
  const newest = known.reduce((best, serial) => (isAhead(serial, best) ? serial : best));
  const today = (dayOf(instant) * 100) >>> 0;
  if (isAhead(today, newest)) return today;
  return (newest + 1) >>> 0 || 1;
}

/** The edit that writes a serial into the SOA. */
export function setSerial(zone: Zone, serial: number): Edit {
  return { start: zone.serialToken.start, end: zone.serialToken.end, text: String(serial) };
}
