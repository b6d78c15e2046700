import { type Request, type Response, Router } from 'express';
import { type AppError, NotFound } from '../../errors.ts';
import type { PortalParts } from './deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet, submitted } from './forms.ts';
import type { FormField } from './present/form.ts';

/** The page behind a one-time link: whoever has it sets the person's password, once. Nobody needs to be signed in. */
export function passwordLinkRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/password/:secret', (request, response) => sendForm(parts, request, response));
  router.post('/password/:secret', (request, response) =>
    submitted(
      response,
      async () => {
        const name = await parts.auth.passwordByLink(secretIn(request), bodyOf(request)['password'] ?? '');
        const actor = { kind: 'person', name, address: request.ip ?? '' };
        await parts.auth.audit({ actor, event: 'person.password', subject: name, detail: 'by link' });
        return '/sign-in';
      },
      (error) => sendForm(parts, request, response, error),
    ),
  );
  return router;
}

function secretIn(request: Request): string {
  return String(request.params['secret']).slice(0, 64);
}

async function sendForm(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const name = await parts.auth.passwordLinkOf(secretIn(request));
  if (name === undefined) throw new NotFound(say('link.over'));
  const field: FormField = {
    name: 'password',
    label: say('me.password.new'),
    help: say('me.password.help'),
    input: 'password',
    secret: true,
    required: true,
  };
  return sendSheet(
    parts,
    request,
    response,
    {
      heading: say('link.title'),
      ...(error === undefined ? {} : { problem: problemOf(error, [field]) }),
      blocks: [
        { kind: 'text', text: say('link.intro', { name }) },
        {
          kind: 'form',
          action: `/password/${secretIn(request)}`,
          fields: fieldsFor(parts, [field], {}, issuesOf(error)),
          button: say('link.button'),
        },
      ],
    },
    error,
  );
}
