/** Traffic by month, added up over the masters, and the bars that show it. Pure: the time is given. */
import type { Language } from '../../texts/index.ts';

export interface Month {
  /** Year × 12 + month. */
  readonly index: number;
  readonly bytes: number;
  label(language: Language, short?: boolean): string;
}

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** Masters may count a month in their own time zone: a day later it is the same month everywhere. */
const dayMs = 86_400_000;

function indexOf(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function monthAt(index: number, bytes: number): Month {
  const date = new Date(Date.UTC(Math.floor(index / 12), index % 12, 15));
  return {
    index,
    bytes,
    label: (language, short = false) =>
      new Intl.DateTimeFormat(locales[language], {
        month: short ? 'short' : 'long',
        ...(short ? {} : { year: 'numeric' }),
        timeZone: 'UTC',
      }).format(date),
  };
}

/** The last `count` months up to the one of `now`, oldest first; months without traffic are there too. */
export function monthsOf(
  rows: readonly { readonly bytes: number; readonly month_start: number }[],
  now: number,
  count: number,
): readonly Month[] {
  const sums = new Map<number, number>();
  for (const { bytes, month_start } of rows) {
    const index = indexOf(month_start * 1000 + dayMs);
    sums.set(index, (sums.get(index) ?? 0) + bytes);
  }
  const last = indexOf(now);
  return Array.from({ length: count }, (_none, at) => {
    const index = last - count + 1 + at;
    return monthAt(index, sums.get(index) ?? 0);
  });
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly bytes: number;
}

const width = 600;
const bottom = 140;
/** Room above the highest bar, for the word at the bound. */
const headroom = 14;

/** Bars in a box of 600 by 140. `top` is what its upper edge stands for; a bound far above the bars is not drawn. */
export function monthBars(
  months: readonly Month[],
  bound: number | undefined,
  language: Language,
): { readonly bars: readonly Bar[]; readonly top: number; readonly boundAt: number | undefined } {
  const highest = Math.max(1, ...months.map((one) => one.bytes));
  const isNear = bound !== undefined && bound <= highest * 4;
  const top = isNear ? Math.max(highest, bound) : highest;
  const step = width / Math.max(1, months.length);
  const heightOf = (bytes: number): number => Math.round((bytes / top) * (bottom - headroom));
  const bars = months.map((one, at) => {
    const height = one.bytes === 0 ? 0 : Math.max(1, heightOf(one.bytes));
    return {
      x: Math.round(at * step + step * 0.15),
      y: bottom - height,
      width: Math.round(step * 0.7),
      height,
      label: one.label(language, true),
      bytes: one.bytes,
    };
  });
  return { bars, top, boundAt: isNear ? bottom - heightOf(bound) : undefined };
}
