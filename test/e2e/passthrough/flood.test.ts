/** Many reads of a program at a time: people and operations do not wait behind them. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { whm } from '../../../src/whm/call.ts';
import { fault } from '../../support/pair.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it('two hundred reads that a master does not answer hold up neither a page’s read nor an operation', async () => {
  const { pair } = stage;
  for (const sim of [pair.m1, pair.m2])
    await fault(sim, { function: 'accountsummary', kind: 'slow', ms: 45_000, times: 400 });
  let answered = 0;
  for (let n = 0; n < 200; n += 1)
    void stage.whm('/json-api/accountsummary?api.version=1&user=bob').then(
      () => {
        answered += 1;
      },
      // Cut off when the stage closes.
      () => undefined,
    );
  // Ten at a time may go to a master: by now more have come than that.
  await delay(3000);
  const page = pair.core.reads.call(whm('listpkgs')).then(({ outcome }) => outcome.kind);
  expect(await Promise.race([page, delay(20_000, 'waits behind the reads')])).toBe('done');
  await stage.perform('package.add', { name: 'silver', quotaMb: 500 });
  expect(answered).toBe(0);
});
