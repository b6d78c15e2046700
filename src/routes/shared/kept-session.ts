/** Sessions that are kept before the answer leaves: a browser that follows a redirect at once finds what was changed. */
import type { Request, RequestHandler, Response } from 'express';
import session, { type SessionOptions } from 'express-session';

/**
 * express-session sends an answer's head first and writes the session meanwhile. Whoever is led on by that head, such as
 * after signing in, could come back before the session is there. Here the head waits for the write.
 */
export function keptSession(options: SessionOptions): RequestHandler {
  const handler = session(options);
  return (request, response, next) =>
    handler(request, response, (error?: unknown) => {
      if (error === undefined) keepFirst(request, response);
      next(error);
    });
}

function stateOf(request: Request): string {
  // What is ended is undefined from then on.
  const { cookie: _, ...data } = request.session ?? {};
  return JSON.stringify([request.sessionID, data]);
}

function keepFirst(request: Request, response: Response): void {
  const before = stateOf(request);
  const end = response.end.bind(response) as (...args: readonly unknown[]) => Response;
  let isEnding = false;
  // Cast: end() has several forms, and all of them are handed on as they came.
  response.end = ((...args: readonly unknown[]) => {
    const isUnchanged = request.session === undefined || stateOf(request) === before;
    if (isEnding || response.headersSent || isUnchanged) return end(...args);
    isEnding = true;
    request.session.touch();
    // A failure comes again when express-session writes it itself, which tells it to the error handler.
    request.session.save(() => end(...args));
    return response;
  }) as Response['end'];
}
