import { describe, expect, it } from 'vitest';
import { loop } from '../../../src/loop.ts';
import { fakeClock } from '../../support/clock.ts';
import { testLog } from '../../support/log.ts';

function started(
  turn: (signal: AbortSignal) => Promise<unknown>,
  more: { jitter?: number; random?: () => number } = {},
) {
  const clock = fakeClock();
  const stop = new AbortController();
  const { log, entries } = testLog();
  const running = loop({ name: 'sweep', everyMs: 1000, turn, signal: stop.signal, clock, log, ...more });
  return { clock, stop, entries, running };
}

describe('loop', () => {
  it('takes the first turn at once and then one per pause', async () => {
    let turns = 0;
    const { clock, stop, running } = started(async () => {
      turns += 1;
    });
    await clock.advance(0);
    expect(turns).toBe(1);
    await clock.advance(3000);
    expect(turns).toBe(4);
    stop.abort();
    await running.ended;
  });

  it('never takes two turns at once, however long one lasts', async () => {
    let [now, most] = [0, 0];
    const clockOf: { clock?: ReturnType<typeof fakeClock> } = {};
    const { clock, stop, running } = started(async () => {
      now += 1;
      most = Math.max(most, now);
      await clockOf.clock?.sleep(5000);
      now -= 1;
    });
    clockOf.clock = clock;
    for (let n = 0; n < 30; n += 1) {
      running.wake();
      await clock.advance(700);
    }
    expect(most).toBe(1);
    stop.abort();
    await clock.advance(5000);
    await running.ended;
  });

  it('ends the pause when it is woken, and a wake during a turn is not lost', async () => {
    let turns = 0;
    let release = (): void => undefined;
    const { clock, stop, running } = started(async () => {
      turns += 1;
      if (turns === 2) await new Promise<void>((resolve) => (release = resolve));
    });
    await clock.advance(0);
    running.wake();
    await clock.advance(0);
    expect(turns).toBe(2);
    running.wake();
    await clock.advance(0);
    expect(turns).toBe(2);
    release();
    await clock.advance(0);
    expect(turns).toBe(3);
    stop.abort();
    await running.ended;
  });

  it('logs a failed turn and goes on', async () => {
    let turns = 0;
    const { clock, stop, entries, running } = started(async () => {
      turns += 1;
      throw new Error('database away');
    });
    await clock.advance(1000);
    expect(turns).toBe(2);
    expect(entries[0]).toMatchObject({ loop: 'sweep', reason: 'database away', msg: 'turn failed' });
    stop.abort();
    await running.ended;
  });

  it('stops in the middle of a pause, and its turn is told', async () => {
    let seen: AbortSignal | undefined;
    const { clock, stop, running } = started(async (signal) => {
      seen = signal;
    });
    await clock.advance(0);
    stop.abort();
    await running.ended;
    expect(seen?.aborted).toBe(true);
    expect(clock.sleepers).toBe(0);
  });

  it.each([
    [0, 900],
    [0.5, 1000],
    [1, 1100],
  ])('spreads the pause: chance %d makes it %d ms', async (chance, pause) => {
    let turns = 0;
    const { clock, stop, running } = started(
      async () => {
        turns += 1;
      },
      { jitter: 0.1, random: () => chance },
    );
    await clock.advance(pause - 1);
    expect(turns).toBe(1);
    await clock.advance(2);
    expect(turns).toBe(2);
    stop.abort();
    await running.ended;
  });
});
