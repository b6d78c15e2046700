import type { Situation } from './model.ts';
import { accountsIn, movingOrders, type Order } from './verdict/orders.ts';
import { placesOfKind, type Topology } from './verdict/topology.ts';

/** Reasons not to carry out an order now. Pure; each has a limit in the configuration and a person may override it. */

export interface Veto {
  readonly kind:
    | 'conflict'
    | 'hold'
    | 'maintenance'
    | 'hold-down'
    | 'daily-limit'
    | 'far-more'
    | 'far-fewer'
    | 'second-word';
  readonly sentence: string;
  /** Whether a person who says so may go on. A conflict must be settled first. */
  readonly overridable: boolean;
}

export interface SwitchLimits {
  /** No second automatic switch within this time. Default 10 minutes. */
  readonly holdDownMs: number;
  /** Automatic switches within 24 hours. Default 2. */
  readonly perDay: number;
  /** How far the number of records may be off what is expected, as a share and at least as a number. Default 0.3, 10. */
  readonly brakeShare: number;
  readonly brakeLeast: number;
}

export const defaultLimits: SwitchLimits = { holdDownMs: 600_000, perDay: 2, brakeShare: 0.3, brakeLeast: 10 };

const day = 86_400_000;

/** The masters to which anything belongs: the pair's home, which is the first, and those that accounts were moved to. */
export function homesInUse(topology: Topology, accounts: Readonly<Record<string, string>>): readonly string[] {
  const moved = Object.values(accounts);
  const ids = placesOfKind(topology, 'master').map(({ id }) => id);
  return ids.filter((id, at) => at === 0 || moved.includes(id));
}

/**
 * The orders that moved the pair or an account. A switch away from a standby moves no name; did it count, a standby that
 * restarts would keep the names on a master that dies a minute later.
 */
function moving({ orders, standing, topology }: Situation): readonly Order[] {
  if (standing.kind !== 'agreed') return orders;
  return movingOrders(orders, homesInUse(topology, standing.homes));
}

function minutes(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 60_000))} min`;
}

function veto(kind: Veto['kind'], sentence: string, overridable = true): Veto {
  return { kind, sentence, overridable };
}

function timing(situation: Situation): readonly Veto[] {
  const { now, limits } = situation;
  // An account that goes where it belongs says nothing about the masters: it must not keep all others on a dead one.
  const orders = moving(situation).filter((order) => accountsIn(order).length === 0);
  const own = orders.filter((order) => order.by === 'verdict' && order.kind === 'switch');
  const last = Math.max(Number.NEGATIVE_INFINITY, ...orders.map((order) => order.at));
  const left = last + limits.holdDownMs - now;
  // Both watchers may have given the same order at the same moment: that is one switch.
  const recent = own.filter((order) => now - order.at < day).map(({ epoch, from, to }) => `${epoch} ${from} ${to}`);
  const today = new Set(recent).size;
  return [
    ...(left > 0
      ? [veto('hold-down', `The last order is too young; the next automatic one may come in ${minutes(left)}.`)]
      : []),
    ...(today >= limits.perDay
      ? [veto('daily-limit', `${today} automatic switches in a day are enough; a person decides.`)]
      : []),
  ];
}

/** What stands against an automatic switch away from `master`, all reasons at once. */
export function switchVetoes(situation: Situation, master: string): readonly Veto[] {
  const { hold, maintenance, now, standing } = situation;
  const planned = maintenance.find((window) => window.master === master && window.from <= now && now < window.until);
  return [
    ...(standing.kind === 'conflict'
      ? [veto('conflict', 'Two orders contradict each other; both name servers keep answering.', false)]
      : []),
    ...(hold === undefined ? [] : [veto('hold', `${hold.by} has put switching on hold: ${hold.reason}.`)]),
    ...(planned === undefined ? [] : [veto('maintenance', `${master} is in maintenance: ${planned.reason}.`)]),
    ...timing(situation),
  ];
}

/** The change brake: an order that would touch far more or fewer records than expected stops and asks. */
export function brake(expected: number, planned: number, limits: SwitchLimits): readonly Veto[] {
  const room = Math.max(limits.brakeLeast, expected * limits.brakeShare);
  if (Math.abs(planned - expected) <= room) return [];
  const kind = planned > expected ? 'far-more' : 'far-fewer';
  return [veto(kind, `The order would change ${planned} records where ${expected} were expected.`)];
}

/** A manual order is given twice when the other watcher cannot be asked: it may have decided otherwise. */
export function manualVetoes(situation: Situation, peerAnswers: boolean, isSecondWord: boolean): readonly Veto[] {
  const conflict = switchVetoes(situation, '').filter((one) => one.kind === 'conflict');
  const alone = !peerAnswers && !isSecondWord;
  const sentence = 'The other watcher does not answer and may have decided otherwise; say it a second time to go on.';
  return alone ? [...conflict, veto('second-word', sentence)] : conflict;
}
