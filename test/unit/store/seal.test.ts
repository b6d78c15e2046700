import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SealBroken, sealerOf } from '../../../src/store/seal.ts';

const one = sealerOf(Buffer.alloc(32, 1));
const other = sealerOf(Buffer.alloc(32, 2));

/** The same text with one bit of one byte turned. */
function damaged(sealed: string, at: number): string {
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  const index = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
  return `v1.${bytes.toString('base64url')}`;
}

describe('sealing', () => {
  test('what is sealed can be opened with its key, also when that went through the journal', () => {
    const { key, sealed } = one.createDataKey();
    const text = one.sealWith(key, 'pä$$ wörd');
    expect(one.openWith(key, text)).toBe('pä$$ wörd');
    expect(one.openWith(one.openDataKey(sealed), text)).toBe('pä$$ wörd');
  });

  test('an empty text can be sealed', () => {
    const { key } = one.createDataKey();
    expect(one.openWith(key, one.sealWith(key, ''))).toBe('');
  });

  test('sealing twice gives different texts, and neither holds the plain one', () => {
    const { key } = one.createDataKey();
    const [a, b] = [one.sealWith(key, 'secret'), one.sealWith(key, 'secret')];
    expect(a).not.toBe(b);
    expect(Buffer.from(a.slice(3), 'base64url').includes('secret')).toBe(false);
  });

  test.each([0, 12, -1])('a bit turned at byte %i is noticed', (at) => {
    const { key } = one.createDataKey();
    expect(() => one.openWith(key, damaged(one.sealWith(key, 'secret'), at))).toThrow(SealBroken);
  });

  test.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', 'plain'])('%j is not a sealed text', (text) => {
    expect(() => one.openWith(one.createDataKey().key, text)).toThrow(SealBroken);
  });

  test('another key opens nothing', () => {
    const { key, sealed } = one.createDataKey();
    expect(() => one.openWith(one.createDataKey().key, one.sealWith(key, 'x'))).toThrow(SealBroken);
    expect(() => other.openDataKey(sealed)).toThrow(SealBroken);
  });

  test('a sealed text is not taken for a data key', () => {
    const inner = one.createDataKey();
    const text = one.sealWith(inner.key, 'a'.repeat(32));
    expect(() => one.openDataKey(text)).toThrow(SealBroken);
  });

  test('a data key does not show itself', () => {
    const { key } = one.createDataKey();
    const bytes = key.export().toString('hex');
    expect(inspect(key) + JSON.stringify({ key })).not.toContain(bytes);
  });

  test('errors say nothing of the text', () => {
    const { key } = one.createDataKey();
    const sealed = one.sealWith(key, 'hunter2');
    try {
      other.openWith(other.createDataKey().key, sealed);
      expect.unreachable();
    } catch (error) {
      expect(inspect(error)).not.toContain('hunter2');
      expect(inspect(error)).not.toContain(sealed.slice(3));
    }
  });

  test('a key of another length is refused', () => {
    expect(() => sealerOf(Buffer.alloc(16))).toThrow(RangeError);
  });
});

describe('fingerprints', () => {
  test('are equal for equal texts and one key file, else different', () => {
    expect(one.hmac('a')).toBe(one.hmac('a'));
    expect(one.hmac('a')).not.toBe(one.hmac('b'));
    expect(one.hmac('a')).not.toBe(other.hmac('a'));
  });
});
