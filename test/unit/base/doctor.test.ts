import { describe, expect, it } from 'vitest';
import { mastersOf } from '../../../src/masters.ts';
import {
  counted,
  judgeAddresses,
  judgeClock,
  judgeDrift,
  judgeExpiry,
  judgeUids,
} from '../../../src/roles/doctor-judge.ts';

const now = Date.UTC(2026, 0, 1);
const day = 86_400_000;

describe('a certificate', () => {
  it.each([
    [400, 'ok', 'M1 is good for 400 more days'],
    [21, 'ok', 'M1 is good for 21 more days'],
    [20, 'warning', 'M1 is good for 20 more days'],
    [1, 'warning', 'M1 is good for 1 more day, until 2026-01-02.'],
    [-1, 'failed', 'M1 ended on 2025-12-31.'],
  ])('with %i days left is %s', (days, state, sentence) => {
    const check = judgeExpiry('c', 'M1', now + days * day, now);
    expect(check.state).toBe(state);
    expect(check.sentence).toContain(sentence);
    expect(check.hint !== undefined).toBe(state !== 'ok');
  });
});

describe('the clock of a master', () => {
  it.each([
    [0, 'ok', 'less than a second'],
    [-3000, 'ok', '3 seconds'],
    [-6000, 'warning', '6 seconds'],
    [60_000, 'warning', '60 seconds'],
  ])('that is %i ms off is %s', (off, state, words) => {
    const check = judgeClock('c', 'M1', now + off, now, now);
    expect(check).toMatchObject({ state });
    expect(check.sentence).toContain(words);
  });

  it('is not blamed for the time that the answer took', () => {
    expect(judgeClock('c', 'M1', now + 8000, now, now + 9000).state).toBe('ok');
  });
});

const masters = mastersOf(
  [
    { id: 'm1', name: 'M1', site: 'a', hostname: 'a', address: '192.0.2.1' },
    { id: 'm2', name: 'M2', site: 'b', hostname: 'b', address: '198.51.100.1' },
  ],
  [{ use: 'dedicated', addresses: { m1: '192.0.2.9', m2: '198.51.100.9' } }],
);
const at = (...all: string[]) => all.map((ip) => ({ ip, publicIp: ip }));

describe('the addresses of a master', () => {
  it.each([
    ['m1', at('192.0.2.1', '192.0.2.9'), 'ok', 'M1 has 2 addresses, with'],
    ['m2', at('198.51.100.1', '198.51.100.9'), 'ok', 'M2'],
    ['m1', [{ ip: '10.0.0.1', publicIp: '192.0.2.1' }, ...at('192.0.2.9')], 'ok', 'M1'],
    ['m1', at('192.0.2.1', '192.0.2.9', '192.0.2.10'), 'warning', 'M1 has 192.0.2.10, which no address pair names.'],
    ['m2', at('198.51.100.1'), 'failed', 'gives M2 198.51.100.9, which M2 does not have'],
    ['m1', at('198.51.100.1', '198.51.100.9'), 'failed', 'gives M1 192.0.2.1, 192.0.2.9, which'],
  ])('%s %j is %s', (id, addresses, state, sentence) => {
    const check = judgeAddresses('c', id, masters, addresses);
    expect(check.state).toBe(state);
    expect(check.sentence).toContain(sentence);
  });
});

describe('the reserved uids', () => {
  const range = { from: 20_000, to: 29_999 };
  it.each([
    [[], range, 'ok', 'from 20000 on'],
    [[{ user: 'bob', uid: 1001 }], range, 'ok', 'from 20000 on'],
    [[{ user: 'bob', uid: 20_000 }], { ...range, last: 20_000 }, 'ok', 'from 20001 on'],
    [[{ user: 'eve', uid: 20_001 }], { ...range, last: 20_000 }, 'failed', 'eve (20001)'],
    [[{ user: 'eve', uid: 20_000 }], range, 'failed', 'eve (20000)'],
    [[{ user: 'eve', uid: 30_000 }], range, 'ok', 'free'],
    [[], { ...range, last: 29_950 }, 'warning', 'Only 49 numbers'],
    [[], { ...range, last: 29_999 }, 'warning', 'Only 0 numbers'],
  ])('%j in %j are %s', (accounts, known, state, sentence) => {
    const check = judgeUids('c', 'M1', accounts, known);
    expect(check.state).toBe(state);
    expect(check.sentence).toContain(sentence);
  });

  it('names a few of many', () => {
    const accounts = Array.from({ length: 8 }, (_, n) => ({ user: `u${n}`, uid: 20_100 + n }));
    expect(judgeUids('c', 'M1', accounts, range).sentence).toMatch(/u4 \(20104\) and 3 more\.$/);
  });
});

it('differences are told in their own words', () => {
  expect(judgeDrift([]).state).toBe('ok');
  expect(judgeDrift(['M2 bob: mailbox x is not there'])).toMatchObject({
    state: 'warning',
    sentence: '1 difference between the masters: M2 bob: mailbox x is not there.',
  });
});

it('one is one and two are many', () => {
  expect([counted(1, 'worker lives', 'workers live'), counted(2, 'worker lives', 'workers live')]).toEqual([
    '1 worker lives',
    '2 workers live',
  ]);
});
