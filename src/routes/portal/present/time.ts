import type { PortalSay } from '../texts/en.ts';
import type { TimeReader } from './reader.ts';

/** A time as views show it: what stands there, and what the hover says. */
export interface TimeModel {
  readonly iso: string;
  readonly text: string;
  readonly title: string;
}

/** For lists: 'just now', '5 min ago', '3 h ago', then the date. */
export function ago(iso: string, { say, now }: TimeReader): TimeModel {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  return { iso, text: agoText(seconds, iso, say), title: stamp(iso) };
}

function agoText(seconds: number, iso: string, say: PortalSay): string {
  if (seconds < 5) return say('time.now');
  if (seconds < 60) return say('time.seconds-ago', { count: seconds });
  if (seconds < 3600) return say('time.minutes-ago', { count: Math.floor(seconds / 60) });
  if (seconds < 86_400) return say('time.hours-ago', { count: Math.floor(seconds / 3600) });
  return dayOf(iso, say);
}

/** For timelines: '14:02:31' today, '12 Nov 14:02' before. UTC. */
export function clock(iso: string, { say, now }: TimeReader): TimeModel {
  const today = new Date(now).toISOString().slice(0, 10);
  const normal = new Date(iso).toISOString();
  const text = normal.startsWith(today) ? normal.slice(11, 19) : `${dayOf(iso, say)} ${normal.slice(11, 16)}`;
  return { iso, text, title: stamp(iso) };
}

/** How long something took: '40 ms', '1.4 s', '12 s', '3 min 5 s', '2 h 10 min'. */
export function duration(fromIso: string, toIso: string, say: PortalSay): string {
  return lasting(Math.max(0, Date.parse(toIso) - Date.parse(fromIso)), say);
}

/** A length of time in the same words. */
export function lasting(ms: number, say: PortalSay): string {
  const seconds = Math.floor(ms / 1000);
  if (ms < 1000) return say('time.milliseconds', { count: ms });
  if (ms < 10_000) return say('time.seconds', { count: (ms / 1000).toFixed(1) });
  if (seconds < 60) return say('time.seconds', { count: seconds });
  if (seconds < 3600) return say('time.minutes', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  return say('time.hours', { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60) });
}

function dayOf(iso: string, say: PortalSay): string {
  const date = new Date(iso);
  const month = say('time.months').split(' ')[date.getUTCMonth()] ?? '';
  return say('time.day', { day: date.getUTCDate(), month });
}

/** '2026-11-28 22:00:07 UTC', for sentences that must stay true. */
export function stamp(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
