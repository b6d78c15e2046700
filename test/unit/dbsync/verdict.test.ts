import { describe, expect, it } from 'vitest';
import { parseGtids } from '../../../src/dbsync/mariadb/gtid.ts';
import type { Glance } from '../../../src/dbsync/mariadb/watch.ts';
import { gateReasons, judge, type Seen, sentenceOf, severityOf } from '../../../src/dbsync/verdict/plan.ts';
import { glanceAt as at, now, replica } from './seen.ts';

/** The verdict on M1 → M2. */
function verdict(a: Seen, b: Seen) {
  return judge([a, b], { lagWarnMs: 30_000 }).directions[0]?.verdict;
}

function behind(beats: number, ms: number, over: Partial<Glance> = {}): Glance {
  return at(2, { beats: { m1: { seq: 50 - beats, at: now - ms }, m2: { seq: 70, at: now - 500 } }, ...over });
}

describe('one direction', () => {
  it.each([
    ['every beat has arrived', at(1), at(2), { kind: 'steady', lagMs: 0 }],
    [
      'the last beat is on its way: its own age, not that of the one before',
      at(1),
      behind(1, 1500),
      { kind: 'steady', lagMs: 500 },
    ],
    [
      'fetched but not applied: lagging, not cut',
      at(1),
      behind(40, 40_000, { slavePos: parseGtids('1-1-3'), replica: replica({ fetched: parseGtids('1-1-9') }) }),
      { kind: 'lagging', lagMs: 40_000 },
    ],
    [
      'both threads say Yes while nothing arrives: a cut',
      at(1),
      behind(6, 6000, { slavePos: parseGtids('1-1-3'), replica: replica({ fetched: parseGtids('1-1-3') }) }),
      { kind: 'cut', sinceMs: 6000, reason: 'connected, but nothing arrives' },
    ],
    [
      'it tries to connect',
      at(1),
      behind(3, 3000, { replica: replica({ io: 'Connecting', ioError: 'timeout' }) }),
      { kind: 'cut', sinceMs: 3000, reason: 'timeout' },
    ],
    ['switched off', at(1), at(2, { replica: replica({ io: 'No', sql: 'No' }) }), { kind: 'paused' }],
    ['only applying is switched off', at(1), at(2, { replica: replica({ sql: 'No' }) }), { kind: 'paused' }],
    [
      'the same key on both',
      at(1),
      at(2, { replica: replica({ sql: 'No', sqlErrno: 1062, sqlError: 'Duplicate entry' }) }),
      { kind: 'stopped', code: 1062, because: 'Duplicate entry', next: expect.stringContaining('tandem db check') },
    ],
    [
      'the log was thrown away',
      at(1),
      at(2, { replica: replica({ io: 'No', ioErrno: 1236, ioError: 'not found' }) }),
      { kind: 'lost', because: 'not found', next: expect.stringContaining('tandem db setup') },
    ],
    ['never set up', at(1), at(2, { replica: undefined }), { kind: 'not-set-up', next: expect.any(String) }],
    [
      'the sender does not answer',
      { id: 'm1', name: 'M1', away: 'refused' },
      at(2),
      { kind: 'unknown', because: 'refused' },
    ],
  ] as const)('%s', (_sentence, a, b, expected) => {
    expect(verdict(a, b)).toEqual(expected);
  });
});

describe('the pair', () => {
  const limits = { lagWarnMs: 30_000 };
  it('counts what waits in the sender’s own domain only', () => {
    const state = judge([at(1, { binlogPos: parseGtids('1-1-25,2-2-99') }), at(2)], limits);
    expect(state.directions.map((one) => one.waiting)).toEqual([15, 0]);
  });
  it('finds transactions of neither master', () => {
    const state = judge([at(1), at(2, { binlogState: parseGtids('1-1-10,1-2-11,2-2-10') })], limits);
    expect(state.errant).toEqual({ m2: ['1-2-11'] });
    expect(severityOf(state)).toBe(1);
  });
  it.each([
    ['in step', at(1), at(2), 0],
    ['paused', at(1), at(2, { replica: replica({ io: 'No', sql: 'No' }) }), 1],
    ['stopped', at(1), at(2, { replica: replica({ sql: 'No', sqlErrno: 1050 }) }), 2],
    ['unknown', { id: 'm1', name: 'M1', away: 'refused' }, at(2), 3],
  ] as const)('Nagios is told of: %s', (_sentence, a, b, severity) => {
    expect(severityOf(judge([a, b], limits))).toBe(severity);
  });
  it('opens the gate only when both directions are in step', () => {
    expect(gateReasons(judge([at(1), at(2)], limits), { lagMs: 5000 })).toEqual([]);
    expect(
      gateReasons(judge([at(1), behind(8, 8000, { slavePos: parseGtids('1-1-4') })], limits), { lagMs: 5000 }),
    ).toHaveLength(1);
  });
  it('says each verdict in one sentence', () => {
    for (const one of judge([at(1), at(2)], limits).directions)
      expect(sentenceOf(one, (id) => id)).toMatch(/^m\d → m\d: in step/);
  });
});
