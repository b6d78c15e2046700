import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.close());

it('a caller who waits through many looks leaves nothing behind on its signal', async () => {
  for (const sim of [pair.m1, pair.m2]) await fault(sim, { kind: 'slow', function: '*', ms: 3000, times: 0 });
  const caller = new AbortController();
  const params = { name: 'gold' };
  const { id } = await pair.core.operations.accept({ action: 'package.add', params, actor: root, door: 'cli' });
  // Looks every 50 ms.
  await pair.core.operations.wait(id, 'final', 600, caller.signal);
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  for (const sim of [pair.m1, pair.m2]) await heal(sim);
});

it('a caller who goes away is not waited for', async () => {
  for (const sim of [pair.m1, pair.m2]) await fault(sim, { kind: 'slow', function: '*', ms: 3000, times: 0 });
  const caller = new AbortController();
  const params = { name: 'silver' };
  const { id } = await pair.core.operations.accept({ action: 'package.add', params, actor: root, door: 'cli' });
  const waiting = pair.core.operations.wait(id, 'final', 600_000, caller.signal);
  caller.abort();
  expect((await waiting).state).not.toBe('done');
  for (const sim of [pair.m1, pair.m2]) await heal(sim);
});
