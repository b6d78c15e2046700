/**
 * The life of an operation, told once.
 *
 * An operation is accepted in one transaction, with a leg for each master. One master leads: when its leg is done the
 * operation is decided and the other legs are released. Everything below is a conditional UPDATE on (state, lease), so
 * two workers never both win.
 *
 *   leg     ready ──► sent ──► done            the usual way; `sent` is durable before a byte leaves
 *             │ ▲      │ └──► doubt ──► sent | done | held     nobody knows; looked at when the call can no longer land
 *             │ └──────┘                       proved not sent, busy, denied: back to the start
 *             ├──► refused | withdrawn | skipped               nothing was changed on this master
 *             └──► held ──► ready | doubt (retry) | done (adopt) | skipped (skip) | withdrawn (undo)
 *
 * A ready leg with `released = 0` waits for the lead; one with `waits > 0` waits for earlier legs on a shared key.
 * A held leg keeps its exclusive keys on its master and gives up the shared ones, so that it never stops strangers.
 */
import type { LegState, OperationState } from './model.ts';

/** Who may make a move: the runner of a leg, the sweep, or a person. */
export type Mover = 'runner' | 'sweep' | 'person';

export interface Move<S extends string> {
  readonly from: S;
  readonly to: S;
  readonly by: readonly Mover[];
  readonly when: string;
}

/** States in which a leg still wants something done. 'waiting' is how views show a ready leg that may not run yet. */
export const OPEN_LEG = ['ready', 'sent', 'doubt', 'held'] as const satisfies readonly LegState[];
/** States that a worker may take a lease on. */
export const RUNNABLE_LEG = ['ready', 'sent', 'doubt'] as const satisfies readonly LegState[];
export const FINAL_OPERATION = ['done', 'refused', 'withdrawn'] as const satisfies readonly OperationState[];

export const LEG_MOVES: readonly Move<LegState>[] = [
  { from: 'ready', to: 'sent', by: ['runner'], when: 'before the bytes of a call leave' },
  { from: 'ready', to: 'done', by: ['runner'], when: 'the first look finds it settled' },
  { from: 'ready', to: 'refused', by: ['runner'], when: 'this master, as lead, would refuse; nothing was sent' },
  { from: 'ready', to: 'held', by: ['runner'], when: 'this master, as follower, would refuse' },
  { from: 'ready', to: 'withdrawn', by: ['runner', 'sweep', 'person'], when: 'the lead refused, or it was withdrawn' },
  { from: 'ready', to: 'skipped', by: ['person'], when: 'the account is not wanted on this master' },
  { from: 'sent', to: 'ready', by: ['runner'], when: 'proved not sent, busy, or denied' },
  { from: 'sent', to: 'sent', by: ['runner'], when: 'the next call of the plan' },
  { from: 'sent', to: 'done', by: ['runner'], when: 'the master said 1' },
  { from: 'sent', to: 'refused', by: ['runner'], when: 'the master said no, as lead, and a look shows no change' },
  { from: 'sent', to: 'held', by: ['runner'], when: 'the master said no, as follower or after a partial effect' },
  { from: 'sent', to: 'doubt', by: ['runner', 'sweep'], when: 'no answer, or the worker died' },
  { from: 'doubt', to: 'sent', by: ['runner'], when: 'a look shows that it did not happen' },
  { from: 'doubt', to: 'done', by: ['runner'], when: 'a look shows that it happened' },
  { from: 'doubt', to: 'refused', by: ['runner'], when: 'it did not happen, and the new lead refused it' },
  { from: 'doubt', to: 'held', by: ['runner'], when: 'a look shows something else, or too many doubts' },
  { from: 'held', to: 'ready', by: ['person'], when: 'retry: never sent, or a person knows that it did not happen' },
  { from: 'held', to: 'doubt', by: ['person'], when: 'retry, or undo of what may be there' },
  { from: 'held', to: 'done', by: ['person'], when: 'adopt' },
  { from: 'held', to: 'skipped', by: ['person'], when: 'skip' },
  { from: 'held', to: 'withdrawn', by: ['person', 'runner'], when: 'undo on the other, or nobody has it' },
  { from: 'sent', to: 'withdrawn', by: ['runner'], when: 'it was taken back' },
  { from: 'doubt', to: 'withdrawn', by: ['runner', 'person'], when: 'a look finds it taken back' },
  { from: 'done', to: 'ready', by: ['person'], when: 'undo on the other: this one is taken back' },
];

export const OPERATION_MOVES: readonly Move<OperationState>[] = [
  { from: 'accepted', to: 'following', by: ['runner'], when: 'the lead did it' },
  { from: 'accepted', to: 'done', by: ['runner', 'person'], when: 'the lead did it and nobody follows' },
  { from: 'accepted', to: 'refused', by: ['runner'], when: 'the lead refused' },
  { from: 'accepted', to: 'withdrawn', by: ['person', 'sweep'], when: 'nothing was ever sent' },
  { from: 'accepted', to: 'undecided', by: ['runner'], when: 'the lead is on hold' },
  { from: 'undecided', to: 'accepted', by: ['person'], when: 'retry' },
  { from: 'undecided', to: 'following', by: ['runner', 'person'], when: 'a master turned out to have it' },
  { from: 'undecided', to: 'done', by: ['runner', 'person'], when: 'all masters have it, or it was skipped' },
  { from: 'undecided', to: 'refused', by: ['runner'], when: 'no master has it' },
  { from: 'undecided', to: 'withdrawn', by: ['person'], when: 'undone' },
  { from: 'following', to: 'done', by: ['runner', 'person'], when: 'all legs are final' },
  { from: 'following', to: 'withdrawn', by: ['runner', 'person'], when: 'undone on the masters that had it' },
];

/** Whether the table allows the move. */
export function mayMove<S extends string>(moves: readonly Move<S>[], from: S, to: S): boolean {
  return moves.some((move) => move.from === from && move.to === to);
}
