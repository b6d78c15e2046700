import { describe, expect, it } from 'vitest';
import type { CommandDeps } from '../../../src/failover/commands/deps.ts';
import { placeTurn } from '../../../src/failover/commands/place.ts';
import { newerPlacement, noPlacement, placementId, withWish } from '../../../src/failover/placement/model.ts';
import { type PlacementFacts, planPlacement } from '../../../src/failover/placement/plan.ts';
import { defaultReturnLimits, type ReturnFacts } from '../../../src/failover/return-gate.ts';
import { switchVetoes } from '../../../src/failover/safety.ts';
import { activeOf, nextOrder, type Order, standing } from '../../../src/failover/verdict/orders.ts';
import type { TurnResult } from '../../../src/failover/watch/turn.ts';

/** Which accounts a switch moves, and when those go by themselves that are not where they belong. */

const ids = ['m1', 'm2'];

function give(orders: readonly Order[], order: Pick<Order, 'kind' | 'from' | 'to' | 'accounts'>): readonly Order[] {
  return [...orders, nextOrder(orders, { ...order, node: 's3', at: orders.length, by: 'x', evidence: [] })];
}

function agreed(orders: readonly Order[]) {
  const stands = standing(orders);
  if (stands.kind === 'conflict') throw new Error('nobody contradicts here');
  return stands;
}

const where = (orders: readonly Order[], unprotected: readonly string[] = []) =>
  activeOf(agreed(orders), 'm1', unprotected);

describe('what a switch moves', () => {
  const preferring = give([], { kind: 'return', from: 'm1', to: 'm2', accounts: ['amy', 'bob'] });
  it.each([
    ['m1 fails: all that lives there moves', preferring, 'm1', [], { pair: 'm2', accounts: {} }],
    ['m2 fails: only those who prefer it move', preferring, 'm2', [], { pair: 'm1', accounts: {} }],
    ['m1 fails: the unprotected stay', preferring, 'm1', ['eve'], { pair: 'm2', accounts: { eve: 'm1' } }],
    [
      'm2 fails: the unprotected who prefer it stay',
      preferring,
      'm2',
      ['bob'],
      { pair: 'm1', accounts: { bob: 'm2' } },
    ],
  ] as const)('%s', (_, orders, from, unprotected, wanted) => {
    const to = from === 'm1' ? 'm2' : 'm1';
    const switched = give(orders, { kind: 'switch', from, to });
    expect(where(switched, unprotected)).toEqual(wanted);
    const back = give(switched, { kind: 'return', from: to, to: from });
    expect(where(back, unprotected)).toEqual(where(orders, unprotected));
    expect(where(back)).toEqual({ pair: 'm1', accounts: { amy: 'm2', bob: 'm2' } });
  });
});

describe('what is ordered by itself', () => {
  const facts = (over: Partial<PlacementFacts> = {}): PlacementFacts => ({
    standing: standing([]),
    masters: ids,
    wish: { homes: { amy: 'm2', bob: 'm2', eve: 'm1' }, unprotected: [] },
    states: { m1: 'steady', m2: 'steady' },
    against: undefined,
    most: 100,
    ...over,
  });
  const switched = give([], { kind: 'switch', from: 'm1', to: 'm2' });
  it.each([
    ['nothing where nobody prefers anything', { wish: { homes: {}, unprotected: [] } }, { kind: 'in-place' }],
    [
      'those who belong elsewhere, together',
      {},
      { kind: 'move', from: 'm1', to: 'm2', accounts: ['amy', 'bob'], isGated: true },
    ],
    ['so many at once', { most: 1 }, { kind: 'move', accounts: ['amy'] }],
    [
      'nothing twice',
      { standing: standing(give([], { kind: 'return', from: 'm1', to: 'm2', accounts: ['amy', 'bob'] })) },
      { kind: 'in-place' },
    ],
    [
      'and back when it is no longer wanted',
      {
        standing: standing(give([], { kind: 'return', from: 'm1', to: 'm2', accounts: ['eve'] })),
        wish: { homes: { eve: 'm1' }, unprotected: [] },
      },
      { kind: 'move', from: 'm2', to: 'm1', accounts: ['eve'] },
    ],
    [
      'without the gate where nobody’s names move',
      { standing: standing(switched) },
      { kind: 'move', isGated: false, from: 'm1', to: 'm2' },
    ],
    [
      'through the gate for who stayed at home',
      { standing: standing(switched), wish: { homes: { amy: 'm2' }, unprotected: ['amy'] } },
      { kind: 'move', isGated: true, from: 'm1', to: 'm2' },
    ],
    [
      'not to where the master’s own are away',
      {
        standing: standing(
          give(give([], { kind: 'return', from: 'm1', to: 'm2', accounts: ['bob'] }), {
            kind: 'switch',
            from: 'm2',
            to: 'm1',
          }),
        ),
        wish: { homes: { amy: 'm2', bob: 'm1' }, unprotected: ['bob'] },
      },
      { kind: 'move', accounts: ['bob'], from: 'm2', to: 'm1' },
    ],
    [
      'not while a master is missed',
      { states: { m1: 'steady', m2: 'suspect' } },
      { kind: 'wait', accounts: ['amy', 'bob'], why: 'm2 is not seen serving for sure.' },
    ],
    [
      'not while something is against it',
      { against: 'Kim has put switching on hold: work.' },
      { kind: 'wait', why: 'Kim has put switching on hold: work.' },
    ],
    [
      'nothing for a master that there is not',
      { wish: { homes: { amy: 'm9' }, unprotected: [] } },
      { kind: 'in-place' },
    ],
  ] as const)('%s', (_, over, wanted) => {
    expect(planPlacement(facts(over as Partial<PlacementFacts>))).toMatchObject(wanted);
  });

  it('never while orders contradict each other', () => {
    const one = { kind: 'switch', from: 'm1', to: 'm2', at: 1, by: 'x', evidence: [], parents: [], epoch: 1 } as const;
    const both = [
      { ...one, node: 's3' },
      { ...one, node: 's4', from: 'm2', to: 'm1' },
    ];
    expect(planPlacement(facts({ standing: standing(both) }))).toEqual({ kind: 'in-place' });
  });
});

it('an account that went where it belongs does not hold up a switch of its master', () => {
  const orders = give([], { kind: 'return', from: 'm1', to: 'm2', accounts: ['amy'] });
  const topology = { places: ids.map((id) => ({ id, kind: 'master' as const, site: id })) };
  const view = { observer: 's3', sights: {}, anchor: true, statements: [] };
  const limits = { holdDownMs: 600_000, perDay: 2, brakeShare: 0.3, brakeLeast: 10 };
  const situation = { topology, view, orders, standing: standing(orders), hold: undefined, maintenance: [], limits };
  expect(switchVetoes({ ...situation, now: 1000 }, 'm1')).toEqual([]);
  const whole = give(orders, { kind: 'switch', from: 'm1', to: 'm2' });
  const after = { ...situation, orders: whole, standing: standing(whole), now: 1000 };
  expect(switchVetoes(after, 'm2').map(({ kind }) => kind)).toEqual(['hold-down']);
});

it('of two lists the newer counts, the same on both watchers, and the same word makes none', () => {
  const wish = { homes: { amy: 'm2' }, unprotected: ['eve'] };
  const mine = withWish(noPlacement, wish, 's3') ?? noPlacement;
  const theirs = withWish(noPlacement, { ...wish, homes: {} }, 's4') ?? noPlacement;
  expect(withWish(mine, { unprotected: ['eve'], homes: { amy: 'm2' } }, 's3')).toBeUndefined();
  expect(placementId(newerPlacement(mine, theirs))).toBe('1.s4');
  expect(newerPlacement(theirs, mine)).toBe(theirs);
  const later = withWish(theirs, wish, 's3') ?? noPlacement;
  expect(newerPlacement(theirs, later)).toBe(later);
});

describe('a turn of the watcher that orders', () => {
  const good: ReturnFacts = {
    ...{ greenMs: 9e9, oldestLegMs: 0, legsInDoubt: 0, holds: 0, fileLagMs: 0, databaseLagMs: 0 },
    certificatesEqual: true,
  };
  const watchers = ['s3', 's4'].map((id) => ({ id, kind: 'watcher' as const, site: id }));
  const topology = { places: [...ids.map((id) => ({ id, kind: 'master' as const, site: id })), ...watchers] };

  /** Only what a turn reads; answers what it did. */
  function stage(over: { facts?: Partial<ReturnFacts>; self?: string; silent?: boolean; raise?: () => Promise<void> }) {
    const orders: Order[] = [];
    const did: string[] = [];
    const store = {
      orders: () => orders,
      notes: () => [],
      placement: () => ({ ...noPlacement, homes: { amy: 'm2' } }),
      add: async (fresh: readonly Order[]) => void orders.push(...fresh),
      tell: async () => {},
    };
    const watch = {
      self: over.self ?? 's3',
      topology,
      store,
      clock: { now: () => 5 },
      peers: [],
      log: { warn: () => {} },
    };
    const deps = {
      watch,
      memory: { heads: new Map() },
      carrier: { last: () => undefined, confirm: () => {} },
      gates: [
        {
          name: 'all',
          facts: async (_: string, __: unknown, only: readonly string[]) => {
            did.push(`gate ${only}`);
            return { ...good, ...over.facts };
          },
        },
      ],
      barrier: {
        raise:
          over.raise ??
          (async (active: unknown, _: number, __: unknown, only: unknown) =>
            void did.push(`raise ${JSON.stringify(active)} ${only}`)),
        lower: async (active: unknown) => void did.push(`lower ${JSON.stringify(active)}`),
      },
      returnLimits: defaultReturnLimits,
      carryOut: async () => [],
    } as unknown as CommandDeps;
    const turn = {
      met: [{ id: 's4', why: over.silent === true ? 'cut' : undefined }],
      plan: { masters: ids.map((master) => ({ master, state: 'steady' })) },
    } as unknown as TurnResult;
    return { orders, did, run: () => placeTurn(deps, turn) };
  }

  it('moves an account through the gate and the barrier, by its own work alone', async () => {
    const { run, orders, did } = stage({});
    expect(await run()).toEqual({ waiting: [], why: undefined });
    expect(orders).toMatchObject([{ kind: 'return', from: 'm1', to: 'm2', accounts: ['amy'], by: 'placement' }]);
    expect(did).toEqual(['gate amy', 'raise {"pair":"m1","accounts":{"amy":"m2"}} amy']);
    expect([await run(), orders.length]).toEqual([{ waiting: [], why: undefined }, 1]);
  });

  it.each([
    ['its gate is closed', { facts: { fileLagMs: 99_999 } }, 'The gate to m2 is closed. files: File sync is behind.'],
    [
      'nobody knows of its databases',
      { facts: { databaseLagMs: 'unknown' as const } },
      'The gate to m2 is closed. databases: Nothing is known of database replication, so it counts as bad.',
    ],
    ['the other watcher is silent', { silent: true }, 's4 does not answer.'],
    ['another watcher orders it', { self: 's4' }, undefined],
  ])('waits while %s', async (_, over, why) => {
    const { run, orders } = stage(over);
    expect(await run()).toEqual({ waiting: ['amy'], why });
    expect(orders).toEqual([]);
  });

  it('takes back what the barrier raised when older work does not end, and orders nothing', async () => {
    const { run, orders, did } = stage({
      raise: () => Promise.reject(new Error('2 older changes are still under way')),
    });
    expect(await run()).toEqual({ waiting: ['amy'], why: '2 older changes are still under way' });
    expect([orders, did.at(-1)]).toEqual([[], 'lower {"pair":"m1","accounts":{}}']);
  });
});
