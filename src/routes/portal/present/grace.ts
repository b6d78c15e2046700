/** What can still be undone before anything is sent, and what was undone. */
import type { OperationView } from '../../../operations/model.ts';
import type { PostButton } from '../sheet.ts';
import type { Reader } from './reader.ts';

/** The button, and how long it stays. */
export interface UndoModel {
  readonly button: PostButton;
  /** ISO time. */
  readonly until: string;
  /** For who sees no countdown: 'at 14:02:31'. */
  readonly at: string;
}

/** undefined: it has begun, or nobody was given time to undo it. */
export function undoModel(view: OperationView, { say, now }: Pick<Reader, 'say' | 'now'>): UndoModel | undefined {
  const { graceUntil, state, id } = view;
  if (graceUntil === undefined || state !== 'accepted' || Date.parse(graceUntil) <= now) return undefined;
  return {
    button: { label: say('undo.button'), action: `/operations/${id}/withdraw`, until: graceUntil },
    until: graceUntil,
    at: say('undo.at', { time: graceUntil.slice(11, 19) }),
  };
}

/** It was taken back in that time. */
export function wasUndone({ state, graceUntil, decidedAt }: OperationView): boolean {
  return state === 'withdrawn' && graceUntil !== undefined && decidedAt !== undefined && decidedAt <= graceUntil;
}
