/** Passkeys on the page of the second factor: what there is, one more, one less. */
import type { Request, Response, Router } from 'express';
import { type AppError, Invalid, NotFound } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, mustBeSure, submitted } from '../forms.ts';
import { readerOf } from '../frame.ts';
import { asked, spentChallenge } from '../passkey.ts';
import type { FormField } from '../present/form.ts';
import { ago } from '../present/time.ts';
import type { Block, Cell } from '../sheet.ts';
import { actorIn } from '../who.ts';

const place = '/me/second-factor';

type Again = (request: Request, response: Response, error: AppError) => Promise<void>;

export function passkeyRoutes(parts: PortalParts, router: Router, again: Again): void {
  router.post(`${place}/passkeys`, (request, response) =>
    submitted(
      response,
      () => added(parts, request),
      (error) => again(request, response, error),
    ),
  );
  router.post(`${place}/sure`, (request, response) =>
    submitted(
      response,
      async () => {
        await mustBeSure(parts, request);
        return place;
      },
      (error) => again(request, response, error),
    ),
  );
  router.post(`${place}/passkeys/:id/remove`, (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        await mustBeSure(parts, request);
        const gone = await parts.auth.passkeys.remove(actor.name, String(request.params.id));
        if (!gone) throw new NotFound(parts.say('passkey.none'));
        await parts.auth.audit({ actor, event: 'passkey.remove', subject: actor.name });
        return place;
      },
      (error) => again(request, response, error),
    ),
  );
}

async function added(parts: PortalParts, request: Request): Promise<string> {
  const { say } = parts;
  const actor = actorIn(request);
  const { label = '', answer = '' } = bodyOf(request);
  // First of all: a question is asked once, whatever becomes of the form.
  const challenge = spentChallenge(parts, request);
  await mustBeSure(parts, request);
  const name = label.trim().slice(0, 64);
  if (name === '') throw new Invalid(say('form.again'), [{ path: 'label', message: say('form.fill') }]);
  if (parts.passkeySite === undefined || answer === '') throw new Invalid(say('passkey.script'));
  if (challenge === undefined) throw new Invalid(say('passkey.late'));
  await parts.auth.passkeys.add(parts.passkeySite, actor.name, challenge, { label: name, answer });
  await parts.auth.audit({ actor, event: 'passkey.add', subject: actor.name, detail: name });
  return place;
}

/** The part of the page; [] where browsers can bind no passkey. */
export async function passkeyBlocks(
  parts: PortalParts,
  request: Request,
  sure: readonly FormField[],
  error?: AppError,
): Promise<readonly Block[]> {
  const { say, passkeySite } = parts;
  if (passkeySite === undefined) return [];
  const { name } = actorIn(request);
  const rows = await parts.auth.passkeys.list(name);
  // The step up first, on its own: one question at a time.
  const question = sure.length > 0 ? undefined : await parts.auth.passkeys.askNew(passkeySite, name);
  const label: FormField = { name: 'label', label: say('passkey.label'), input: 'text', required: true };
  const help = { ...label, help: say('passkey.label.help') };
  return [
    { kind: 'heading', text: say('passkey.title') },
    { kind: 'text', text: say('passkey.why') },
    {
      kind: 'table',
      columns: [say('passkey.label'), say('sessions.since'), say('passkey.used'), say('account.change')],
      empty: say('passkey.empty'),
      small: true,
      rows: rows.map((row) => [
        { text: row.label },
        { time: ago(new Date(row.createdAt).toISOString(), readerOf(parts)) },
        row.lastUsedAt === undefined
          ? { text: '–' }
          : { time: ago(new Date(row.lastUsedAt).toISOString(), readerOf(parts)) },
        removal(parts, row.id, sure.length > 0),
      ]),
    },
    question === undefined
      ? {
          kind: 'form',
          action: `${place}/sure`,
          fields: fieldsFor(parts, sure, {}, issuesOf(error)),
          button: say('sure.button'),
        }
      : {
          kind: 'form',
          action: `${place}/passkeys`,
          fields: fieldsFor(parts, [help], bodyOf(request), issuesOf(error)),
          button: say('passkey.add'),
          passkey: asked(parts, request, question),
        },
  ];
}

function removal({ say }: PortalParts, id: string, waits: boolean): Cell {
  if (waits) return { text: '–' };
  return { buttons: [{ label: say('passkey.remove'), action: `${place}/passkeys/${id}/remove`, danger: true }] };
}
