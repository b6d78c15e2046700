import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { AppError, Blocked, Invalid, type Issue, NotAllowed, NotFound, Refused, Unreachable } from '../../errors.ts';

/** The one shape of every failure. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly issues?: readonly Issue[];
  };
}

/** HTTP status of an expected failure. */
export function statusOf(error: AppError): number {
  if (error.code === 'auth.not-signed-in') return 401;
  if (error instanceof Invalid) return 422;
  if (error instanceof NotAllowed) return 403;
  if (error instanceof NotFound) return 404;
  if (error instanceof Refused || error instanceof Blocked) return 409;
  if (error instanceof Unreachable) return 503;
  return error.retry === 'later' ? 503 : 400;
}

export function bodyOf(error: AppError): ErrorBody {
  const issues = error instanceof Invalid && error.issues.length > 0 ? { issues: error.issues } : {};
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { error: { code: error.code, message: error.message, ...hint, ...issues } };
}

/** Status of an error of express or its body parser (413, 400 …), which say it in `status`. */
function statusIn(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : undefined;
}

const words: Readonly<Record<number, string>> = {
  400: 'The request is not valid JSON.',
  413: 'The request is too large.',
  415: 'The encoding of the body is not understood.',
};

/** The one error handler: expected failures as they are, anything else as an id that the log explains. */
export function errorHandler(log: Logger) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof AppError) {
      response.status(statusOf(error)).json(bodyOf(error));
      return;
    }
    const status = statusIn(error);
    if (status !== undefined) {
      response
        .status(status)
        .json({ error: { code: 'input.invalid', message: words[status] ?? 'The request is not valid.' } });
      return;
    }
    const id = randomUUID();
    log.error({ err: error, id, path: request.path }, 'api request failed');
    response
      .status(500)
      .json({ error: { code: 'internal', message: `Something went wrong; the log has it as ${id}.` } });
  };
}
