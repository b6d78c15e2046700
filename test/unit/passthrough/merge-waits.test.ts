import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mastersOf } from '../../../src/masters.ts';
import { merged } from '../../../src/routes/passthrough/merge.ts';
import { openRecent } from '../../../src/routes/passthrough/recent.ts';
import { readAnswer } from '../../../src/whm/answer.ts';
import { whm } from '../../../src/whm/call.ts';
import type { Outcome } from '../../../src/whm/outcome.ts';
import { fakeOperations } from '../../support/fake-operations.ts';

const call = whm('accountsummary', { user: 'bob' });
const root = { kind: 'system', name: 'test', scope: 'all' } as const;

function answer(diskused: string): Outcome {
  const data = { acct: [{ user: 'bob', diskused, suspended: 0 }] };
  return readAnswer(call, 200, JSON.stringify({ data, metadata: { result: 1 } }));
}

/** Two masters; the second answers after so many milliseconds. */
function stage(otherMs: number) {
  const masters = mastersOf(
    ['m1', 'm2'].map((id) => ({ id, name: id, site: id, hostname: `${id}.example`, address: '192.0.2.1' })),
    [],
  );
  const { reads } = fakeOperations(masters.list, Date.now);
  const recent = openRecent({ stamp: () => 1 }, Date.now);
  const later = () => new Promise<Outcome>((resolve) => setTimeout(() => resolve(answer('20M')), otherMs));
  const on = (master: string) => (master === 'm1' ? Promise.resolve(answer('10M')) : later());
  return async () => {
    const { data } = await merged({ reads, recent, on }, root, call, 'bob').then((given) =>
      given.ok ? given : { data: given.reason },
    );
    return data;
  };
}

const fuller = { acct: [{ user: 'bob', diskused: '20M', suspended: 0 }] };
const own = { acct: [{ user: 'bob', diskused: '10M', suspended: 0 }] };

/** Sets a timer and takes it off again; answers its number. */
function numberOfNext(): number {
  const timer = setTimeout(() => undefined, 0);
  clearTimeout(timer);
  return Number(timer);
}

describe('a merge that waits for the other master', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('leaves no timer behind when all have answered in time', async () => {
    const asking = stage(30)();
    await vi.advanceTimersByTimeAsync(29);
    // That of the other master, and that of waiting for it.
    expect(vi.getTimerCount()).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await asking).toEqual(fuller);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sets none where the answer is there already', async () => {
    const ask = stage(30);
    const first = ask();
    await vi.advanceTimersByTimeAsync(30);
    await first;
    // The timer's number grows with each that is set, also with those that were cleared.
    const before = numberOfNext();
    expect(await ask()).toEqual(fuller);
    expect(numberOfNext()).toBe(before + 1);
  });

  it("gives the lead's own after five seconds, and leaves no timer behind then either", async () => {
    const asking = stage(60_000)();
    await vi.advanceTimersByTimeAsync(4999);
    expect(vi.getTimerCount()).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await asking).toEqual(own);
    // The other master's alone.
    expect(vi.getTimerCount()).toBe(1);
  });
});
