/** The page behind an invitation: whoever has the link chooses a password, once. Nobody needs to be signed in. */
import { type Request, type Response, Router } from 'express';
import { AppError, Invalid, NotAllowed, NotFound } from '../../errors.ts';
import { statusOf } from '../shared/status-of.ts';
import type { CustomerParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { languageOf } from './language.ts';
import { enter } from './session.ts';
import { sayAny, sayIn } from './texts/index.ts';

export function invitationRoutes(parts: CustomerParts): Router {
  const router = Router();
  router.get('/my/invitation/:secret', (request, response) => sendForm(parts, request, response));
  router.post('/my/invitation/:secret', async (request, response) => {
    const password = String(request.body['password'] ?? '').slice(0, 256);
    try {
      const { account, role, email, id } = await parts.auth.customers.join(secretIn(request), password);
      const customer = { account, role, name: email, collaborator: id };
      return await enter(parts, request, response, customer, '/my', 'invitation');
    } catch (error) {
      if (!(error instanceof AppError) || error instanceof NotAllowed) throw error;
      return sendForm(parts, request, response, error);
    }
  });
  return router;
}

function secretIn(request: Request): string {
  return String(request.params['secret']).slice(0, 64);
}

async function sendForm(parts: CustomerParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const language = languageOf(request);
  const say = sayIn(language);
  const link = await parts.auth.customers.linkOf(secretIn(request));
  const found = link?.kind === 'invitation' ? await parts.auth.customers.collaborator(link.collaborator) : undefined;
  if (found === undefined) throw new NotFound('invitation.over');
  const problem = error instanceof Invalid ? (error.issues[0]?.message ?? error.message) : (error?.message ?? '');
  const model = {
    secret: secretIn(request),
    intro: say('invitation.intro', { email: found.email, account: found.account, role: say(`role.${found.role}`) }),
    email: found.email,
    problem: sayAny(language, problem),
  };
  const options = { title: say('invitation.title'), status: error === undefined ? 200 : statusOf(error) };
  return sendPage(parts, request, response, 'invitation', options, model);
}
