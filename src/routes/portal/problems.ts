import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ulid } from 'ulid';
import { AppError, NotFound } from '../../errors.ts';
import { statusOf, tellingOf } from '../shared/status-of.ts';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';

/** Everything that no route took. */
export function nothingHere(): RequestHandler {
  return (request) => {
    throw new NotFound(`There is no page ${request.path.slice(0, 80)}.`);
  };
}

/** The one place where an error becomes a page. */
export function problemPage(parts: PortalParts): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const id = ulid();
    if (!(error instanceof AppError)) parts.log.error({ id, path: request.path, error }, 'a page failed');
    if (response.headersSent) return next(error);
    const model = { ...tellingOf(error, id), id };
    const options = { title: 'That did not work', status: statusOf(error) };
    sendPage(parts, request, response, 'problem', options, model).catch((failed: unknown) => {
      parts.log.error({ id, error: failed }, 'the error page failed');
      response.status(500).type('text').send(`Tandem failed at this page. The log has the reason under ${id}.`);
    });
  };
}
