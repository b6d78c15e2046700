import { describe, expect, it } from 'vitest';
import { overlapping, type Situation } from '../../../src/failover/model.ts';
import { planTurn } from '../../../src/failover/plan.ts';
import { closedGates, defaultReturnLimits, type ReturnFacts } from '../../../src/failover/return-gate.ts';
import { brake, defaultLimits, manualVetoes } from '../../../src/failover/safety.ts';
import { mergeOrders, nextOrder, type Order, orderId, standing } from '../../../src/failover/verdict/orders.ts';
import { viewOf } from '../../../src/failover/verdict/world.ts';
import { twoSites } from './topologies.ts';

const now = Date.UTC(2026, 10, 22, 12);
const order = (node: string, from: string, to: string, extra: Partial<Order> = {}): Order => ({
  epoch: 1,
  node,
  parents: [],
  kind: 'switch',
  from,
  to,
  at: now - 3_600_000,
  by: 'verdict',
  evidence: [],
  ...extra,
});

function situation(dead: readonly string[], orders: readonly Order[] = [], extra: Partial<Situation> = {}): Situation {
  const faults = dead.map((id) => ({ kind: 'host', id }) as const);
  return {
    topology: twoSites,
    view: viewOf(twoSites, faults, 's3'),
    orders,
    standing: standing(orders),
    hold: undefined,
    maintenance: [],
    limits: defaultLimits,
    now,
    ...extra,
  };
}

const window = (master: string, from: number, until: number) => ({ master, from, until, reason: 'kernel' });

describe('a turn', () => {
  const cases: readonly (readonly [string, Situation, readonly [string, string], string | undefined, string])[] = [
    ['all serve', situation([]), ['steady', 'steady'], undefined, 'redundant'],
    ['m1 dies', situation(['m1']), ['master-dead', 'steady'], 'm1 m2', 'degraded'],
    ['m2 dies', situation(['m2']), ['steady', 'master-dead'], 'm2 m1', 'degraded'],
    ['both die', situation(['m1', 'm2']), ['unsure', 'unsure'], undefined, 'degraded'],
    [
      'm1 is dead and switched',
      situation(['m1'], [order('s3', 'm1', 'm2')]),
      ['standby-dead', 'steady'],
      undefined,
      'failed-over',
    ],
    ['m1 is back', situation([], [order('s3', 'm1', 'm2')]), ['failed-over', 'steady'], undefined, 'failed-over'],
    [
      'm2 dies while m1 is back',
      situation(['m2'], [order('s3', 'm1', 'm2')]),
      ['failed-over', 'master-dead'],
      'm2 m1',
      'failed-over',
    ],
    [
      'm1 dies on hold',
      situation(['m1'], [], { hold: { by: 'ann', reason: 'move' } }),
      ['hold', 'steady'],
      undefined,
      'degraded',
    ],
    [
      'm1 dies in its maintenance',
      situation(['m1'], [], { maintenance: [window('m1', now - 1, now + 1)] }),
      ['maintenance', 'steady'],
      undefined,
      'degraded',
    ],
    [
      'm1 dies after its maintenance',
      situation(['m1'], [], { maintenance: [window('m1', now - 9, now)] }),
      ['master-dead', 'steady'],
      'm1 m2',
      'degraded',
    ],
    [
      'm1 dies in the other’s maintenance',
      situation(['m1'], [], { maintenance: [window('m2', now - 1, now + 1)] }),
      ['master-dead', 'steady'],
      'm1 m2',
      'degraded',
    ],
    [
      'm2 dies right after a switch',
      situation(['m2'], [order('s3', 'm1', 'm2', { at: now - 599_000 })]),
      ['failed-over', 'hold-down'],
      undefined,
      'failed-over',
    ],
    [
      'm2 dies when hold-down is over',
      situation(['m2'], [order('s3', 'm1', 'm2', { at: now - 600_000 })]),
      ['failed-over', 'master-dead'],
      'm2 m1',
      'failed-over',
    ],
  ];

  it.each(cases)('%s', (_, given, states, wanted, light) => {
    const plan = planTurn(given);
    expect(plan.masters.map((one) => one.state)).toEqual(states);
    expect(plan.order === undefined ? undefined : `${plan.order.from} ${plan.order.to}`).toBe(wanted);
    expect(plan.light).toBe(light);
    for (const one of plan.masters) expect(one.sentence).toMatch(/^m[12] .*\.$/);
  });

  it('a standby that dies and comes back moves no name, is no fail-over, and holds nobody down', () => {
    const standby = order('s3', 'm2', 'm1', { at: now - 60_000 });
    const back = planTurn(situation([], [standby]));
    expect([back.light, back.masters.map(({ state }) => state)]).toEqual(['redundant', ['steady', 'steady']]);
    expect(planTurn(situation(['m1'], [standby])).order).toMatchObject({ from: 'm1', to: 'm2' });
    // An account that belongs to the standby makes it a home like the other.
    const moved = order('s3', 'm1', 'm2', { kind: 'switch', account: 'bob', by: 'ann', at: now - 7_200_000 });
    const after = order('s3', 'm2', 'm1', { epoch: 2, parents: [orderId(moved)], at: now - 60_000 });
    const held = planTurn(situation(['m1'], [moved, after]));
    expect([held.order, held.masters[0]?.state]).toEqual([undefined, 'hold-down']);
    expect(planTurn(situation([], [moved, after])).light).toBe('failed-over');
  });

  it('is the same when it is made again, and no longer made once its order stands', () => {
    const before = situation(['m1']);
    const plan = planTurn(before);
    expect(planTurn(before)).toEqual(plan);
    expect(plan.order?.evidence.length).toBeGreaterThan(3);
    const given = nextOrder([], { ...order('s3', 'm1', 'm2'), at: now });
    expect(planTurn(situation(['m1'], [given])).order).toBeUndefined();
  });

  it('stops after two automatic switches in a day, and counts no orders of people', () => {
    const twice = [
      order('s3', 'm1', 'm2', { at: now - 80_000_000 }),
      order('s3', 'm2', 'm1', { epoch: 2, parents: ['1.s3'], at: now - 70_000_000 }),
    ];
    expect(planTurn(situation(['m1'], twice)).masters[0]?.state).toBe('daily-limit');
    const byAnn = twice.map((one) => ({ ...one, by: 'ann' }));
    expect(planTurn(situation(['m1'], byAnn)).order).toMatchObject({ from: 'm1', to: 'm2' });
  });

  it('does nothing while two orders contradict each other', () => {
    const apart = [order('s3', 'm1', 'm2'), order('s4', 'm2', 'm1')];
    expect(planTurn(situation(['m1'], apart)).masters[0]).toMatchObject({ state: 'conflict' });
  });
});

describe('orders', () => {
  const a = order('s3', 'm1', 'm2');
  const b = order('s4', 'm1', 'm2');
  const c = order('s4', 'm2', 'm1');

  it('two watchers that decide the same apart agree', () => {
    expect(standing(mergeOrders([a], [b]))).toEqual({
      kind: 'agreed',
      epoch: 1,
      parents: ['1.s3', '1.s4'],
      active: { m1: 'm2' },
      homes: {},
    });
  });

  it('two opposite orders with one parent are a conflict, whoever merges', () => {
    expect(standing(mergeOrders([a], [c])).kind).toBe('conflict');
    expect(mergeOrders([a], [c])).toEqual(mergeOrders([c], [a]));
  });

  it('an order that knows both ends the conflict', () => {
    const end = nextOrder([a, c], order('s3', 'm1', 'm2'));
    expect([end.epoch, end.parents]).toEqual([2, ['1.s3', '1.s4']]);
    expect(standing([a, c, end])).toMatchObject({ kind: 'agreed', active: { m1: 'm2' } });
  });

  it('an order seen twice is one', () => {
    expect(mergeOrders([a, b], [b, a]).map(orderId)).toEqual(['1.s3', '1.s4']);
  });

  it('a return ends what its switch began and nothing else', () => {
    const back = nextOrder([a], order('s3', 'm2', 'm1', { kind: 'return' }));
    expect(standing([a, back])).toMatchObject({ active: {} });
    const other = nextOrder([a], order('s3', 'm3', 'm2', { kind: 'return' }));
    expect(standing([a, other])).toMatchObject({ active: { m1: 'm2' } });
  });

  it('a second switch takes along what came with the first', () => {
    const on = nextOrder([a], order('s4', 'm2', 'm1'));
    expect(standing([a, on])).toMatchObject({ active: { m2: 'm1' } });
  });

  it('without any order all is at home', () => {
    expect(standing([])).toEqual({ kind: 'agreed', epoch: 0, parents: [], active: {}, homes: {} });
  });
});

describe('the change brake', () => {
  it.each([
    [1000, 1000, undefined],
    [1000, 1300, undefined],
    [1000, 1301, 'far-more'],
    [1000, 699, 'far-fewer'],
    [1000, 0, 'far-fewer'],
    [3, 13, undefined],
    [0, 11, 'far-more'],
  ])('%i expected, %i planned: %s', (expected, planned, kind) => {
    expect(brake(expected, planned, defaultLimits)[0]?.kind).toBe(kind);
  });
});

describe('a person’s order', () => {
  it('needs a second word only when the other watcher is silent', () => {
    const all = situation([]);
    expect(manualVetoes(all, true, false)).toEqual([]);
    expect(manualVetoes(all, false, false).map((one) => one.kind)).toEqual(['second-word']);
    expect(manualVetoes(all, false, true)).toEqual([]);
  });
});

describe('maintenance windows', () => {
  it('of different masters must not overlap; touching is fine', () => {
    expect(overlapping([window('m1', 0, 10), window('m2', 10, 20), window('m1', 5, 30)])).toHaveLength(1);
  });
});

describe('the return gate', () => {
  const good: ReturnFacts = {
    greenMs: 1_800_000,
    oldestLegMs: 0,
    legsInDoubt: 0,
    holds: 0,
    fileLagMs: 0,
    databaseLagMs: 55,
    certificatesEqual: true,
  };
  const bad: ReturnFacts = {
    greenMs: 1_799_999,
    oldestLegMs: 60_001,
    legsInDoubt: 1,
    holds: 1,
    fileLagMs: 60_001,
    databaseLagMs: 10_001,
    certificatesEqual: false,
  };
  // Object.keys of a literal with exactly these keys.
  const keys = Object.keys(good) as (keyof ReturnFacts)[];

  it('is open when all is known and good', () => {
    expect(closedGates(good, defaultReturnLimits)).toEqual([]);
  });

  it.each(keys)('is closed when %s is bad, and when it is unknown', (key) => {
    expect(closedGates({ ...good, [key]: bad[key] }, defaultReturnLimits)).toMatchObject([{ key, why: 'bad' }]);
    expect(closedGates({ ...good, [key]: 'unknown' }, defaultReturnLimits)).toMatchObject([{ key, why: 'unknown' }]);
    expect(closedGates({ ...good, [key]: 'unknown' }, defaultReturnLimits, new Set([key]))).toEqual([]);
  });
});
