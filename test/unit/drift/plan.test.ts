import { describe, expect, it } from 'vitest';
import { newest } from '../../../src/drift/certificates.ts';
import { originsIn } from '../../../src/drift/journal.ts';
import { kinds } from '../../../src/drift/kinds/index.ts';
import type { Kind, Origin, Seen, Value } from '../../../src/drift/model.ts';
import { blamed, compare, confirmed, sentenceOf, suggested } from '../../../src/drift/plan.ts';
import { brake, vetoesOf } from '../../../src/drift/safety.ts';
import { lastMoment } from '../../../src/drift/schedule.ts';

const kind: Kind = {
  id: 'box',
  title: 'Boxes',
  scope: 'account',
  rank: 1,
  rounds: [],
  shown: ['seen'],
  untold: '(not told)',
  read: () => ({ ok: true, things: new Map() }),
  touched: () => undefined,
  repair: () => ({ ok: false, reason: '' }),
};
const seen = (...things: [string, Value][]): Seen => ({ ok: true, things: new Map(things) });
const origin = (expects: Origin['expects']): Origin => ({ operation: 'op', action: 'box.add', at: 1, expects });

function compared(m1: Seen, m2: Seen, origins: readonly [string, Origin][] = []) {
  return compare({
    kind,
    account: 'bob',
    seen: new Map([
      ['m1', m1],
      ['m2', m2],
    ]),
    origins: new Map(origins),
  });
}

const sentences = (m1: Seen, m2: Seen, origins: readonly [string, Origin][] = []) => {
  const result = compared(m1, m2, origins);
  return result.kind === 'unread'
    ? result.why
    : result.differences.map((d) => sentenceOf(kind, d, (id) => id.toUpperCase()));
};

describe('comparing', () => {
  it.each([
    ['equal is nothing', seen(['a', { q: '1' }]), seen(['a', { q: '1' }]), [], []],
    ['a value', seen(['a', { q: '1' }]), seen(['a', { q: '2' }]), [], ['a: q is “1” on M1, “2” on M2']],
    ['missing on M2', seen(['a', { q: '1' }]), seen(), [], ['a: only M1 has it, M2 does not']],
    ['missing on M1', seen(), seen(['a', { q: '1' }]), [], ['a: only M2 has it, M1 does not']],
    ['what is only shown does not count', seen(['a', { seen: '1' }]), seen(['a', { seen: '2' }]), [], []],
    ['what is not told equals everything', seen(['a', { q: '(not told)' }]), seen(['a', { q: '2' }]), [], []],
    [
      'gone from both, though made',
      seen(),
      seen(),
      [['a', origin('present')]],
      ['a: no master has it any more, though box.add made it'],
    ],
    ['gone from both, and removed', seen(), seen(), [['a', origin('absent')]], []],
    [
      'on both, though removed',
      seen(['a', {}]),
      seen(['a', {}]),
      [['a', origin('absent')]],
      ['a: all masters have it, though box.add removed it'],
    ],
    ['one master does not tell', seen(['a', {}]), { ok: false, reason: 'busy' } as Seen, [], 'Boxes on m2: busy'],
  ] as const)('%s', (_name, m1, m2, origins, expected) => {
    expect(
      sentences(
        m1,
        m2,
        origins.map(([n, o]) => [n, o]),
      ),
    ).toEqual(expected);
  });

  it('tells only what two looks saw alike', () => {
    const first = compared(seen(['a', { q: '1' }], ['b', { q: '1' }]), seen(['a', { q: '2' }]));
    const again = compared(seen(['a', { q: '3' }], ['b', { q: '1' }]), seen(['a', { q: '2' }]));
    if (first.kind !== 'compared' || again.kind !== 'compared') throw new Error('unread');
    expect(confirmed(first.differences, again.differences).map((d) => d.name)).toEqual(['b']);
  });

  it('suggests what the journal expects, else the active master, and never suggests away what only another has', () => {
    const sides = (m1: boolean, m2: boolean) => [
      { master: 'm1', value: m1 ? {} : undefined },
      { master: 'm2', value: m2 ? {} : undefined },
    ];
    expect(suggested(sides(true, false), undefined, 'm1')).toBe('m1');
    expect(suggested(sides(false, true), undefined, 'm1')).toBe('m2');
    expect(suggested(sides(false, true), 'absent', 'm1')).toBe('m1');
    expect(suggested(sides(false, true), 'present', 'm1')).toBe('m2');
    expect(suggested(sides(true, true), undefined, 'm2')).toBe('m2');
    expect(blamed({ kind: 'box', account: null, name: 'a', sides: sides(true, false), origin: undefined }, 'm1')).toBe(
      'm2',
    );
    expect(
      blamed({ kind: 'box', account: null, name: 'a', sides: sides(true, false), origin: origin('absent') }, 'm1'),
    ).toBe('m1');
  });
});

describe('safety', () => {
  const step = (action: string, removes: boolean) => ({ action, params: {}, only: ['m2'], removes, sentence: 'x' });
  it.each([
    ['a removal of known origin', { origin: 'op', state: 'open' }, [step('forwarder.delete', true)], []],
    [
      'a removal of unknown origin',
      { origin: undefined, state: 'open' },
      [step('forwarder.delete', true)],
      ['unknown-origin'],
    ],
    ['a change of unknown origin', { origin: undefined, state: 'open' }, [step('mailbox.quota', false)], []],
    ['what destroys, whoever made it', { origin: 'op', state: 'open' }, [step('mailbox.delete', true)], ['destroys']],
    ['what is being repaired', { origin: 'op', state: 'repairing' }, [step('mailbox.quota', false)], ['decided']],
    [
      'what was accepted may be repaired after all',
      { origin: 'op', state: 'accepted' },
      [step('mailbox.quota', false)],
      [],
    ],
  ] as const)('%s', (_name, finding, steps, expected) => {
    expect(vetoesOf({ ...finding, name: 'a' }, steps).map((v) => v.id)).toEqual(expected);
    expect(vetoesOf({ ...finding, name: 'a' }, steps).some((v) => v.override)).toBe(false);
  });

  it('brakes on many, and lets go when it is meant', () => {
    const many = Array.from({ length: 51 }, () => [step('mailbox.quota', false)]);
    const removals = Array.from({ length: 11 }, () => [step('forwarder.delete', true)]);
    const limits = { many: 50, removals: 10 };
    expect(brake(many, limits, false).map((v) => v.id)).toEqual(['many']);
    expect(brake(removals, limits, false).map((v) => v.id)).toEqual(['many-removals']);
    expect(brake(many.slice(1), limits, false)).toEqual([]);
    expect(brake([...many, ...removals], limits, true)).toEqual([]);
  });
});

describe('origins', () => {
  const done = (n: number, action: string, params: object) => ({
    id: `op${n}`,
    account: 'bob',
    action,
    params: JSON.stringify(params),
    at: n,
  });
  const box = { account: 'bob', address: 'a@bob.example' };
  const mailboxes = (...history: ReturnType<typeof done>[]) =>
    originsIn(kinds, history).get('mailbox')?.get('a@bob.example');

  it('the last operation on a thing is its origin, and says what is expected', () => {
    expect(mailboxes(done(1, 'mailbox.add', box))).toMatchObject({ operation: 'op1', expects: 'present' });
    expect(mailboxes(done(1, 'mailbox.add', box), done(2, 'mailbox.delete', box))).toMatchObject({
      operation: 'op2',
      expects: 'absent',
    });
  });

  it('after what sweeps, the origin stays known and nothing is expected', () => {
    const swept = mailboxes(
      done(1, 'mailbox.add', box),
      done(2, 'domain.remove-addon', { account: 'bob', domain: 'x.example' }),
    );
    expect(swept).toMatchObject({ operation: 'op1', expects: undefined });
  });
});

describe('times and certificates', () => {
  it('a night is due at its time, in UTC', () => {
    const at = (text: string) => Date.parse(`2026-11-28T${text}Z`);
    expect(lastMoment('02:30', at('02:30:00'))).toBe(at('02:30:00'));
    expect(lastMoment('02:30', at('02:29:59'))).toBe(at('02:30:00') - 86_400_000);
    expect(lastMoment('off', at('02:30:00'))).toBeUndefined();
  });

  it('the certificate that ends last wins; two that end together are for a person', () => {
    const side = (master: string, until?: string) => ({ master, value: until === undefined ? undefined : { until } });
    expect(newest({ sides: [side('m1', '2027-01-01 00:00'), side('m2', '2027-02-01 00:00')] })).toBe('m2');
    expect(newest({ sides: [side('m1', '2027-01-01 00:00'), side('m2')] })).toBe('m1');
    expect(newest({ sides: [side('m1', '2027-01-01 00:00'), side('m2', '2027-01-01 00:00')] })).toBeUndefined();
  });
});
