/** Sessions that are kept before the answer leaves: a browser that follows a redirect at once finds what was changed. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import session, { type SessionOptions } from 'express-session';

/**
 * express-session sends an answer's head first and writes the session meanwhile. Whoever is led on by that head, such as
 * after signing in, could come back before the session is there. Here the head waits for the write.
 */
export function keptSession(options: SessionOptions): RequestHandler {
  const handler = session(options);
  return (request, response, next) =>
    handler(request, response, (error?: unknown) => {
      if (error === undefined) keepFirst(request, response, next);
      next(error);
    });
}

function stateOf(request: Request): string {
  // What is ended is undefined from then on.
  const { cookie: _, ...data } = request.session ?? {};
  return JSON.stringify([request.sessionID, data]);
}

function keepFirst(request: Request, response: Response, next: NextFunction): void {
  const before = stateOf(request);
  const end = response.end.bind(response) as (...args: readonly unknown[]) => Response;
  let isEnding = false;
  // Cast: end() has several forms, and all of them are handed on as they came.
  response.end = ((...args: readonly unknown[]) => {
    const isUnchanged = request.session === undefined || stateOf(request) === before;
    if (isEnding || response.headersSent || isUnchanged) return end(...args);
    isEnding = true;
    request.session.touch();
    request.session.save((error?: unknown) => {
      if (error === undefined || error === null) {
        end(...args);
        return;
      }
      // What was to be told is not so: the error's page leaves in its place.
      response.removeHeader('Location');
      next(error);
    });
    return response;
  }) as Response['end'];
}
