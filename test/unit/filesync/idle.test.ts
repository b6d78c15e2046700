import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { whenIdle } from '../../../src/filesync/idle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives memory back once behind each piece of work, also behind one between two looks, and not in the middle', () => {
  let [moved, idle, given] = [0, true, 0];
  const over = new AbortController();
  const look = (): number => {
    vi.advanceTimersByTime(15_000);
    return given;
  };
  whenIdle({ moved: () => moved, isIdle: () => idle, give: () => void given++ }, over.signal);
  expect([look(), look()]).toEqual([1, 1]);
  // What both sides say to each other while nothing happens is no work.
  for (let n = 0; n < 60; n++) {
    moved += 2000;
    expect(look()).toBe(1);
  }
  moved += 50_000_000;
  idle = false;
  expect(look()).toBe(1);
  idle = true;
  moved += 50_000_000;
  expect([look(), look(), look()]).toEqual([1, 2, 2]);
  over.abort();
  moved += 50_000_000;
  expect([look(), look()]).toEqual([2, 2]);
  expect(vi.getTimerCount()).toBe(0);
});
