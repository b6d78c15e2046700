import { describe, expect, it } from 'vitest';
import type { LegView, OperationView } from '../../../src/operations/model.ts';
import { legChip } from '../../../src/routes/portal/present/chips.ts';
import { headline } from '../../../src/routes/portal/present/headline.ts';
import { operationModel, operationRow } from '../../../src/routes/portal/present/operation.ts';
import { at, leg, operation, reader } from './views.ts';

const done = { state: 'done', attempts: 1, sentAt: at(50), doneAt: at(48) } as const;

describe('the headline', () => {
  it.each<[string, Partial<OperationView>, string]>([
    ['says Saved when all have it', { state: 'done', legs: [leg('m1', done), leg('m2', done)] }, 'Saved on M1 and M2.'],
    [
      'does not say Saved alone while one waits',
      {
        state: 'following',
        legs: [leg('m1', done), leg('m2', { waitsFor: { sentence: 'M2 unreachable since 13:41' } })],
      },
      'Saved on M1, waiting for M2 (M2 unreachable since 13:41).',
    ],
    [
      'says when M2 led and M1 waits',
      { state: 'following', lead: 'm2', legs: [leg('m1'), leg('m2', done)] },
      'Saved on M2, waiting for M1.',
    ],
    [
      'says what is on hold',
      { state: 'following', legs: [leg('m1', done), leg('m2', { state: 'held' })] },
      'Saved on M1, waiting for M2 (on hold).',
    ],
    [
      'names where it was skipped by leaving it out',
      { state: 'done', legs: [leg('m1', done), leg('m2', { state: 'skipped' })] },
      'Saved on M1 only.',
    ],
    [
      'gives the refusal in the master’s words',
      {
        state: 'refused',
        legs: [leg('m1', { state: 'refused', error: { code: 'whm.refused', message: 'taken' } }), leg('m2')],
      },
      'M1 refused: taken',
    ],
    ['says that nothing was sent', { state: 'withdrawn' }, 'Withdrawn. Nothing was sent to any master.'],
    ['admits not to know', { state: 'undecided' }, 'Not known yet whether it was done.'],
    ['waits for the lead', { state: 'accepted', lead: 'm2' }, 'Accepted. Waiting for M2.'],
  ])('%s', (_fact, change, expected) => {
    expect(headline(operation(change), reader)).toBe(expected);
  });
});

describe('the timeline', () => {
  it('puts the lead before the follower, between accepted and verified', () => {
    const model = operationModel(operation({ lead: 'm2' }), reader);
    expect(model.steps.map((step) => step.title)).toEqual(['Accepted', 'M2 (leads)', 'M1', 'Verified']);
  });

  it('shows the master’s own words, the time and how long it took', () => {
    const answers = [{ fn: 'createacct', reason: 'Account Creation Ok', data: { secret: 'never shown' } }];
    const model = operationModel(operation({ legs: [leg('m1', { ...done, answers }), leg('m2')] }), reader);
    expect(model.steps[1]).toMatchObject({
      said: [{ fn: 'createacct', reason: 'Account Creation Ok' }],
      took: '2.0 s',
      at: { text: '14:01:43' },
    });
    expect(JSON.stringify(model)).not.toContain('never shown');
  });

  it('offers only the choices that are open, with the master in their names', () => {
    const held = leg('m2', { state: 'held', choices: ['retry', 'undo'] });
    const model = operationModel(operation({ state: 'following', legs: [leg('m1', done), held] }), reader);
    expect(model.steps[2]?.buttons.map((button) => [button.label, button.action])).toEqual([
      ['Retry on M2', '/operations/01OP/legs/m2/retry'],
      ['Undo on M1', '/operations/01OP/legs/m2/undo'],
    ]);
    expect(model.steps[1]?.buttons).toEqual([]);
  });

  it('leads from a wait to the operation that causes it', () => {
    const waits = leg('m2', { waitsFor: { sentence: 'behind 01ELSE on hold', operation: '01ELSE' } });
    const model = operationModel(operation({ legs: [leg('m1', done), waits] }), reader);
    expect(model.steps[2]?.cause).toEqual({ sentence: 'behind 01ELSE on hold', href: '/operations/01ELSE' });
  });

  it('can be undone until its time is over, and then says what became of it', () => {
    const held = operation({ canWithdraw: true, acceptedAt: at(4), graceUntil: at(-6) });
    const model = operationModel(held, reader);
    expect(model.undo).toMatchObject({ at: 'at 14:02:37', button: { action: '/operations/01OP/withdraw' } });
    expect([model.withdraw, model.headline]).toEqual(['', 'Accepted. Nothing is sent yet, so it can be undone.']);
    expect(model.steps[1]).toMatchObject({ word: 'not before 14:02:37', cause: undefined });
    expect(operationRow(held, reader).state).toBe('can be undone');
    const late = { ...held, graceUntil: at(0) };
    expect(operationModel(late, reader)).toMatchObject({ undo: undefined, withdraw: '/operations/01OP/withdraw' });
    const undone = { ...held, state: 'withdrawn', decidedAt: at(1) } as const;
    expect(operationRow(undone, reader).state).toBe('undone');
    expect(operationRow({ ...undone, decidedAt: at(-9) }, reader).state).toBe('withdrawn');
  });

  it('shows how a program would ask for the same, without secrets', () => {
    const { asRequest } = operationModel(operation({ params: { account: 'bob', password: '•••' } }), reader);
    expect(JSON.parse(asRequest)).toEqual({
      action: 'account.create',
      params: { account: 'bob', password: '•••' },
    });
  });

  it('offers withdrawal only while nothing was sent', () => {
    expect(operationModel(operation({ canWithdraw: true }), reader).withdraw).toBe('/operations/01OP/withdraw');
    expect(operationModel(operation(), reader).withdraw).toBe('');
  });

  it('says verified only when it was', () => {
    const finished = { state: 'done', finalAt: at(40), legs: [leg('m1', done), leg('m2', done)] } as const;
    expect(operationModel(operation(finished), reader).steps.at(-1)?.tone).toBe('wait');
    const verified = operationModel(operation({ ...finished, verifiedAt: at(30) }), reader).steps.at(-1);
    expect(verified).toMatchObject({ tone: 'good', at: { text: '14:02:01' } });
  });
});

describe('a leg’s chip', () => {
  it.each<[string, Partial<LegView>, string, string]>([
    ['done is in step', done, 'in-step', '✓'],
    ['waiting is queued', {}, 'queued', '…'],
    ['ready and never tried is queued', { state: 'ready' }, 'queued', '…'],
    ['ready again is retrying, with the time', { state: 'ready', attempts: 2, nextAt: at(-60) }, 'retrying', '↻ 14:03'],
    ['sent is running', { state: 'sent' }, 'running', '▸'],
    ['in doubt is looked at again', { state: 'doubt', nextAt: at(-120) }, 'retrying', '↻ 14:04'],
    ['held is held', { state: 'held' }, 'held', '‖'],
    ['refused is refused', { state: 'refused' }, 'refused', '✕'],
    ['skipped differs', { state: 'skipped' }, 'differs', '≠'],
  ])('%s', (_fact, change, state, symbol) => {
    expect(legChip(leg('m2', change), '01OP', reader)).toMatchObject({ name: 'M2', state, symbol });
  });
});

describe('a row of the list', () => {
  it('is on hold as soon as one leg is', () => {
    const view = operation({ state: 'following', legs: [leg('m1', done), leg('m2', { state: 'held' })] });
    expect(operationRow(view, reader)).toMatchObject({ state: 'on hold', tone: 'warn', at: { text: '1 min ago' } });
  });

  it('keeps odd account names harmless in addresses', () => {
    const view = operation({ subject: { kind: 'account', account: '../x?y' } });
    expect(operationRow(view, reader).subjectHref).toBe('/accounts/..%2Fx%3Fy');
  });
});
