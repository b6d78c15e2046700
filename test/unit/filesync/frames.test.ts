import { expect, it } from 'vitest';
import { Filling } from '../../../src/filesync/frames.ts';

/** How many of these keys fit one frame, with so many bytes each. */
function fitting(keys: readonly string[], bytes: number): number {
  const filling = new Filling();
  for (const [n, key] of keys.entries()) {
    if (!filling.takes(key)) return n;
    filling.add(bytes);
  }
  return keys.length;
}

const inOne = Array.from({ length: 100 }, (_, n) => `home/bob/d/f${n}`);

it('a frame ends with a directory when that comes soon enough, and never grows much over what it may hold', () => {
  expect(fitting([...inOne.slice(0, 40), 'home/bob/e/f'], 10_000)).toBe(40);
  expect(fitting(inOne, 10_000)).toBe(72);
  expect(fitting(['home/bob/d/f', 'home/bob/e/f', 'home/bob/g/f'], 256 * 1024)).toBe(2);
});
