import { expect, test, vi } from 'vitest';
import { idsFrom, newId } from '../../../src/ids.ts';

test('ids are 26 letters and digits, each another, also where the random bytes are fetched anew', () => {
  const ids = Array.from({ length: 2000 }, newId);
  for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(new Set(ids).size).toBe(2000);
});

test('they sort by the time at which they were made', () => {
  vi.useFakeTimers({ now: 1000 });
  try {
    const first = newId();
    vi.setSystemTime(1001);
    expect(newId() > first).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('every letter comes up', () => {
  const letters = new Set(Array.from({ length: 500 }, () => newId().slice(10)).join(''));
  expect(letters.size).toBe(32);
});

test('an id sorts behind the moments before it was made, and before those after', () => {
  const now = Date.now();
  const id = newId();
  expect(idsFrom(now) < id).toBe(true);
  expect(id < idsFrom(Date.now() + 1)).toBe(true);
  expect(idsFrom(now)).toHaveLength(id.length);
});
