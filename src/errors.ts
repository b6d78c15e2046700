/** Whether asking again later can help. The thrower knows; queues only obey. */
export type Retry = 'never' | 'later';

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** What a person does next, one sentence. */
  readonly hint?: string;
}

/**
 * Base of every expected failure. `code` is stable: it is shown, searched and documented.
 * A message says what happened and to which master; it never holds a secret.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;
  abstract readonly retry: Retry;
  readonly hint: string | undefined;

  constructor(message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** One thing wrong with an input; `path` names the field or configuration key ('' for the whole). */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** Bad input: a field, a flag, a configuration key. Nothing was done. */
export class Invalid extends AppError {
  readonly code = 'input.invalid';
  readonly retry = 'never';
  readonly issues: readonly Issue[];

  constructor(message: string, issues: readonly Issue[] = [], options: AppErrorOptions = {}) {
    super(message, options);
    this.issues = issues;
  }
}

/** The request is well formed but must not be done now (pre-flight, a name that is taken, a rule). */
export class Refused extends AppError {
  readonly code = 'operation.refused';
  readonly retry = 'never';
}

/** The person or token may not do this, or may not know that it exists. */
export class NotAllowed extends AppError {
  readonly code = 'auth.not-allowed';
  readonly retry = 'never';
}

/** No such thing, or not yours. */
export class NotFound extends AppError {
  readonly code = 'not-found';
  readonly retry = 'never';
}

/** The request waits behind something that only a person can clear. */
export class Blocked extends AppError {
  readonly code = 'operation.blocked';
  readonly retry = 'later';
}

/** No master can be reached, so nothing was accepted. */
export class Unreachable extends AppError {
  readonly code = 'masters.unreachable';
  readonly retry = 'later';
}

/** Another worker holds what this one thought it held; stop at once. */
export class LeaseLost extends AppError {
  readonly code = 'lease.lost';
  readonly retry = 'later';
}

/** An answer whose shape nobody expected. It proves nothing. */
export class Garbled extends AppError {
  readonly code = 'whm.garbled';
  readonly retry = 'later';
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
