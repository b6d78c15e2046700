import type { LegView, OperationView } from '../../../src/operations/model.ts';

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

export const names = (id: string): string => id.toUpperCase();
