import { expect, it } from 'vitest';
import { oneByOne } from '../../../src/one-by-one.ts';

it('work runs in the order in which it was asked for, never two at once', async () => {
  const run = oneByOne();
  const seen: string[] = [];
  const work = (name: string, turns: number) =>
    run(async () => {
      seen.push(`${name} begins`);
      for (let n = 0; n < turns; n += 1) await Promise.resolve();
      seen.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([work('a', 9), work('b', 1), work('c', 0)])).toEqual(['a', 'b', 'c']);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

it('what fails is told to whoever asked, and what comes after it runs', async () => {
  const run = oneByOne();
  const failing = run(() => Promise.reject(new Error('the disk is full')));
  const next = run(async () => 'done');
  await expect(failing).rejects.toThrow('the disk is full');
  expect(await next).toBe('done');
});
