/** A time as views show it: what stands there, and what the hover says. */
export interface TimeModel {
  readonly iso: string;
  readonly text: string;
  readonly title: string;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** For lists: 'just now', '5 min ago', '3 h ago', then the date. `now` is epoch milliseconds. */
export function ago(iso: string, now: number): TimeModel {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  return { iso, text: agoText(seconds, iso), title: titleOf(iso) };
}

function agoText(seconds: number, iso: string): string {
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return dayOf(iso);
}

/** For timelines: '14:02:31' today, '12 Nov 14:02' before. UTC. */
export function clock(iso: string, now: number): TimeModel {
  const today = new Date(now).toISOString().slice(0, 10);
  const normal = new Date(iso).toISOString();
  const text = normal.startsWith(today) ? normal.slice(11, 19) : `${dayOf(iso)} ${normal.slice(11, 16)}`;
  return { iso, text, title: titleOf(iso) };
}

/** How long something took: '40 ms', '1.4 s', '12 s', '3 min 5 s', '2 h 10 min'. */
export function duration(fromIso: string, toIso: string): string {
  const ms = Math.max(0, Date.parse(toIso) - Date.parse(fromIso));
  const seconds = Math.floor(ms / 1000);
  if (ms < 1000) return `${ms} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function dayOf(iso: string): string {
  const date = new Date(iso);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''}`;
}

function titleOf(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
