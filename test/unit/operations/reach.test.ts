import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { openReach, type Reach } from '../../../src/operations/reach.ts';
import type { Outcome } from '../../../src/whm/outcome.ts';

const done: Outcome = { kind: 'done', data: null, reason: '', warnings: [], body: null };
const busy: Outcome = { kind: 'busy', reason: 'locked' };
const log = pino({ level: 'silent' });
const REST = { first: 100, most: 300 };
let now = 0;
let answer: Outcome = done;
let asked = 0;
let reach: Reach;
beforeEach(() => {
  [now, answer, asked] = [0, done, 0];
  const call = async () => {
    asked += 1;
    return answer;
  };
  reach = openReach({ clients: new Map([['m1', { call }]]), log }, () => now, REST);
});

function fallIll(): void {
  for (const account of ['a', 'b', 'c']) reach.note('m1', account, busy);
}

describe('the breaker', () => {
  it('opens when calls of three different accounts are in trouble, not when one account is', () => {
    for (let i = 0; i < 10; i += 1) reach.note('m1', 'a', busy);
    expect(reach.of('m1').state).toBe('reachable');
    fallIll();
    expect(reach.of('m1').state).toBe('unreachable');
  });

  it('leaves a sick master alone for a while, longer each time, though it answers questions', async () => {
    for (const rest of [100, 200, 300, 300]) {
      fallIll();
      now += rest - 1;
      await reach.probe('m1');
      expect(reach.of('m1').state).toBe('unreachable');
      now += 1;
      await reach.probe('m1');
      expect(reach.of('m1').state).toBe('reachable');
    }
  });

  it('asks a master on which nothing happens, so that its end is seen before work meets it', async () => {
    now += 10_000;
    await reach.probe('m1');
    expect(asked).toBe(0);
    reach.note('m1', 'a', done);
    now += 10_000;
    await reach.probe('m1');
    expect(asked).toBe(0);
    answer = { kind: 'not-sent', reason: 'refused' };
    now += 1;
    await reach.probe('m1');
    expect(reach.of('m1').state).toBe('unreachable');
  });

  it('takes a master for well again after a row of good calls', async () => {
    fallIll();
    now += 100;
    await reach.probe('m1');
    reach.note('m1', 'a', busy);
    for (let i = 0; i < 10; i += 1) reach.note('m1', 'a', done);
    fallIll();
    now += 100;
    await reach.probe('m1');
    expect(reach.of('m1').state).toBe('reachable');
  });

  it('finds out by one question whether a refused connection means that the master is away', async () => {
    answer = { kind: 'not-sent', reason: 'refused' };
    reach.note('m1', 'a', answer);
    reach.note('m1', 'b', answer);
    await Promise.resolve();
    expect(asked).toBe(1);
  });

  it('never asks a master that does not let us in, until a person says so', async () => {
    reach.note('m1', 'a', { kind: 'denied', reason: '403' });
    await reach.probe('m1');
    expect([reach.of('m1').state, asked]).toEqual(['parked', 0]);
    reach.resume('m1');
    expect(reach.of('m1').state).toBe('reachable');
  });
});
