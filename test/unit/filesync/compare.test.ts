import { describe, expect, it } from 'vitest';
import { type DirectoryDigest, differing, mostDigests, toldIn } from '../../../src/filesync/compare.ts';
import { untilMinute } from '../../../src/filesync/nightly.ts';

const many = (from: number, to: number): DirectoryDigest[] =>
  Array.from({ length: to - from }, (_, n) => [`home/d${String(from + n).padStart(6, '0')}`, 'x']);
const differ = (mine: readonly DirectoryDigest[], theirs: readonly DirectoryDigest[]): readonly string[] =>
  toldIn(theirs).flatMap((told) => differing(mine, told));

describe('two sides compared by digests of directories', () => {
  it.each<[string, readonly DirectoryDigest[], readonly DirectoryDigest[], readonly string[]]>([
    ['nothing and nothing', [], [], []],
    ['the same', many(0, 2500), many(0, 2500), []],
    ['one directory only here', many(0, 3), many(0, 2), ['home/d000002']],
    ['one directory only there', many(0, 2), many(0, 3), ['home/d000002']],
    ['nothing there', many(0, 2), [], ['home/d000000', 'home/d000001']],
    ['another digest', [['home/a', 'x']], [['home/a', 'y']], ['home/a']],
    ['what is still to be sent', [['home/a', 'x']], [['home/a', 'pending']], []],
    [
      'one only here, between two messages',
      many(0, mostDigests + 5),
      many(0, mostDigests + 6).filter((_, n) => n !== mostDigests),
      [`home/d${String(mostDigests).padStart(6, '0')}`, `home/d${String(mostDigests + 5).padStart(6, '0')}`],
    ],
  ])('%s', (_, mine, theirs, found) => {
    expect([...differ(mine, theirs)].sort()).toEqual([...found].sort());
    expect([...differ(theirs, mine)].sort()).toEqual([...found].sort());
  });

  it('the night comes once a day', () => {
    const at = new Date(2026, 4, 5, 3, 0);
    expect(untilMinute(at, 3 * 60 + 10)).toBe(600_000);
    expect(untilMinute(new Date(2026, 4, 5, 3, 10), 3 * 60 + 10)).toBe(86_400_000);
  });
});
