import { expect, test } from 'vitest';
import { openedOperations } from '../../../src/operations/opened.ts';
import type { Opened } from '../../../src/operations/record.ts';

/** Only its identity matters here. */
const one = (id: string) => ({ operation: { id }, params: {}, keys: [] }) as unknown as Opened;

test('what was opened is given once and then forgotten', () => {
  const opened = openedOperations();
  const a = one('a');
  opened.keep('a', a);
  expect(opened.take('a')).toBe(a);
  expect(opened.take('a')).toBeUndefined();
});

test('only the newest are kept, so that secrets do not pile up in memory', () => {
  const opened = openedOperations();
  for (let n = 0; n < 300; n += 1) opened.keep(`o${n}`, one(`o${n}`));
  expect(opened.take('o0')).toBeUndefined();
  expect(opened.take('o99')).toBeUndefined();
  expect(opened.take('o100')).toBeDefined();
  expect(opened.take('o299')).toBeDefined();
});
