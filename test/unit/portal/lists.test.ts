import { describe, expect, it } from 'vitest';
import type { AccountRow } from '../../../src/operations/model.ts';
import { accountButtons } from '../../../src/routes/portal/present/account.ts';
import { accountFilter, accountsModel, count, matchingAccounts } from '../../../src/routes/portal/present/accounts.ts';
import { auditModel } from '../../../src/routes/portal/present/audit.ts';
import { lightModel, masterModel } from '../../../src/routes/portal/present/light.ts';
import { operationFilter, operationsModel } from '../../../src/routes/portal/present/operations.ts';
import { ago, clock, duration } from '../../../src/routes/portal/present/time.ts';
import { safeNext } from '../../../src/routes/portal/sign-in.ts';
import { at, now, operation, reader, say } from './views.ts';

function row(user: string, change: Partial<AccountRow> = {}): AccountRow {
  return {
    user,
    domain: `${user}.example`,
    owner: 'root',
    plan: 'gold',
    email: '',
    suspended: false,
    diskused: '1M',
    active: 'm1',
    chips: [
      { master: 'm1', state: 'in-step', sentence: 'in step' },
      { master: 'm2', state: 'in-step', sentence: 'in step' },
    ],
    ...change,
  };
}

const late = row('late', { chips: [{ master: 'm2', state: 'retrying', sentence: 'unreachable', operation: '01OP' }] });
const rows = [
  row('zed', { plan: 'basic', owner: 'res' }),
  row('bob', { email: 'b@mail.test' }),
  row('eve', { suspended: true }),
  late,
];

describe('the accounts list', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['is ordered by name', {}, ['bob', 'eve', 'late', 'zed']],
    ['finds by part of the domain, whatever the case', { q: 'BOB.ex' }, ['bob']],
    ['finds by e-mail', { q: 'mail.test' }, ['bob']],
    ['keeps the suspended', { state: 'suspended' }, ['eve']],
    ['keeps what is not in step', { state: 'open' }, ['late']],
    ['keeps a package', { plan: 'basic' }, ['zed']],
    ['keeps an owner', { owner: 'res' }, ['zed']],
    ['takes no notice of an unknown state', { state: 'odd' }, ['bob', 'eve', 'late', 'zed']],
    ['takes no notice of a list in the address', { q: ['a', 'b'] }, ['bob', 'eve', 'late', 'zed']],
  ])('%s', (_fact, query, expected) => {
    expect(matchingAccounts(rows, accountFilter(query)).map((one) => one.user)).toEqual(expected);
  });

  it('pages by a hundred and keeps the filter in the addresses', () => {
    const many = Array.from({ length: 250 }, (_, i) => row(`u${String(i).padStart(3, '0')}`));
    const second = accountsModel(many, accountFilter({ page: '2', plan: 'gold' }), reader);
    expect(second.rows.map((one) => one.user).slice(0, 1)).toEqual(['u100']);
    expect([second.previous, second.next]).toEqual(['/accounts?plan=gold', '/accounts?plan=gold&page=3']);
    expect(second.range).toBe('101–200 of 250');
    expect(accountsModel(many, accountFilter({ page: '99' }), reader).range).toBe('201–250 of 250');
  });

  it('leads from a chip to what happened on that master', () => {
    const chip = accountsModel([late], accountFilter({}), reader).rows[0]?.chips[0];
    expect(chip).toMatchObject({ name: 'M2', symbol: '↻', href: '/operations/01OP#leg-m2' });
  });
});

describe('the buttons of an account', () => {
  const offered = [
    { id: 'account.create', title: 'Create account' },
    { id: 'account.terminate', title: 'Terminate account', destroys: ['home'] },
    { id: 'account.suspend', title: 'Suspend account' },
    { id: 'account.unsuspend', title: 'Unsuspend account' },
    { id: 'mailbox.add', title: 'Add mailbox' },
  ];

  it('suspend only what is active, and put the dangerous last', () => {
    expect(accountButtons(row('bob'), offered).map((one) => one.label)).toEqual([
      'Suspend account',
      'Terminate account',
    ]);
  });

  it('unsuspend only what is suspended', () => {
    const labels = accountButtons(row('bob', { suspended: true }), offered).map((one) => one.label);
    expect(labels).toEqual(['Unsuspend account', 'Terminate account']);
  });
});

describe('the operations list', () => {
  it('reads its filter from the address and drops what it does not know', () => {
    expect(operationFilter({ state: 'held', account: ' bob ', before: '01X' })).toEqual({
      limit: 50,
      state: 'held',
      account: 'bob',
      before: '01X',
    });
    expect(operationFilter({ state: 'nonsense' })).toEqual({ limit: 50 });
  });

  it('offers older ones only after a full page', () => {
    const page = Array.from({ length: 50 }, (_, i) => operation({ id: `01${100 - i}` }));
    const filter = operationFilter({ state: 'done' });
    expect(operationsModel(page, filter, [], reader).older).toBe('/operations?state=done&before=0151');
    expect(operationsModel(page.slice(1), filter, [], reader).older).toBe('');
  });
});

describe('times', () => {
  it.each([
    [2, 'just now'],
    [42, '42 s ago'],
    [300, '5 min ago'],
    [7300, '2 h ago'],
    [200_000, '4 May'],
  ])('%i seconds ago reads %s', (seconds, text) => {
    expect(ago(at(seconds), reader)).toMatchObject({ text });
  });

  it('carry the zone on hover', () => {
    expect(clock(at(0), reader)).toMatchObject({ text: '14:02:31', title: '2026-05-06 14:02:31 UTC' });
    expect(clock(at(86_400), reader).text).toBe('5 May 14:02');
  });

  it.each([
    [0.4, '400 ms'],
    [1.4, '1.4 s'],
    [12, '12 s'],
    [185, '3 min 5 s'],
    [7800, '2 h 10 min'],
  ])('%f seconds took %s', (seconds, text) => {
    expect(duration(at(seconds), at(0), say)).toBe(text);
  });
});

describe('the light', () => {
  it('says that it does not know rather than that all is well', () => {
    expect(lightModel(undefined, say)).toMatchObject({ tone: 'unknown', symbol: '?' });
  });

  it('shows a parked master as an alarm with its reason', () => {
    const master = { id: 'm2', name: 'M2', site: 'x', hostname: 'h', since: at(60), backlog: 1204, held: 0 };
    expect(masterModel({ ...master, state: 'parked', reason: 'Access denied' }, reader)).toMatchObject({
      tone: 'warn',
      reason: 'Access denied',
      resume: '/masters/m2/resume',
      backlog: '1,204',
    });
    expect(masterModel({ ...master, state: 'reachable' }, reader).resume).toBe('');
  });
});

describe('the audit trail', () => {
  const entry = { seq: 3, at: now, actor: 'ana', kind: 'person', address: '', detail: '', previous: '', hash: '' };
  const skip = { ...entry, event: 'operation.skip', subject: '01OP m2' };

  const asked = { q: '', event: '' };

  it('leads from an entry to the operation that it is about', () => {
    const { rows } = auditModel([skip, { ...entry, event: 'sign-in', subject: '' }], asked, 100, reader);
    expect(rows[0]).toMatchObject({ href: '/operations/01OP', subject: '01OP m2', time: { text: '14:02:31' } });
    expect(rows[1]?.href).toBe('');
  });

  it('offers older entries only after a full page', () => {
    expect(auditModel([skip, skip], asked, 2, reader).older).toBe('/audit?before=3');
    expect(auditModel([skip], asked, 2, reader).older).toBe('');
  });
});

describe('small things', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1204, '1,204'],
    [1_234_567, '1,234,567'],
  ])('%i is written %s', (value, text) => {
    expect(count(value)).toBe(text);
  });

  it.each([
    ['/operations/01?x=1', '/operations/01?x=1'],
    ['//evil.example', '/accounts'],
    ['/\\evil.example', '/accounts'],
    ['https://evil.example', '/accounts'],
    ['/a\r\nSet-Cookie: x', '/accounts'],
    [undefined, '/accounts'],
  ])('after signing in %j leads to %s', (next, expected) => {
    expect(safeNext(next)).toBe(expected);
  });
});
