import { expect, it } from 'vitest';
import { Guess } from '../../../src/filesync/guess.ts';

it('content goes with an offer when one after another was wanted, one of sixteen asks, and what is not wanted ends it', () => {
  const guess = new Guess();
  expect(guess.next()).toBe(false);
  for (let n = 0; n < 63; n++) guess.answered(true);
  expect([guess.isSure, guess.next()]).toEqual([false, false]);
  guess.answered(true);
  const next = Array.from({ length: 32 }, () => guess.next());
  expect([guess.isSure, next.filter((sends) => !sends).length]).toEqual([true, 2]);
  for (let n = 0; n < 2000; n++) guess.answered(true);
  const later = Array.from({ length: 512 }, () => guess.next());
  expect(later.filter((sends) => !sends).length).toBe(2);
  guess.answered(false);
  expect([guess.isSure, guess.next()]).toEqual([false, false]);
});

it('few offers go before there is an answer, and all that fit as soon as it is sure', () => {
  const guess = new Guess();
  expect(guess.window(true)).toBe(256);
  for (let n = 0; n < 4000; n++) guess.answered(false);
  expect(guess.window(true)).toBe(8000);
  const other = new Guess();
  expect(other.window(false)).toBe(8000);
  for (let n = 0; n < 64; n++) other.answered(true);
  expect(other.window(true)).toBe(8000);
});
