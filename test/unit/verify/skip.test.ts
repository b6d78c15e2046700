import { describe, expect, it } from 'vitest';
import { contract } from '../../../src/verify/contract.ts';
import type { Step } from '../../../src/verify/model.ts';
import { isAtLeast, type Situation, whySkipped } from '../../../src/verify/skip.ts';

const step: Step = { id: 'a.b', assumption: 'x.', kind: 'write', expect: {}, run: () => Promise.resolve({}) };
const full: Situation = { version: '11.134.0.20', readOnly: false, there: new Set(['account', 'other']), seats: 5 };

const cases: readonly (readonly [
  fact: string,
  step: Partial<Step>,
  situation: Partial<Situation>,
  why: string | undefined,
])[] = [
  ['a write is played', {}, {}, undefined],
  ['a write is not played when only reads were asked for', {}, { readOnly: true }, 'only reads were asked for'],
  ['a read is', { kind: 'read' }, { readOnly: true }, undefined],
  ['what is unsafe never is', { unsafe: 'it breaks' }, {}, 'not tried: it breaks'],
  ['what came later is not played', { since: '11.138' }, {}, 'only since 11.138'],
  ['what went is not played', { until: '11.134' }, {}, 'only before 11.134'],
  ['what came with this version is', { since: '11.134' }, {}, undefined],
  ['no account, no step for it', { needs: 'account' }, { there: new Set() }, 'the throw-away account is not there'],
  [
    'no second account, no step for it',
    { needs: 'other' },
    { there: new Set(['account']) },
    'there is no second account',
  ],
  [
    'a second account needs a second seat',
    { id: 'accounts.other' },
    { seats: 1 },
    'the licence has no seat for a second account',
  ],
  [
    'a second account needs the first',
    { id: 'accounts.other', needs: 'other' },
    { there: new Set() },
    'the throw-away account is not there',
  ],
  ['a second account is made', { id: 'accounts.other', needs: 'other' }, { there: new Set(['account']) }, undefined],
];

describe('steps that are not played', () => {
  it.each(cases)('%s', (_fact, own, situation, why) => {
    expect(whySkipped({ ...step, ...own }, { ...full, ...situation })).toBe(why);
  });

  it('with reads only nothing that writes is left', () => {
    const played = contract.filter((one) => whySkipped(one, { ...full, readOnly: true }) === undefined);
    expect(played.filter((one) => one.kind === 'write')).toEqual([]);
    expect(played.length).toBeGreaterThan(40);
  });

  it.each([
    ['11.134.0.20', '11.134', true],
    ['11.134.0.20', '11.138', false],
    ['11.138.0.1', '11.134.0.20', true],
    ['11.9', '11.10', false],
    ['', '11.134', false],
  ])('%s is at least %s: %s', (version, wanted, is) => {
    expect(isAtLeast(version, wanted)).toBe(is);
  });
});
