import { describe, expect, it } from 'vitest';
import type { Heard } from '../../../src/failover/publish/ask.ts';
import { judgeKeys } from '../../../src/failover/publish/signatures.ts';

const keys = (...values: string[]): Heard => ({ kind: 'values', values });
const none: Heard = { kind: 'refused', code: 'EMPTY' };
const silent: Heard = { kind: 'silent', why: 'no answer' };
const cut: Heard = { kind: 'refused', code: 'TRUNCATED' };

describe('the keys that name servers sign with', () => {
  it.each([
    ['nobody signs', [none, none], undefined, undefined],
    ['nobody says', [silent, cut], undefined, undefined],
    [
      'the same keys in another order',
      [keys('257 13 a', '256 13 b'), keys('256 13 b', '257 13 a')],
      true,
      'the same keys',
    ],
    ['one is silent', [keys('257 13 a'), silent], true, 'the same keys'],
    ['one does not sign', [keys('257 13 a'), none], false, 'not by s4'],
    ['other keys', [keys('257 13 a'), keys('257 13 b')], false, 's3 and s4 sign it with different keys'],
  ] as const)('%s', (_, heard, isSound, words) => {
    const judged = judgeKeys(
      'a.example',
      heard.map((one, at) => ({ server: `s${at + 3}`, heard: one })),
    );
    expect(judged?.isSound).toBe(isSound);
    if (words !== undefined) expect(judged?.report.message).toContain(words);
  });
});
