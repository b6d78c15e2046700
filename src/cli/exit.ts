import { AppError, Blocked, Invalid, NotAllowed, NotFound, Refused, Unreachable } from '../errors.ts';
import type { OperationView } from '../operations/model.ts';

/** What a script reads from `tandem`. 1 is kept for what nobody expected. */
export const exits = { done: 0, unexpected: 1, invalid: 2, refused: 3, waiting: 4, unreachable: 5 } as const;

export type Exit = (typeof exits)[keyof typeof exits];

export function exitOfError(error: unknown): Exit {
  if (error instanceof Invalid || error instanceof NotFound) return exits.invalid;
  if (error instanceof Refused || error instanceof NotAllowed) return exits.refused;
  if (error instanceof Blocked) return exits.waiting;
  if (error instanceof Unreachable) return exits.unreachable;
  if (error instanceof AppError) return error.retry === 'later' ? exits.waiting : exits.refused;
  return exits.unexpected;
}

/** 'following' is 4: one master has it, another still waits. */
export function exitOfOperation(view: OperationView): Exit {
  switch (view.state) {
    case 'done':
      return exits.done;
    case 'refused':
    case 'withdrawn':
      return exits.refused;
    case 'accepted':
    case 'following':
    case 'undecided':
      return exits.waiting;
  }
}
