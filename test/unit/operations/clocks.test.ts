import { expect, test } from 'vitest';
import { isNew } from '../../../src/operations/clocks.ts';

const keys = [
  { name: 'account:bob', exclusive: true },
  { name: 'server', exclusive: false },
];
/** Those keys as they stand; the account as its last operation left it, or as nothing ever touched it. */
const clocks = (account?: { readonly seq: number; readonly asked: string | null }) => {
  const server = { seq: 9, asked: '9 something-else' };
  return {
    seq: 10,
    before: new Map([['server', server], ...(account === undefined ? [] : [['account:bob', account] as const])]),
  };
};
const fingerprint = 'abcdefghijklmnopqrstuvwxyz';

test('a request is new when nothing ever touched what it wants for itself, or something else did so last', () => {
  expect(isNew(clocks(), keys, fingerprint)).toBe(true);
  expect(isNew(clocks({ seq: 7, asked: '7 zyxwvutsrqpo' }), keys, fingerprint)).toBe(true);
});

test('an equal one is looked for when it may be there', () => {
  expect(isNew(clocks({ seq: 7, asked: '7 abcdefghijkl' }), keys, fingerprint)).toBe(false);
});

test('what an older Tandem wrote says nothing: no mark, or that of an operation before', () => {
  expect(isNew(clocks({ seq: 7, asked: null }), keys, fingerprint)).toBe(false);
  expect(isNew(clocks({ seq: 7, asked: '6 zyxwvutsrqpo' }), keys, fingerprint)).toBe(false);
});

test('what is only shared says nothing, for an equal one is not overtaken there', () => {
  const shared = [{ name: 'package:gold', exclusive: false }, ...keys.slice(1)];
  expect(isNew(clocks(), shared, fingerprint)).toBe(false);
});
