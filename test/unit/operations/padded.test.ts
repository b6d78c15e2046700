import { expect, test } from 'vitest';
import { padded } from '../../../src/operations/statements.ts';

test.each([
  [[], []],
  [['a'], ['a']],
  [
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'c'],
  ],
  [
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'c', 'd'],
  ],
])('%j has the same values as %j, in one of few lengths', (list, longer) => {
  expect(padded(list)).toEqual(longer);
});
