/** What of a watcher's state a person must hear, with what Tandem did and what it will not do alone. Pure. */
import type { Event } from '../notify/model.ts';
import type { MasterState } from './plan.ts';
import type { Outcome } from './publish/model.ts';
import { accountsIn, type Order, orderId } from './verdict/orders.ts';

/** All that one look sees. */
export interface Seen {
  readonly now: number;
  readonly masters: readonly MasterState[];
  readonly orders: readonly Order[];
  /** Other watchers that did not answer, with the reason. */
  readonly silent: readonly { readonly id: string; readonly why: string }[];
  /** How the last order ended in the zones; undefined where none was carried out. */
  readonly outcome: Outcome | undefined;
  /** The master that is active for the pair. */
  readonly active: string;
  /** Zones that a switch would leave alone. */
  readonly obstacles: readonly { readonly zone: string; readonly reason: string }[];
  /** Zones with a key of a master that a name server does not have. */
  readonly lackingKeys: readonly { readonly zone: string; readonly reason: string }[];
}

/** A warning, and how long it must last before anybody is told: much is over sooner. */
export interface Warning extends Omit<Event, 'at'> {
  readonly afterMs: number;
}

/** Every warning that holds now. The same case has the same key on both watchers. */
export function warningsOf(seen: Seen): readonly Warning[] {
  return [
    ...seen.masters.flatMap((one) => masterWarning(one, seen.orders)),
    ...seen.silent.map(
      ({ id, why }): Warning => ({
        key: `silent:${id}`,
        severity: 'warning',
        afterMs: 60_000,
        sentence: `${id} does not answer the other watcher`,
        evidence: why,
        command: 'tandem failover',
      }),
    ),
    ...zoneWarning(seen),
    ...obstacleWarning(seen),
    ...keyWarning(seen),
  ];
}

function masterWarning(one: MasterState, orders: readonly Order[]): readonly Warning[] {
  const { master, state, sentence } = one;
  const evidence = one.evidence.slice(1).join('; ');
  const base = { sentence, evidence, command: 'tandem failover' } as const;
  switch (state) {
    case 'steady':
    case 'maintenance':
      return [];
    case 'suspect':
      return [{ ...base, key: `suspect:${master}`, severity: 'warning', afterMs: 120_000 }];
    case 'cut':
      return [
        { ...base, key: `cut:${master}`, severity: 'warning', afterMs: 60_000, willNot: 'switch: others see it' },
      ];
    case 'unsure':
      return [
        {
          ...base,
          key: `unsure:${master}`,
          severity: 'critical',
          afterMs: 15_000,
          willNot: 'switch: it is not proved',
          command: `tandem failover prepare ${master}`,
        },
      ];
    case 'failed-over':
      return [
        {
          ...base,
          key: `failed-over:${master}`,
          severity: 'warning',
          afterMs: 0,
          willNot: 'go back',
          command: `tandem failover return ${master}`,
        },
      ];
    case 'master-dead':
    case 'standby-dead':
      return [{ ...base, ...done(master, orders), key: `dead:${master}`, severity: 'critical', afterMs: 0 }];
    case 'hold':
    case 'hold-down':
    case 'daily-limit':
    case 'conflict':
    case 'second-word':
    case 'far-more':
    case 'far-fewer':
      return [
        {
          ...base,
          key: `dead:${master}`,
          severity: 'critical',
          afterMs: 0,
          willNot: 'switch until a person says so',
          command: `tandem failover switch ${master}`,
        },
      ];
  }
}

/** What was ordered because of this death, if anything was. */
function done(master: string, orders: readonly Order[]): Pick<Warning, 'did' | 'willNot'> {
  const last = [...orders].sort((a, b) => b.epoch - a.epoch).find((order) => accountsIn(order).length === 0);
  if (last === undefined || last.kind !== 'switch' || last.from !== master) return {};
  return { did: `Names move to ${last.to} (order ${orderId(last)}).`, willNot: `go back to ${master}` };
}

/** What a person types who has looked at the numbers and goes on with the order. */
export function goOn(order: Pick<Order, 'from' | 'to' | 'account' | 'accounts'> & { readonly kind: string }): string {
  const where = order.kind === 'switch' ? `switch ${order.from}` : `return ${order.to}`;
  // One of several is enough: the order is the one that waits.
  const [first] = accountsIn(order);
  return `tandem failover ${where}${first === undefined ? '' : ` --account ${first}`} --confirmed`;
}

function zoneWarning({ outcome, orders, active }: Seen): readonly Warning[] {
  if (outcome === undefined) return [];
  const order = orders.find((one) => orderId(one) === outcome.order);
  const base = { sentence: `Zones: ${outcome.sentence}`, command: 'tandem zones state' } as const;
  switch (outcome.kind) {
    case 'done':
    case 'stopped':
      return [];
    case 'asks':
      return [
        {
          ...base,
          key: 'zones:asks',
          severity: 'critical',
          afterMs: 0,
          willNot: 'change the zones: the numbers are not what was expected',
          command: order === undefined ? `tandem failover prepare ${active}` : goOn(order),
        },
      ];
    case 'failed':
      return [{ ...base, key: 'zones:failed', severity: 'critical', afterMs: 10_000 }];
    case 'stragglers':
      return [{ ...base, key: 'zones:stragglers', severity: 'warning', afterMs: 60_000 }];
  }
}

/** In advance: in a switch it would be too late. */
function obstacleWarning({ obstacles, active }: Seen): readonly Warning[] {
  const [first] = obstacles;
  if (first === undefined) return [];
  const count = obstacles.length;
  return [
    {
      key: 'zones:obstacles',
      severity: 'warning',
      // A file that is being written, or a key that is being changed, is no news.
      afterMs: 600_000,
      sentence: `A switch would leave ${count === 1 ? '1 zone' : `${count} zones`} alone, such as ${first.zone}`,
      evidence: first.reason,
      willNot: 'move them',
      command: `tandem failover prepare ${active}`,
    },
  ];
}

/** Before a DS record of that key is shown: from then on resolvers refuse what the name servers answer. */
function keyWarning({ lackingKeys }: Seen): readonly Warning[] {
  const [first] = lackingKeys;
  if (first === undefined) return [];
  const count = new Set(lackingKeys.map(({ zone }) => zone)).size;
  return [
    {
      key: 'zones:keys',
      severity: 'warning',
      // A server remembers for half a minute that it had no such key.
      afterMs: 120_000,
      sentence: `${count === 1 ? '1 zone has a key' : `${count} zones have keys`} that the name servers lack, such as ${first.zone}`,
      evidence: first.reason,
      willNot: 'sign with them; their DS records must not be shown yet',
      command: 'tandem doctor',
    },
  ];
}
