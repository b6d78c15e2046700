import type { QuietHours } from './model.ts';

/** Minutes after midnight on the clock of a zone. Throws RangeError for a zone that does not exist. */
export function minuteOfDay(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return of('hour') * 60 + of('minute');
}

/** Whether this moment lies in the hours; the last minute does not. */
export function isQuiet({ from, to, zone }: QuietHours, at: number): boolean {
  const minute = minuteOfDay(at, zone);
  return from <= to ? from <= minute && minute < to : minute >= from || minute < to;
}
