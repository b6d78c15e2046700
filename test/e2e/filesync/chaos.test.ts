import { describe, expect, it, vi } from 'vitest';
import { chanceOf, seeds } from '../../support/chaos.ts';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';
import { Chaos, treeOf } from '../../support/filesync-chaos.ts';

const lacking = noFileSync();
/** On a busy machine the kernel’s word of a change may come a little later than the end of all messages. */
const settling = { timeout: 10_000, interval: 200 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Something that no operator would do on purpose. */
async function trouble(pair: FilePair, random: (below: number) => number): Promise<void> {
  const side = random(2) === 0 ? 1 : 2;
  switch (random(3)) {
    case 0:
      pair.line.cut();
      await pause(random(400));
      return;
    case 1:
      pair.line.mend();
      return;
    default:
      await pair.kill(side);
      await pause(random(200));
      await pair.start(side);
  }
}

async function history(pair: FilePair, seed: number): Promise<Chaos> {
  const random = chanceOf(seed).int;
  const chaos = new Chaos(pair, random);
  for (let round = 0; round < 6; round++) {
    for (let deed = 0; deed < 60; deed++) {
      chaos.act(random(2) === 0 ? 0 : 1);
      if (random(4) === 0) await pause(random(30));
    }
    if (random(2) === 0) await trouble(pair, random);
  }
  pair.line.mend();
  return chaos;
}

describe.skipIf(lacking !== undefined)('any history of changes, cuts and kills', () => {
  it.each(seeds(2))(
    'ends with equal trees, loses nothing, and what is removed stays so (seed %i)',
    { timeout: 180_000 },
    async (seed) => {
      const pair = await filePair({ roundTripMs: 20 });
      try {
        await pair.start(2);
        await pair.start(1);
        const chaos = await history(pair, seed);
        await pair.quiet(90_000);
        await vi.waitFor(
          () => expect(treeOf(pair.home[0]), pair.log(1) + pair.log(2)).toEqual(treeOf(pair.home[1])),
          settling,
        );
        expect(chaos.lost()).toEqual([]);
        expect(chaos.written.size).toBeGreaterThan(5);
        await chaos.removeAll(pause);
        await pair.quiet(90_000);
        await vi.waitFor(
          () =>
            expect(
              pair.home.map((home) => [...treeOf(home).keys()]),
              pair.log(1) + pair.log(2),
            ).toEqual([[], []]),
          settling,
        );
      } finally {
        await pair.close();
      }
    },
  );
});
