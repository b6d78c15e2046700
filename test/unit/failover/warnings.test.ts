import { describe, expect, it } from 'vitest';
import type { MasterState } from '../../../src/failover/plan.ts';
import type { Outcome } from '../../../src/failover/publish/model.ts';
import type { Order } from '../../../src/failover/verdict/orders.ts';
import { type Seen, warningsOf } from '../../../src/failover/warnings.ts';
import { bounds } from '../../../src/notify/model.ts';

const now = Date.UTC(2026, 10, 28, 13, 41);
const state = (master: string, what: MasterState['state']): MasterState => ({
  master,
  state: what,
  sentence: `${master} is ${what}.`,
  verdict: { kind: 'steady', master },
  vetoes: [],
  evidence: ['the sentence again', 's3: gone', 's4: not seen'],
});
const order = (from: string, to: string, extra: Partial<Order> = {}): Order => ({
  epoch: 5,
  node: 's3',
  parents: [],
  kind: 'switch',
  from,
  to,
  at: now,
  by: 'verdict',
  evidence: [],
  ...extra,
});
const outcome = (kind: Outcome['kind']): Outcome => ({
  kind,
  order: '5.s3',
  counts: { zones: 0, changed: 0, same: 0, left: 0, values: 0 },
  left: [],
  stragglers: [],
  steps: [],
  vetoes: [],
  sentence: 'two name servers do not answer so',
});
const of = (seen: Partial<Seen>) =>
  warningsOf({
    now,
    masters: [],
    orders: [],
    silent: [],
    outcome: undefined,
    active: 'm1',
    obstacles: [],
    lackingKeys: [],
    ...seen,
  });

describe('a change brake that asks', () => {
  const asks = (orders: readonly Order[]) => of({ outcome: outcome('asks'), orders })[0]?.command;
  it.each([
    ['a switch', order('m1', 'm2'), 'tandem failover switch m1 --confirmed'],
    ['a return', order('m2', 'm1', { kind: 'return' }), 'tandem failover return m1 --confirmed'],
    ['one account', order('m1', 'm2', { account: 'bob' }), 'tandem failover switch m1 --account bob --confirmed'],
    [
      'accounts that go where they belong',
      order('m2', 'm1', { kind: 'return', accounts: ['amy', 'bob'] }),
      'tandem failover return m1 --account amy --confirmed',
    ],
    ['an order that is not known here', order('m1', 'm2', { epoch: 9 }), 'tandem failover prepare m1'],
  ])('names the one command to type: %s', (_what, one, command) => expect(asks([one])).toBe(command));
});

describe('zones that a switch would leave alone', () => {
  it('are told in advance, once they have been so for ten minutes', () => {
    const reason = 's3 and s4 sign it with different keys';
    const [one, ...more] = of({ obstacles: ['a.example', 'b.example'].map((zone) => ({ zone, reason })) });
    expect(more).toEqual([]);
    expect(one).toMatchObject({ key: 'zones:obstacles', severity: 'warning', afterMs: 600_000, evidence: reason });
    expect(one?.sentence).toBe('A switch would leave 2 zones alone, such as a.example');
    // `tandem zones check` cannot run beside the watcher that tells this.
    expect(one?.command).toBe('tandem failover prepare m1');
  });
});

describe('keys of a master that name servers lack', () => {
  it('are told of before their DS records are shown', () => {
    const reason = 'm1 signs it with key 7, which s3 does not have: give it there by hand.';
    const [one, ...more] = of({ lackingKeys: [1, 2].map(() => ({ zone: 'a.example', reason })) });
    expect(more).toEqual([]);
    expect(one).toMatchObject({ key: 'zones:keys', severity: 'warning', afterMs: 120_000, evidence: reason });
    expect(one?.sentence).toBe('1 zone has a key that the name servers lack, such as a.example');
  });
});

describe.each([
  ['m1', 'm2'],
  ['m2', 'm1'],
])('what people hear of %s', (one, other) => {
  it.each(['steady', 'maintenance'] as const)('nothing while it is %s', (what) => {
    expect(of({ masters: [state(one, what)] })).toEqual([]);
  });

  it('its death at once, with what was ordered and what will not be done alone', () => {
    expect(of({ masters: [state(one, 'standby-dead')], orders: [order(one, other)] })).toEqual([
      {
        key: `dead:${one}`,
        severity: 'critical',
        afterMs: 0,
        sentence: `${one} is standby-dead.`,
        evidence: 's3: gone; s4: not seen',
        command: 'tandem failover',
        did: `Names move to ${other} (order 5.s3).`,
        willNot: `go back to ${one}`,
      },
    ]);
  });

  it('its death without an order about it says nothing of one', () => {
    for (const orders of [[], [order(other, one)], [order(one, other, { account: 'bob' })]]) {
      const [warning] = of({ masters: [state(one, 'standby-dead')], orders });
      expect(warning).not.toHaveProperty('did');
    }
  });

  it.each(['hold', 'hold-down', 'daily-limit', 'conflict'] as const)('that %s stands against a switch', (what) => {
    const [warning] = of({ masters: [state(one, what)] });
    expect(warning).toMatchObject({
      key: `dead:${one}`,
      severity: 'critical',
      command: `tandem failover switch ${one}`,
    });
  });

  it('a doubt, when it lasts, with what to type', () => {
    expect(of({ masters: [state(one, 'unsure')] })).toMatchObject([
      { key: `unsure:${one}`, severity: 'critical', afterMs: 15_000, command: `tandem failover prepare ${one}` },
    ]);
  });

  it('that it is back and nothing goes back by itself', () => {
    expect(of({ masters: [state(one, 'failed-over')] })).toMatchObject([
      { key: `failed-over:${one}`, severity: 'warning', willNot: 'go back', command: `tandem failover return ${one}` },
    ]);
  });
});

describe('what people hear of the rest', () => {
  it('a watcher that is silent for a minute', () => {
    expect(of({ silent: [{ id: 's4', why: 'connect ECONNREFUSED' }] })).toMatchObject([
      { key: 'silent:s4', severity: 'warning', afterMs: 60_000, evidence: 'connect ECONNREFUSED' },
    ]);
  });

  it.each([
    ['done', []],
    ['stopped', []],
    ['asks', ['zones:asks critical']],
    ['failed', ['zones:failed critical']],
    ['stragglers', ['zones:stragglers warning']],
  ] as const)('zones that are %s', (kind, wanted) => {
    expect(of({ outcome: outcome(kind) }).map(({ key, severity }) => `${key} ${severity}`)).toEqual(wanted);
  });

  it('every key is one that a message can carry', () => {
    const states = ['suspect', 'cut', 'unsure', 'master-dead', 'failed-over', 'hold'] as const;
    const all = of({
      masters: states.map((what) => state('m1', what)),
      silent: [{ id: 's4', why: '' }],
      outcome: outcome('asks'),
    });
    for (const { key, command } of all) {
      expect(key).toMatch(bounds.key);
      expect(command?.length ?? 0).toBeLessThanOrEqual(bounds.command);
    }
  });
});
