import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Unhurried } from '../../../src/filesync/unhurried.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How often the work was done. */
function working(now: () => number = Date.now) {
  const done = { times: 0 };
  const work = new Unhurried(() => {
    done.times += 1;
  }, now);
  return { done, work };
}

it('begins at once after a pause, and then does for all what came in a row', () => {
  const { done, work } = working();
  work.came(1);
  expect(done.times).toBe(1);
  for (let n = 0; n < 5; n++) {
    work.came(1);
    vi.advanceTimersByTime(10);
  }
  expect(done.times).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(done.times).toBe(2);
  work.came(1);
  expect(done.times).toBe(3);
});

it('does not wait where much has come, nor for a clock that was set back', () => {
  let ahead = 0;
  const { done, work } = working(() => Date.now() + ahead);
  work.came(1);
  work.came(20_000);
  expect(done.times).toBe(1);
  work.came(20_000);
  expect([done.times, vi.getTimerCount()]).toEqual([2, 0]);
  ahead = -3_600_000;
  work.came(1);
  expect(done.times).toBe(3);
});

it('does nothing more once it is stopped', () => {
  const { done, work } = working();
  work.came(1);
  work.came(1);
  work.stop();
  vi.advanceTimersByTime(1000);
  expect([done.times, vi.getTimerCount()]).toEqual([1, 0]);
});
