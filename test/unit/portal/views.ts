import type { LegView, OperationView } from '../../../src/operations/model.ts';
import type { Reader } from '../../../src/routes/portal/present/reader.ts';
import { english, type PortalSay } from '../../../src/routes/portal/texts/en.ts';
import { sayer } from '../../../src/routes/shared/texts.ts';

export const now = Date.UTC(2026, 4, 6, 14, 2, 31);

export function at(secondsAgo: number): string {
  return new Date(now - secondsAgo * 1000).toISOString();
}

export function leg(master: string, change: Partial<LegView> = {}): LegView {
  return { id: `L-${master}`, master, state: 'waiting', attempts: 0, choices: [], answers: [], ...change };
}

/** An operation on account bob, led by m1. */
export function operation(change: Partial<OperationView> = {}): OperationView {
  return {
    id: '01OP',
    action: 'account.create',
    title: 'Create account',
    subject: { kind: 'account', account: 'bob' },
    state: 'accepted',
    lead: 'm1',
    actor: 'ana',
    door: 'portal',
    acceptedAt: at(60),
    params: {},
    legs: [leg('m1'), leg('m2')],
    canWithdraw: false,
    ...change,
  };
}

export const say: PortalSay = sayer('en', english);

/** Somebody who reads English at that time. */
export const reader: Reader = { say, names: (id) => id.toUpperCase(), now };
