import { describe, expect, it } from 'vitest';
import { disagree, uidListOf } from '../../../src/filesync/uidlist.ts';

const list = (head: string, ...rows: string[]): Buffer => Buffer.from(`${[head, ...rows].join('\n')}\n`);
const head = '3 V100 N9 Gabc';

describe('lists of UIDs', () => {
  it('are read with and without extensions', () => {
    const { validity, names } = uidListOf(list(head, '7 W612 :a.M1.m1', '8 :b.M2.m1,S=5:2,S'));
    expect([validity, [...names]]).toEqual([
      '100',
      [
        ['7', 'a.M1.m1'],
        ['8', 'b.M2.m1,S=5'],
      ],
    ]);
  });
  it.each([
    ['the same', list(head, '7 :a', '8 :b'), false],
    ['more', list(head, '7 :a', '8 :b', '9 :c'), false],
    ['one expunged', list(head, '8 :b'), false],
    ['another message', list(head, '7 :c', '8 :b'), true],
    ['another mailbox', list('3 V101 N9 Gabc', '7 :a', '8 :b'), true],
  ])('%s', (_what, after, expected) => expect(disagree(list(head, '7 :a', '8 :b'), after)).toBe(expected));
});
