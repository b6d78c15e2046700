import { describe, expect, it } from 'vitest';
import { foreignSentence, judgeMark } from '../../../src/operations/mark.ts';
import type { MasterStatus } from '../../../src/operations/model.ts';
import { masterHint, nextStep, versionsDiffer } from '../../../src/operations/next-step.ts';
import { versionIn } from '../../../src/operations/version.ts';

function master(id: string, change: Partial<MasterStatus> = {}): MasterStatus {
  const name = id.toUpperCase();
  return { id, name, site: 's', hostname: id, state: 'reachable', since: '', backlog: 0, held: 0, ...change };
}

const well = { masters: [master('m1'), master('m2')], workers: 1, held: 0, open: 0, drift: 0 };

describe('what a person does next', () => {
  it.each([
    [well, 'Nothing to do.'],
    [{ ...well, drift: 1 }, '1 difference between the masters is noted. See: tandem doctor.'],
    [{ ...well, workers: 0, held: 3 }, 'No worker runs, so nothing is delivered. Start one: tandem worker.'],
    [{ ...well, held: 1 }, '1 change waits for your decision. See: tandem operations --state held.'],
    [{ ...well, held: 2 }, '2 changes wait for your decision. See: tandem operations --state held.'],
    [{ ...well, open: 2 }, 'Nothing to do: what is open goes on by itself. See: tandem operations --state open.'],
    [
      { ...well, masters: [master('m1', { state: 'parked', reason: 'Access denied' }), master('m2')], held: 1 },
      'M1 is parked: Access denied. Put right what parked it, then: tandem resume m1.',
    ],
    [
      { ...well, masters: [master('m1'), master('m2', { state: 'unreachable', reason: 'connect ECONNREFUSED' })] },
      'M2 does not answer: connect ECONNREFUSED. Work goes on by itself when it answers again; tandem doctor says what fails.',
    ],
  ])('case %#', (status, sentence) => {
    expect(nextStep(status)).toBe(sentence);
  });

  it.each(['m1', 'm2'])('a foreign %s is adopted, not resumed', (id) => {
    const hint = masterHint(master(id, { state: 'parked', reason: foreignSentence('01X') }));
    expect(hint).toBe(`If that Tandem is gone for good: tandem adopt-master ${id}.`);
    expect(masterHint(master(id))).toBeUndefined();
  });
});

describe('versions', () => {
  it('are told when they differ, and only then', () => {
    const [one, two] = [master('m1', { version: '11.134.0.20' }), master('m2', { version: '11.138.0.1' })];
    expect(versionsDiffer([one, two])).toContain('M1 runs 11.134.0.20, M2 runs 11.138.0.1');
    expect(versionsDiffer([one, { ...two, version: '11.134.0.20' }])).toBeUndefined();
    expect(versionsDiffer([one, master('m2')])).toBeUndefined();
  });

  const done = (data: unknown) => ({ kind: 'done', data, reason: 'OK', warnings: [], body: {} }) as const;
  it.each([
    [done({ version: '11.134.0.20' }), '11.134.0.20'],
    [done({ version: '<b>11</b>' }), undefined],
    [done({ version: 11 }), undefined],
    [done(undefined), undefined],
    [{ kind: 'busy', reason: 'x' } as const, undefined],
  ])('%j holds %s', (outcome, version) => {
    expect(versionIn(outcome)).toBe(version);
  });

  it.each([
    [done({ personalization: { tandem_journal: { value: 'OURS', success: 1 } } }), { kind: 'ours' }],
    [done({ personalization: { tandem_journal: { value: '', success: 1 } } }), { kind: 'absent' }],
    [done({ personalization: { tandem_journal: { value: null, success: 0 } } }), { kind: 'absent' }],
    [done({ personalization: {} }), { kind: 'absent' }],
    [done(undefined), { kind: 'cannot', reason: 'its answer holds no personalization' }],
    [done({ personalization: { tandem_journal: { value: 'OTHER' } } }), { kind: 'foreign', journal: 'OTHER' }],
    [
      done({ personalization: { tandem_journal: { value: `\u001b[2J${'x'.repeat(99)}` } } }),
      { kind: 'foreign', journal: `??2J${'x'.repeat(60)}` },
    ],
    [{ kind: 'refused', reason: 'Unknown app', body: {} } as const, { kind: 'cannot', reason: 'Unknown app' }],
    [{ kind: 'denied', reason: 'no' } as const, { kind: 'cannot', reason: 'no' }],
    [{ kind: 'busy', reason: 'locked' } as const, { kind: 'unknown', reason: 'locked' }],
    [{ kind: 'not-sent', reason: 'refused' } as const, { kind: 'unknown', reason: 'refused' }],
    [{ kind: 'in-doubt', reason: 'cut' } as const, { kind: 'unknown', reason: 'cut' }],
  ])('a mark in %j is %j', (outcome, found) => {
    expect(judgeMark(outcome, 'OURS')).toEqual(found);
  });
});
