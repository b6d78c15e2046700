import { describe, expect, it } from 'vitest';
import { alarmsOf } from '../../../src/operations/alarms.ts';
import type { MasterStatus, Status } from '../../../src/operations/model.ts';

const since = '2026-11-28T13:41:00.000Z';
const master: MasterStatus = {
  id: 'm1',
  name: 'M1',
  site: 'dublin',
  hostname: 'm1.example.net',
  state: 'reachable',
  since,
  backlog: 0,
  held: 0,
};
const status: Status = {
  light: 'redundant',
  sentence: 'Redundant',
  next: '',
  masters: [],
  open: 0,
  held: 0,
  drift: 0,
  redis: 'up',
  workers: 1,
  journal: { kind: 'sqlite', nodes: 1, singlePointOfFailure: true },
};

describe.each(['m1', 'm2'])('what a person must hear of %s', (id) => {
  const name = id.toUpperCase();
  const of = (more: Partial<MasterStatus>) => alarmsOf({ ...status, masters: [{ ...master, id, name, ...more }] }, 7);

  it('nothing while it is well', () => expect(of({ backlog: 3 })).toEqual([]));

  it('that it is away, since when, and how much waits', () => {
    expect(of({ state: 'unreachable', backlog: 1, reason: 'ECONNREFUSED' })).toEqual([
      {
        key: `away:${id}`,
        severity: 'warning',
        at: Date.parse(since),
        sentence: `${name} is unreachable, 1 change waits`,
        evidence: 'ECONNREFUSED',
        command: 'tandem doctor',
      },
    ]);
  });

  it('that it is parked, with the command that goes on', () => {
    expect(of({ state: 'parked', backlog: 2 })).toMatchObject([
      {
        key: `parked:${id}`,
        severity: 'critical',
        sentence: `${name} is parked, 2 changes wait`,
        command: `tandem resume ${id}`,
      },
    ]);
  });

  it('that changes are on hold', () => {
    expect(of({ held: 2 })).toMatchObject([
      { key: `held:${id}`, sentence: `${name}: 2 changes are on hold for a person` },
    ]);
  });
});
