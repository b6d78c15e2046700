import { expect, it } from 'vitest';
import { unchanged } from '../../../src/store/unchanged.ts';

function counted() {
  let reads = 0;
  return { read: async () => ++reads };
}

it('reads again when something was committed, when it is old, and each time where nobody can tell', async () => {
  let [stamp, now] = [1, 0];
  const kept = unchanged<number>({ stamp: () => stamp }, 100, () => now);
  const one = counted();
  expect([await kept.get('a', one.read), await kept.get('a', one.read)]).toEqual([1, 1]);
  stamp = 2;
  expect(await kept.get('a', one.read)).toBe(2);
  now = 100;
  expect(await kept.get('a', one.read)).toBe(3);
  const two = counted();
  const blind = unchanged<number>({}, 100, () => now);
  expect([await blind.get('a', two.read), await blind.get('a', two.read)]).toEqual([1, 2]);
});

it('a change during the read is met by the next', async () => {
  let stamp = 1;
  const kept = unchanged<number>({ stamp: () => stamp }, 100, () => 0);
  await kept.get('a', async () => {
    stamp = 2;
    return 1;
  });
  expect(await kept.get('a', async () => 2)).toBe(2);
});
