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
  guess.answered(false);
  expect([guess.isSure, guess.next()]).toEqual([false, false]);
});
