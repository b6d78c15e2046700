import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ulid } from 'ulid';
import { AppError, NotFound } from '../../errors.ts';
import { statusOf } from '../shared/status-of.ts';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import type { PortalKey, PortalSay } from './texts/en.ts';

/** Everything that no route took. */
export function nothingHere(parts: PortalParts): RequestHandler {
  return (request) => {
    throw new NotFound(parts.say('problem.page', { path: request.path.slice(0, 80) }));
  };
}

/** The one place where an error becomes a page. */
export function problemPage(parts: PortalParts): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const id = ulid();
    // What is turned away for being too much would fill the log as well.
    if (!(error instanceof AppError) && statusOf(error) !== 429)
      parts.log.error({ id, path: request.path, error }, 'a page failed');
    if (response.headersSent) return next(error);
    const model = { ...tellingOf(error, id, parts.say), id };
    const options = { title: parts.say('problem.title'), status: statusOf(error) };
    sendPage(parts, request, response, 'problem', options, model).catch((failed: unknown) => {
      parts.log.error({ id, error: failed }, 'the error page failed');
      response
        .status(500)
        .type('text')
        .send(`${parts.say('problem.unknown')} ${parts.say('problem.log', { id })}`);
    });
  };
}

/**
 * What a person is told: an expected failure in its own words, anything else only by an id that the log has too. The
 * message of an error may be a key: what is none stands for itself.
 */
function tellingOf(error: unknown, id: string, say: PortalSay): { readonly sentence: string; readonly hint: string } {
  // Casts: a text that is no key comes back as it is.
  if (error instanceof AppError)
    return { sentence: say(error.message as PortalKey), hint: say((error.hint ?? '') as PortalKey) };
  if (statusOf(error) === 413) return { sentence: say('problem.much'), hint: say('problem.much.hint') };
  if (statusOf(error) === 429) return { sentence: say('problem.rate'), hint: say('problem.rate.hint') };
  if (statusOf(error) < 500) return { sentence: say('problem.unread'), hint: '' };
  return { sentence: say('problem.unknown'), hint: say('problem.log', { id }) };
}
