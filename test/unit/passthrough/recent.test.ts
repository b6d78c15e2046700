import { describe, expect, it } from 'vitest';
import { openRecent } from '../../../src/routes/passthrough/recent.ts';
import { readAnswer } from '../../../src/whm/answer.ts';
import { whm } from '../../../src/whm/call.ts';
import type { Outcome } from '../../../src/whm/outcome.ts';

const call = whm('accountsummary', { user: 'bob' });

function answer(size = 10): Outcome {
  return readAnswer(call, 200, JSON.stringify({ data: { text: 'x'.repeat(size) }, metadata: { result: 1 } }));
}

function stage(stamp?: () => number) {
  let now = 1000;
  let asked = 0;
  const recent = openRecent(stamp === undefined ? {} : { stamp }, () => now);
  return {
    recent,
    pass: (ms: number) => {
      now += ms;
    },
    /** How many questions it took so far, after one more. */
    async beside(outcome: Outcome = answer(), of = call, master = 'm2') {
      const given = await recent.beside(master, of, async () => {
        asked += 1;
        return outcome;
      });
      return { asked, given };
    },
  };
}

describe('what a master beside the lead adds', () => {
  it('is asked for once while the journal is unchanged, and again after two seconds', async () => {
    const { beside, pass } = stage(() => 7);
    expect((await beside()).asked).toBe(1);
    pass(1999);
    expect((await beside()).asked).toBe(1);
    pass(1);
    expect((await beside()).asked).toBe(2);
  });

  it('is asked for again as soon as anything was committed', async () => {
    let stamp = 1;
    const { beside } = stage(() => stamp);
    await beside();
    stamp = 2;
    expect((await beside()).asked).toBe(2);
  });

  it('is asked for again when something is committed while it is being asked for', async () => {
    let stamp = 1;
    const { recent } = stage(() => stamp);
    await recent.beside('m2', call, async () => {
      stamp = 2;
      return answer();
    });
    let again = false;
    await recent.beside('m2', call, async () => {
      again = true;
      return answer();
    });
    expect(again).toBe(true);
  });

  it('is kept for half a second where the journal cannot tell', async () => {
    const { beside, pass } = stage();
    await beside();
    pass(499);
    expect((await beside()).asked).toBe(1);
    pass(1);
    expect((await beside()).asked).toBe(2);
  });

  it('is not kept when it proves nothing', async () => {
    const { beside } = stage(() => 7);
    await beside({ kind: 'not-sent', reason: 'refused' });
    expect((await beside()).asked).toBe(2);
  });

  it('belongs to one master and one call', async () => {
    const { beside } = stage(() => 7);
    await beside();
    expect((await beside(answer(), whm('accountsummary', { user: 'eve' }))).asked).toBe(2);
    expect((await beside(answer(), call, 'm3')).asked).toBe(3);
  });

  it('is one question for all who ask at the same moment', async () => {
    const { beside } = stage(() => 7);
    const both = await Promise.all([beside(), beside()]);
    expect(both.map(({ asked }) => asked)).toEqual([1, 1]);
  });

  it('is given at once when it is there, and as a promise before', async () => {
    const { recent } = stage(() => 7);
    const outcome = answer();
    const first = recent.beside('m2', call, async () => outcome);
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(recent.beside('m2', whm('accountsummary', { user: 'bob' }), async () => answer())).toBe(outcome);
  });

  it('is bounded: the oldest goes when the answers are too long together', async () => {
    const { beside } = stage(() => 7);
    const long = answer(9 * 1024 * 1024);
    await beside(long);
    await beside(long, whm('listaccts'));
    expect((await beside(long, whm('listaccts'))).asked).toBe(2);
    expect((await beside(long)).asked).toBe(3);
  });
});

describe('what was heard', () => {
  it('is remembered for the very same call only', () => {
    const { recent } = stage(() => 7);
    const first = recent.heard(call);
    expect(recent.heard(whm('accountsummary', { user: 'bob' }))).toBe(first);
    expect(recent.heard(whm('accountsummary', { user: 'eve' }))).not.toBe(first);
    expect(recent.heard(whm('accountsummary', { user: 'bob', x: '1' }))).not.toBe(first);
  });
});
