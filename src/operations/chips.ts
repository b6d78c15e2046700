/** The pair chip: what each master has of one account, at a glance. */
import type { Master } from '../masters.ts';
import type { Deps } from './deps.ts';
import type { KnownMaster } from './known-reach.ts';
import type { Chip, ChipState } from './model.ts';
import type { Db } from './record.ts';
import { OPEN_LEG } from './states.ts';

interface OpenLeg {
  readonly account: string | null;
  readonly operation_id: string;
  readonly action: string;
  readonly master: string;
  readonly state: string;
  readonly error_message: string | null;
  readonly due_at: number;
  readonly lease_until: number | null;
  readonly attempts: number;
}

/** A master on which nothing of the account is open. */
export function chipFor(master: Master, known: KnownMaster): Chip {
  if (known.state === 'reachable') return { master: master.id, state: 'in-step', sentence: `${master.name}: in step` };
  return {
    master: master.id,
    state: 'unseen',
    sentence: `${master.name}: not seen lately, ${known.reason ?? known.state}`,
  };
}

/** Chips of every account that has something open or a known difference; all others are in step. */
export async function accountChips(
  deps: Deps,
  db: Db,
  known: readonly KnownMaster[],
): Promise<ReadonlyMap<string, readonly Chip[]>> {
  const open = await db
    .selectFrom('legs')
    .innerJoin('operations', 'operations.id', 'legs.operation_id')
    .select([
      'operations.account',
      'legs.operation_id',
      'operations.action',
      'legs.master',
      'legs.state',
      'legs.error_message',
      'legs.due_at',
      'legs.lease_until',
      'legs.attempts',
    ])
    .where('legs.state', 'in', [...OPEN_LEG])
    .orderBy('legs.seq')
    .execute();
  const drift = await db
    .selectFrom('findings')
    .select(['account', 'master', 'sentence'])
    .where('resolved_at', 'is', null)
    .execute();
  const accounts = new Set([...open, ...drift].flatMap((r) => (r.account === null ? [] : [r.account])));
  const chips = new Map<string, readonly Chip[]>();
  for (const account of accounts) {
    chips.set(
      account,
      known.map((m) => {
        const legs = open.filter((l) => l.account === account && l.master === m.id);
        const differs = drift.find((d) => d.account === account && d.master === m.id);
        const master = deps.masters.get(m.id);
        if (legs.length > 0) return openChip(master, m, legs);
        if (differs !== undefined) return { master: m.id, state: 'differs', sentence: differs.sentence };
        return chipFor(master, m);
      }),
    );
  }
  return chips;
}

/** The most urgent of the open legs is shown. */
function openChip(master: Master, known: KnownMaster, legs: readonly OpenLeg[]): Chip {
  const held = legs.find((l) => l.state === 'held');
  const leg = held ?? legs[0];
  if (leg === undefined) return chipFor(master, known);
  const state = stateOf(leg, known);
  return {
    master: master.id,
    state,
    sentence: `${master.name}: ${sentenceOf(state, leg, known)}`,
    operation: leg.operation_id,
  };
}

function stateOf(leg: OpenLeg, known: KnownMaster): ChipState {
  if (leg.state === 'held') return 'held';
  if (known.state !== 'reachable') return 'queued';
  if (leg.state === 'doubt' || leg.error_message !== null) return 'retrying';
  if (leg.state === 'sent' || leg.lease_until !== null) return 'running';
  return 'queued';
}

function sentenceOf(state: ChipState, leg: OpenLeg, known: KnownMaster): string {
  if (state === 'held') return `${leg.action} is on hold: ${leg.error_message ?? 'a person has to decide'}`;
  if (state === 'retrying')
    return `${leg.action} is tried again at ${new Date(leg.due_at).toISOString().slice(11, 19)} UTC: ${leg.error_message ?? ''}`;
  if (known.state !== 'reachable')
    return `${leg.action} waits, the master is ${known.state} since ${new Date(known.since).toISOString().slice(11, 16)} UTC`;
  return state === 'running' ? `${leg.action} is being done` : `${leg.action} waits its turn`;
}
