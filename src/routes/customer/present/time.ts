import type { TimeModel } from '../../portal/present/time.ts';
import type { Language } from '../texts/index.ts';

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['second', 60],
  ['minute', 3600],
  ['hour', 86_400],
];
const perUnit: Partial<Record<Intl.RelativeTimeFormatUnit, number>> = { second: 1, minute: 60, hour: 3600 };
const locales: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** '5 minutes ago' on the day, then the date and time. UTC, since a server has no idea where its reader is. */
export function agoIn(language: Language, iso: string, now: number): TimeModel {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  const step = steps.find(([, below]) => seconds < below);
  const title = `${whenIn(language, iso)} UTC`;
  if (step === undefined) return { iso, text: whenIn(language, iso), title };
  const [unit] = step;
  const relative = new Intl.RelativeTimeFormat(locales[language], { numeric: 'auto' });
  return { iso, text: relative.format(-Math.floor(seconds / (perUnit[unit] ?? 1)), unit), title };
}

/** '6 May 2026, 14:02', in UTC. */
export function whenIn(language: Language, iso: string): string {
  return new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(new Date(iso));
}

/** '14:02', in UTC, or with the date when it is not today's. */
export function shortIn(language: Language, iso: string, now: number): string {
  const isToday = new Date(now).toISOString().slice(0, 10) === new Date(iso).toISOString().slice(0, 10);
  if (!isToday) return whenIn(language, iso);
  return new Intl.DateTimeFormat(locales[language], { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(iso));
}

/** '12 seconds', '4 minutes', '2 hours', '3 days': the largest whole unit. */
export function durationIn(language: Language, seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const;
  const [unit, size] = units.find(([, least]) => seconds >= least) ?? (['second', 1] as const);
  const value = Math.max(0, Math.round(seconds / size));
  return new Intl.NumberFormat(locales[language], { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** '1.2 GB' with the language's own decimal sign; `bytes` below zero or not finite has none. */
export function sizeIn(language: Language, bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  const number = new Intl.NumberFormat(locales[language], { maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 });
  return `${number.format(value)} ${units[at] ?? ''}`;
}

/** '1,204' or '1.204'. */
export function numberIn(language: Language, value: number): string {
  return new Intl.NumberFormat(locales[language]).format(value);
}
