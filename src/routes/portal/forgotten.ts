import { type Request, type Response, Router } from 'express';
import { type AppError, Invalid, messageOf } from '../../errors.ts';
import type { PortalDeps, PortalParts } from './deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet, submitted } from './forms.ts';
import type { FormField } from './present/form.ts';
import { waitWords } from './wait.ts';

type Mail = NonNullable<PortalDeps['mail']>;

/** "Forgot your password?": a one-time link by mail. The answer is the same whoever is named, and as quick. */
export function forgottenRoutes(parts: PortalParts, mail: Mail): Router {
  const router = Router();
  router.get('/forgotten', (request, response) => sendForm(parts, request, response));
  router.post('/forgotten', (request, response) =>
    submitted(
      response,
      async () => {
        const name = (bodyOf(request)['name'] ?? '').trim().toLowerCase().slice(0, 64);
        if (name === '')
          throw new Invalid(parts.say('form.again'), [{ path: 'name', message: parts.say('forgotten.fill') }]);
        const address = request.ip ?? '';
        const wait = await parts.auth.forgottenWait(name, address);
        if (wait !== undefined) throw new Invalid(waitWords(parts.say, wait));
        await sendSent(parts, request, response, name);
        // After the answer, so that its time tells nothing about the name.
        await sendLetter(parts, mail, name, address);
        return undefined;
      },
      (error) => sendForm(parts, request, response, error),
    ),
  );
  return router;
}

/** Never rejects: who asked has their answer. */
async function sendLetter(parts: PortalParts, mail: Mail, name: string, address: string): Promise<void> {
  const { say, log, auth } = parts;
  try {
    const link = await auth.forgottenLink(name);
    if (link === undefined) return log.info({ address }, 'a new password was asked for a name that gets no letter');
    const url = `${mail.url}/password/${link.secret}`;
    await auth.audit({ actor: { kind: 'person', name: 'anybody', address }, event: 'person.forgotten', subject: name });
    await mail.send({
      to: link.email,
      subject: say('forgotten.subject'),
      text: `${say('forgotten.letter', { name: link.name, address, url })}\n`,
    });
  } catch (error) {
    log.error({ person: name, reason: messageOf(error) }, 'the letter with a link for a new password was not sent');
  }
}

async function sendForm(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const field: FormField = {
    name: 'name',
    label: say('sign-in.name'),
    help: '',
    input: 'text',
    secret: false,
    required: true,
  };
  return sendSheet(
    parts,
    request,
    response,
    {
      heading: say('forgotten.title'),
      ...(error === undefined ? {} : { problem: problemOf(error, [field]) }),
      blocks: [
        { kind: 'text', text: say('forgotten.intro') },
        {
          kind: 'form',
          action: '/forgotten',
          fields: fieldsFor(parts, [field], bodyOf(request), issuesOf(error)),
          button: say('forgotten.button'),
        },
      ],
    },
    error,
  );
}

function sendSent(parts: PortalParts, request: Request, response: Response, name: string): Promise<void> {
  const { say } = parts;
  return sendSheet(parts, request, response, {
    heading: say('forgotten.title'),
    blocks: [
      { kind: 'text', text: say('forgotten.sent', { name }), tone: 'note' },
      { kind: 'text', text: say('forgotten.none') },
    ],
  });
}
