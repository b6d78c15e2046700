import { describe, expect, it } from 'vitest';
import { chooseLead } from '../../../src/operations/plan-legs.ts';

type State = 'reachable' | 'unreachable' | 'parked';
const known = (m1: State, m2: State) => [
  { id: 'm1', state: m1 },
  { id: 'm2', state: m2 },
];
const legs = (m1: 'free' | 'waits' | 'absent', m2: 'free' | 'waits' | 'absent') =>
  [m1, m2].map((how, i) => ({
    master: `m${i + 1}`,
    waits: how === 'waits' ? 1 : 0,
    absent: how === 'absent',
  }));

describe('who leads', () => {
  it.each([
    ['the active master', legs('free', 'free'), known('reachable', 'reachable'), 'm1', 'm1'],
    ['the active master, whichever it is', legs('free', 'free'), known('reachable', 'reachable'), 'm2', 'm2'],
    ['the other, when the active one is away', legs('free', 'free'), known('unreachable', 'reachable'), 'm1', 'm2'],
    ['the other, when the active one is parked', legs('free', 'free'), known('parked', 'reachable'), 'm1', 'm2'],
    [
      'the other, when the active one has earlier work',
      legs('waits', 'free'),
      known('reachable', 'reachable'),
      'm1',
      'm2',
    ],
    [
      'the active one, when both have earlier work',
      legs('waits', 'waits'),
      known('reachable', 'reachable'),
      'm1',
      'm1',
    ],
    ['one that waits, when the free one is away', legs('waits', 'free'), known('reachable', 'unreachable'), 'm1', 'm1'],
    ['the only one that has the account', legs('absent', 'free'), known('reachable', 'reachable'), 'm1', 'm2'],
    ['the active one, when none can be reached', legs('free', 'free'), known('unreachable', 'parked'), 'm2', 'm2'],
  ])('is %s', (_who, plan, masters, active, lead) => {
    expect(chooseLead(plan, masters, active)).toBe(lead);
  });
});
