import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Apart, startApart } from './apart.ts';
import { byHand, runHistory } from './histories.ts';

/** The same every day; a thorough run takes as many as it is told, from another one on. */
const first = Number(process.env['TANDEM_TEST_BASE'] ?? 1);
const seeds = Array.from({ length: Math.max(12, Number(process.env['TANDEM_TEST_SEEDS'] ?? 2)) }, (_, n) => n + first);

describe('whatever both masters did during a cut', () => {
  let apart: Apart;
  beforeAll(async () => {
    apart = await startApart();
  });
  afterAll(() => apart.pair.stop());

  it.each(seeds)('history %i: both end the same, and nothing is lost but the rows that lost', (seed) =>
    runHistory(apart, seed, byHand(apart)),
  );
});
