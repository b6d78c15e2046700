import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planZone } from '../../../src/failover/apply/plan-zone.ts';
import { moveConfig, rulesOf } from '../../../src/failover/apply/rules.ts';
import type { ZoneState } from '../../../src/failover/apply/state-line.ts';
import { planPlacement } from '../../../src/failover/placement/plan.ts';
import { activeOf, nextOrder, type Order, standing } from '../../../src/failover/verdict/orders.ts';
import { mastersOf } from '../../../src/masters.ts';

/** Switches, returns and preferences in any order: every name is where it should be, and comes back to the byte. */

const ids = ['m1', 'm2'];
const addresses: Readonly<Record<string, string>> = { m1: '192.0.2.11', m2: '198.51.100.11' };
const names = ['amy', 'bob', 'eve', 'kim'];
const other = (id: string): string => (id === 'm1' ? 'm2' : 'm1');
const masters = mastersOf(
  ids.map((id) => ({ id, name: id, site: id, hostname: `${id}.example.net`, address: addresses[id] ?? '' })),
);
const rules = rulesOf(moveConfig(masters, { pairs: [], stays: ['www1', 'www2'], ttlAtMost: 60 }));

function zoneOf(account: string): string {
  return `$TTL 14400
${account}.example.\t86400\tIN\tSOA\tns1.x.\troot.x.\t( 2026110100 3600 1800 1209600 86400 )
${account}.example.\t86400\tIN\tNS\tns1.x.
@\tIN\tA\t192.0.2.11
mail 900 IN A 192.0.2.11
www1\tIN\tA\t192.0.2.11
www2\tIN\tA\t198.51.100.11
elsewhere\tA\t203.0.113.5 ; not ours
`;
}

const withoutSerial = (text: string): string => text.replace(/\( \d+ /, '( S ');

type Step =
  | { readonly kind: 'switch' | 'return'; readonly master: string }
  | { readonly kind: 'prefer'; readonly account: string; readonly master: string };

/** A watcher's zones and orders, and a plain account of where each name must be. */
class World {
  readonly zones = new Map(names.map((name) => [name, { text: zoneOf(name), known: [] as readonly ZoneState[] }]));
  /** Told apart from the code under test: home of each account, and which master's own are away. */
  readonly homes = new Map(names.map((name) => [name, 'm1']));
  readonly away = new Set<string>();
  private orders: readonly Order[] = [];
  private wish: Readonly<Record<string, string>> = {};
  private instant = Date.UTC(2026, 10, 2);
  readonly unprotected: readonly string[];

  constructor(unprotected: readonly string[]) {
    this.unprotected = unprotected;
  }

  private stands() {
    const stands = standing(this.orders);
    if (stands.kind === 'conflict') throw new Error('nobody contradicts here');
    return stands;
  }

  private give(order: Pick<Order, 'kind' | 'from' | 'to' | 'accounts'>): void {
    const at = this.orders.length;
    this.orders = [...this.orders, nextOrder(this.orders, { ...order, node: 's3', at, by: 'x', evidence: [] })];
  }

  take(step: Step): void {
    const { kind, master } = step;
    if (kind === 'prefer') this.wish = { ...this.wish, [step.account]: master };
    if (kind === 'switch') {
      this.give({ kind, from: master, to: other(master) });
      // What lives there now goes; what belongs to the other one and was here is home again.
      this.away.delete(other(master));
      this.away.add(master);
    }
    if (kind === 'return' && this.away.delete(master)) this.give({ kind, from: other(master), to: master });
    this.place();
    this.bring();
  }

  /** All that would be ordered by itself, one after another. */
  private place(): void {
    for (;;) {
      const plan = planPlacement({
        standing: this.stands(),
        masters: ids,
        wish: { homes: this.wish, unprotected: [...this.unprotected] },
        states: { m1: 'steady', m2: 'steady' },
        against: undefined,
        most: 2,
      });
      if (plan.kind !== 'move') return;
      this.give({ kind: 'return', from: plan.from, to: plan.to, accounts: plan.accounts });
      for (const account of plan.accounts) this.homes.set(account, plan.to);
    }
  }

  private bring(): void {
    this.instant += 1000;
    const active = activeOf(this.stands(), 'm1', this.unprotected);
    for (const [name, { text, known }] of this.zones) {
      const wish = { zone: `${name}.example`, active: active.accounts[name] ?? active.pair, instant: this.instant };
      const plan = planZone(text, wish, known, rules);
      if (plan.kind === 'write') this.zones.set(name, { text: plan.text, known: [plan.state, ...known.slice(0, 1)] });
    }
  }

  /** Where a name must point: home, unless what belongs there is away and the account goes with it. */
  whereOf(name: string): string {
    const home = this.homes.get(name) ?? 'm1';
    return this.away.has(home) && !this.unprotected.includes(name) ? other(home) : home;
  }

  text(name: string): string {
    return this.zones.get(name)?.text ?? '';
  }
}

function check(world: World): void {
  for (const name of names) {
    const text = world.text(name);
    expect([name, /^@.*\tA\t(\S+)$/m.exec(text)?.[1]]).toEqual([name, addresses[world.whereOf(name)]]);
    expect(text).toContain('www1\tIN\tA\t192.0.2.11\nwww2\tIN\tA\t198.51.100.11\n');
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('switch' as const, 'return' as const), master: fc.constantFrom(...ids) }),
  fc.record({
    kind: fc.constant('prefer' as const),
    account: fc.constantFrom(...names),
    master: fc.constantFrom(...ids),
  }),
);

it('whatever is switched, returned and preferred, every name is where it should be, and comes back to the byte', () => {
  const run = fc.property(fc.array(step, { maxLength: 12 }), fc.subarray(names), (steps, unprotected) => {
    const world = new World(unprotected);
    for (const one of steps) {
      world.take(one);
      check(world);
    }
    for (const master of ids) world.take({ kind: 'return', master });
    for (const account of names) world.take({ kind: 'prefer', account, master: 'm1' });
    check(world);
    for (const name of names) expect(withoutSerial(world.text(name))).toBe(withoutSerial(zoneOf(name)));
  });
  fc.assert(run, { numRuns: 80 });
});
