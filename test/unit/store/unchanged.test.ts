import { expect, it } from 'vitest';
import { unchanged } from '../../../src/store/unchanged.ts';

function counted() {
  let reads = 0;
  return { read: async () => ++reads };
}

it('reads again when something was committed, when it is old, and each time where nobody can tell', async () => {
  let [stamp, now] = [1, 0];
  const kept = unchanged<number>({ stamp: () => stamp }, { mostMs: 100, now: () => now });
  const one = counted();
  expect([await kept.get('a', one.read), await kept.get('a', one.read)]).toEqual([1, 1]);
  stamp = 2;
  expect(await kept.get('a', one.read)).toBe(2);
  now = 100;
  expect(await kept.get('a', one.read)).toBe(3);
  const two = counted();
  const blind = unchanged<number>({}, { mostMs: 100, now: () => now });
  expect([await blind.get('a', two.read), await blind.get('a', two.read)]).toEqual([1, 2]);
});

it('a change during the read is met by the next', async () => {
  let stamp = 1;
  const kept = unchanged<number>({ stamp: () => stamp }, { mostMs: 100, now: () => 0 });
  await kept.get('a', async () => {
    stamp = 2;
    return 1;
  });
  expect(await kept.get('a', async () => 2)).toBe(2);
});

it('a journal that cannot tell is believed for a moment, and not past a change of our own', async () => {
  let now = 0;
  const kept = unchanged<number>({}, { mostMs: 10_000, blindMs: 500, now: () => now });
  const one = counted();
  const get = () => kept.get('a', one.read);
  expect([await get(), await get()]).toEqual([1, 1]);
  kept.forget();
  expect(await get()).toBe(2);
  now = 499;
  expect(await get()).toBe(2);
  now = 500;
  expect(await get()).toBe(3);
});

it('what was read while something was forgotten is not kept', async () => {
  const kept = unchanged<string>({ stamp: () => 1 }, { mostMs: 100, blindMs: 500, now: () => 0 });
  const early = kept.get('a', async () => {
    kept.forget();
    return 'before the change';
  });
  expect(await early).toBe('before the change');
  expect(await kept.get('a', async () => 'after it')).toBe('after it');
});
