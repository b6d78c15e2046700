import { describe, expect, it } from 'vitest';
import { canonical } from '../../../src/operations/idempotency.ts';
import { allKeys } from '../../../src/operations/order.ts';

describe('canonical', () => {
  it.each([
    [
      { b: 1, a: 2 },
      { a: 2, b: 1 },
    ],
    [{ a: { d: 1, c: [1, 2] } }, { a: { c: [1, 2], d: 1 } }],
  ])('is the same whatever the order of names: %j', (one, other) => {
    expect(canonical(one)).toBe(canonical(other));
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, {}],
    [{ a: 'x","b":"y' }, { a: 'x', b: 'y' }],
  ])('tells different things apart: %j', (one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });
});

describe('the keys of an operation', () => {
  it('are sorted, each once, the stronger wish wins, and all share the server', () => {
    expect(
      allKeys([
        { name: 'package:b', exclusive: false },
        { name: 'account:a', exclusive: false },
        { name: 'account:a', exclusive: true },
      ]),
    ).toEqual([
      { name: 'account:a', exclusive: true },
      { name: 'package:b', exclusive: false },
      { name: 'server', exclusive: false },
    ]);
  });

  it('hold the server alone when the action says so', () => {
    expect(allKeys([{ name: 'server', exclusive: true }])).toEqual([{ name: 'server', exclusive: true }]);
  });
});
