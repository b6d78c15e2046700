import { expect, it } from 'vitest';
import { monthBars, monthsOf } from '../../../src/routes/customer/pages/statistics/months.ts';

const now = Date.UTC(2026, 10, 28, 12);
const at = (year: number, month: number, hours = 0): number => Date.UTC(year, month, 1, hours) / 1000;

it('adds what each master served, and has the months without traffic too', () => {
  const rows = [
    { bytes: 5, month_start: at(2026, 10) },
    { bytes: 7, month_start: at(2026, 10) },
    { bytes: 3, month_start: at(2026, 8) },
    { bytes: 100, month_start: at(2020, 1) },
  ];
  expect(monthsOf(rows, now, 3).map((one) => [one.label('en'), one.bytes])).toEqual([
    ['September 2026', 3],
    ['October 2026', 0],
    ['November 2026', 12],
  ]);
});

it('a month that begins some hours earlier on a master in another time zone is the same month', () => {
  const rows = [-10, -1, 0, 9].map((hours) => ({ bytes: 1, month_start: at(2026, 10, hours) }));
  expect(monthsOf(rows, now, 1)[0]?.bytes).toBe(4);
});

it('the highest bar fills the box, an empty month has none, and a little is always seen', () => {
  const rows = [
    { bytes: 1_000_000, month_start: at(2026, 10) },
    { bytes: 1, month_start: at(2026, 9) },
  ];
  const { bars, top, boundAt } = monthBars(monthsOf(rows, now, 3), undefined, 'de');
  expect(bars.map((bar) => bar.height)).toEqual([0, 1, 126]);
  expect(bars.map((bar) => bar.label)).toEqual(['Sep', 'Okt', 'Nov']);
  expect([top, boundAt]).toEqual([1_000_000, undefined]);
  for (const bar of bars) expect(bar.y + bar.height).toBe(140);
});

it('a limit is drawn when it is near, and left out when the bars would vanish below it', () => {
  const months = monthsOf([{ bytes: 100, month_start: at(2026, 10) }], now, 2);
  expect(monthBars(months, 200, 'en')).toMatchObject({ top: 200, boundAt: 14 });
  expect(monthBars(months, 50, 'en')).toMatchObject({ top: 100, boundAt: 77 });
  expect(monthBars(months, 5000, 'en').boundAt).toBeUndefined();
});
