import { expect, test } from 'vitest';
import { toSqlite } from '../../../src/store/dialect-sqlite.ts';

const bytes = new Uint8Array([1, 2]);

test.each([
  [undefined, null],
  [null, null],
  [true, 1],
  [false, 0],
  [0, 0],
  [1.5, 1.5],
  [9n, 9n],
  ['', ''],
  [bytes, bytes],
])('%s is bound as %s', (given, bound) => {
  expect(toSqlite(given)).toBe(bound);
});

test.each([[{}], [[]], [new Date(0)], [Number.NaN], [Number.POSITIVE_INFINITY], [Symbol('x')], [() => 1]])(
  '%s is refused before it reaches the driver',
  (given) => {
    expect(() => toSqlite(given)).toThrow(TypeError);
  },
);
