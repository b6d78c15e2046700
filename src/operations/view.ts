/** An operation as doors show it. */

import type { Subject } from '../actions/define.ts';
import { actionOf } from '../actions/index.ts';
import { openChoices } from './choices.ts';
import type { Door, LegState, LegView, OperationState, OperationView } from './model.ts';
import { type LegRow, type OperationRow, subjectOfRow } from './record.ts';
import { causeOf, type World } from './waits.ts';

/** Throws RangeError for a time that no Date can hold, which the journal never writes. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function time<K extends string>(name: K, ms: number | null): { readonly [P in K]?: string } {
  // A computed key widens to string; the type says which key it is.
  return (ms === null ? {} : { [name]: iso(ms) }) as { readonly [P in K]?: string };
}

/** Everything about one operation, with the root cause of each wait. */
export async function viewOf(world: World, row: OperationRow, legs: readonly LegRow[]): Promise<OperationView> {
  const views: LegView[] = [];
  for (const leg of legs) views.push(await legView(world, row, leg, legs));
  return {
    id: row.id,
    action: row.action,
    title: actionOf(row.action)?.title ?? row.action,
    subject: subjectOfRow(row) satisfies Subject,
    // The columns hold what this program wrote there.
    state: row.state as OperationState,
    lead: row.lead,
    actor: row.actor_name,
    door: row.door as Door,
    acceptedAt: iso(row.accepted_at),
    ...((row.grace_until ?? 0) > row.accepted_at ? time('graceUntil', row.grace_until) : {}),
    ...time('decidedAt', row.decided_at),
    ...time('finalAt', row.final_at),
    ...time('verifiedAt', row.verified_at),
    params: JSON.parse(row.params) as Record<string, unknown>,
    legs: views,
    canWithdraw: row.final_at === null && legs.every((l) => l.first_sent_at === null),
  };
}

async function legView(world: World, row: OperationRow, leg: LegRow, legs: readonly LegRow[]): Promise<LegView> {
  const cause = await causeOf(world, row, leg);
  const waiting = leg.state === 'ready' && (leg.released === 0 || leg.waits > 0);
  const next = (leg.state === 'ready' && !waiting && leg.error_code !== null) || leg.state === 'doubt';
  return {
    id: leg.id,
    master: leg.master,
    state: waiting ? 'waiting' : (leg.state as LegState),
    attempts: leg.attempts,
    ...time('sentAt', leg.sent_at),
    ...(next ? { nextAt: iso(leg.due_at) } : {}),
    ...time('doneAt', leg.done_at),
    ...(leg.error_code === null ? {} : { error: errorOf(leg, leg.error_code) }),
    ...(cause === undefined ? {} : { waitsFor: cause }),
    choices: await openChoices(world.db, row, leg, legs),
    answers: JSON.parse(leg.answers) as LegView['answers'],
  };
}

function errorOf(leg: LegRow, code: string): NonNullable<LegView['error']> {
  return { code, message: leg.error_message ?? '', ...(leg.error_hint === null ? {} : { hint: leg.error_hint }) };
}
