import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { slotsOf } from '../../../src/whm/slots.ts';

describe('slots', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are granted at once while some are free', () => {
    const slots = slotsOf(2);
    expect([slots.take(10), slots.take(10)]).toEqual([true, true]);
  });

  it('are handed on in the order of waiting', async () => {
    const slots = slotsOf(1);
    expect(slots.take(10)).toBe(true);
    const order: number[] = [];
    const waiters = [1, 2, 3].map(async (n) => {
      if (await slots.take(10)) order.push(n);
    });
    for (let i = 0; i < 3; i += 1) slots.give();
    await Promise.all(waiters);
    expect(order).toEqual([1, 2, 3]);
  });

  it('go to the patient last, who leave some free for others', async () => {
    const slots = slotsOf(8);
    const flood = Array.from({ length: 20 }, () => slots.take(1000, undefined, true));
    expect(flood.filter((one) => one === true)).toHaveLength(6);
    expect([slots.take(1000), slots.take(1000)]).toEqual([true, true]);
    const order: string[] = [];
    void Promise.resolve(flood[6]).then(() => order.push('patient'));
    const hurried = Promise.resolve(slots.take(1000)).then(() => order.push('hurried'));
    slots.give();
    await hurried;
    expect(order).toEqual(['hurried']);
    // Two are given back to those who are in a hurry before the next patient one comes.
    slots.give();
    slots.give();
    await Promise.resolve();
    expect(order).toEqual(['hurried']);
    slots.give();
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual(['hurried', 'patient']);
    expect([slots.take(1000), slots.take(1000)]).toEqual([true, true]);
    expect(slots.take(1000)).not.toBe(true);
    void slots.close();
  });

  it('serve the patient all, one after the other, when nobody else comes', async () => {
    const slots = slotsOf(8);
    let served = 0;
    const flood = Array.from({ length: 50 }, async () => {
      if (!(await slots.take(1000, undefined, true))) return;
      served += 1;
      await Promise.resolve();
      slots.give();
    });
    await Promise.all(flood);
    expect(served).toBe(50);
    expect(Array.from({ length: 8 }, () => slots.take(1000))).toEqual(Array(8).fill(true));
  });

  it('are refused when the time is over, and then not kept', async () => {
    const slots = slotsOf(1);
    expect(slots.take(10)).toBe(true);
    const waiter = slots.take(10);
    vi.advanceTimersByTime(10);
    expect(await waiter).toBe(false);
    slots.give();
    expect(slots.take(10)).toBe(true);
    expect(slots.take(10)).not.toBe(true);
  });

  it('are refused to a caller who stops, and leave no timer behind', async () => {
    const slots = slotsOf(1);
    expect(slots.take(10)).toBe(true);
    const stop = new AbortController();
    const waiter = slots.take(10, stop.signal);
    stop.abort();
    expect(await waiter).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are refused to everybody once closed', async () => {
    const slots = slotsOf(1);
    expect(slots.take(10)).toBe(true);
    const waiter = slots.take(10);
    void slots.close();
    expect(await waiter).toBe(false);
    slots.give();
    expect(await slots.take(10)).toBe(false);
  });

  it('are closed when the last one was given back', async () => {
    const slots = slotsOf(2);
    expect([slots.take(10), slots.take(10)]).toEqual([true, true]);
    const told: string[] = [];
    const closing = [slots.close(), slots.close()].map((one) => one.then(() => told.push('closed')));
    slots.give();
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual([]);
    slots.give();
    await Promise.all(closing);
    await slotsOf(1).close();
  });
});
