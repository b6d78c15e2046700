import { describe, expect, it } from 'vitest';
import { openPool } from '../../../src/jobs/pool.ts';

describe('a pool', () => {
  it('runs the oldest legs first, whenever they came, and each once', async () => {
    const ran: string[] = [];
    const pool = openPool(async (leg) => {
      ran.push(leg);
      await new Promise((resolve) => setImmediate(resolve));
    });
    const runs = ['g', 'e', 'b', 'd', 'b', 'f', 'c'].map((leg) => pool.run(leg));
    expect([ran, pool.size, pool.has('d')]).toEqual([[], 6, true]);
    pool.resize(1, Number.POSITIVE_INFINITY);
    // Four legs for each slot.
    expect(ran).toEqual(['b', 'c', 'd', 'e']);
    runs.push(pool.run('a'));
    await Promise.all(runs);
    expect(ran).toEqual(['b', 'c', 'd', 'e', 'a', 'f', 'g']);
    expect(pool.size).toBe(0);
  });

  it('starts nothing once its slots have run out, or it closes', async () => {
    const ran: string[] = [];
    const pool = openPool(async (leg) => void ran.push(leg));
    pool.resize(1, performance.now() - 1);
    const dropped = pool.run('a');
    await pool.drain();
    await dropped;
    await pool.run('b');
    expect(ran).toEqual([]);
  });
});
