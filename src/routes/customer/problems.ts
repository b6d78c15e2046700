import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ulid } from 'ulid';
import { AppError, NotFound } from '../../errors.ts';
import { statusOf } from '../shared/status-of.ts';
import type { CustomerParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { languageOf } from './language.ts';
import { type CustomerSay, type Language, sayAny, sayIn } from './texts/index.ts';
import { plainIn, telling } from './visit.ts';

/** Everything that no route took. */
export function nothingHere(): RequestHandler {
  return () => {
    throw new NotFound('problem.not-found');
  };
}

/** The one place where an error becomes a page. */
export function problemPage(parts: CustomerParts): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const id = ulid();
    if (!(error instanceof AppError)) parts.log.error({ id, path: request.path, error }, 'a page failed');
    if (response.headersSent) return next(error);
    const language = languageOf(request);
    const say = sayIn(language);
    const model = tellingOf(parts, language, say, error, id);
    const options = { title: say('problem.title'), status: statusOf(error) };
    sendPage(parts, request, response, 'problem', options, model).catch((failed: unknown) => {
      parts.log.error({ id, error: failed }, 'the error page failed');
      response.status(500).type('text').send(say('problem.failed', { id }));
    });
  };
}

function tellingOf(parts: CustomerParts, language: Language, say: CustomerSay, error: unknown, id: string) {
  if (error instanceof AppError) {
    const own = ownSentence(say, error);
    const said = sayAny(language, error.message);
    // What is no key of ours is a server's word or the core's own: it stands behind our sentence.
    if (own !== undefined && said === error.message)
      return { sentence: own, hint: say('problem.details', { reason: plainIn(parts, said) }) };
    const { sentence, hint } = telling({ language, say }, error);
    return { sentence: plainIn(parts, sentence), hint: plainIn(parts, hint) };
  }
  if (statusOf(error) === 413) return { sentence: say('problem.large'), hint: '' };
  return { sentence: say('problem.failed', { id }), hint: '' };
}

function ownSentence(say: CustomerSay, error: AppError): string | undefined {
  switch (error.code) {
    case 'not-found':
      return say('problem.not-found');
    case 'auth.not-allowed':
      return say('problem.not-allowed');
    case 'masters.unreachable':
      return say('problem.unreachable');
    default:
      return undefined;
  }
}
