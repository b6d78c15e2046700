import { type Request, type Response, Router } from 'express';
import type { Token } from '../../../auth/tokens.ts';
import { type AppError, Invalid, NotFound } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, mustBeSure, problemOf, sendSheet, submitted } from '../forms.ts';
import { readerOf } from '../frame.ts';
import type { PortalPage } from '../page.ts';
import type { FormField } from '../present/form.ts';
import { ago } from '../present/time.ts';
import type { Sheet } from '../sheet.ts';
import { sureField } from '../sure.ts';
import { actorIn } from '../who.ts';

const scopes = ['all', 'reseller', 'account'] as const;
const dayMs = 24 * 60 * 60_000;

/** Tokens of the passthrough and the JSON API. */
export const tokensPage: PortalPage = {
  path: '/tokens',
  title: 'tokens.title',
  order: 120,
  needs: 'tokens',
  routes: (parts) => {
    const router = Router();
    router.get('/tokens', (request, response) => sendTokens(parts, request, response));
    router.post('/tokens', (request, response) =>
      submitted(
        response,
        async () => {
          await mustBeSure(parts, request);
          const { token, info } = await parts.auth.tokenCreate(inputOf(parts, bodyOf(request)));
          const actor = actorIn(request);
          await parts.auth.audit({
            actor,
            event: 'token.create',
            subject: info.id,
            detail: `${info.owner} ${info.acl.join(' ')}`,
          });
          await sendSheet(parts, request, response, madeSheet(parts, token));
          return undefined;
        },
        (error) => sendTokens(parts, request, response, error),
      ),
    );
    router.post('/tokens/wait', (request, response) =>
      submitted(
        response,
        async () => {
          const { token = '', patience = '' } = bodyOf(request);
          await changeWait(parts, token, patience);
          await parts.auth.audit({ actor: actorIn(request), event: 'token.wait', subject: token, detail: patience });
          return '/tokens';
        },
        (error) => sendTokens(parts, request, response, error),
      ),
    );
    router.post('/tokens/:id/revoke', async (request, response) => {
      const { id } = request.params;
      if (!(await parts.auth.tokenRevoke(id))) throw new NotFound(parts.say('tokens.none'));
      await parts.auth.audit({ actor: actorIn(request), event: 'token.revoke', subject: id });
      response.redirect(303, '/tokens');
    });
    return router;
  },
};

function inputOf(parts: PortalParts, body: Readonly<Record<string, string>>) {
  const { owner = '', label = '', acl = '', addresses = '', days = '', scope = '', waitMs = '' } = body;
  const words = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');
  const count = Number(days);
  const bound = scopes.find((one) => one === scope);
  if (days !== '' && !(count > 0 && count <= 3650))
    throw new Invalid(parts.say('form.again'), [{ path: 'days', message: parts.say('tokens.days.wrong') }]);
  return {
    owner: owner.trim(),
    label: label.trim().slice(0, 64),
    acl: words(acl),
    addresses: words(addresses),
    ...(bound === undefined ? {} : { scope: bound }),
    ...(days === '' ? {} : { expiresAt: parts.clock() + count * dayMs }),
    ...(waitMs.trim() === '' ? {} : { waitMs: Number(waitMs) * 1000 }),
  };
}

/** Seconds; empty gives it back to the configuration. Throws Invalid at the form's own field. */
async function changeWait(parts: PortalParts, id: string, seconds: string): Promise<void> {
  try {
    await parts.auth.tokenUpdate(id, { waitMs: seconds.trim() === '' ? null : Number(seconds) * 1000 });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(
      parts.say('form.again'),
      error.issues.map(({ message }) => ({ path: 'patience', message })),
      { cause: error },
    );
  }
}

function madeSheet(parts: PortalParts, token: string): Sheet {
  return {
    heading: parts.say('tokens.made'),
    trail: { label: parts.say('tokens.title'), href: '/tokens' },
    blocks: [
      { kind: 'text', text: parts.say('tokens.keep'), tone: 'note' },
      { kind: 'code', text: token },
    ],
  };
}

function fieldsOf(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  return [
    { name: 'owner', label: say('tokens.owner'), help: say('tokens.owner.help'), input: 'text', required: true },
    {
      name: 'scope',
      label: say('tokens.scope'),
      input: 'text',
      required: false,
      options: scopes,
    },
    { name: 'label', label: say('tokens.label'), input: 'text', required: false, placeholder: 'billing' },
    { name: 'acl', label: say('tokens.acl'), help: say('tokens.acl.help'), input: 'text', required: true },
    {
      name: 'addresses',
      label: say('tokens.addresses'),
      help: say('tokens.addresses.help'),
      input: 'text',
      required: false,
    },
    { name: 'days', label: say('tokens.days'), help: say('tokens.days.help'), input: 'number', required: false },
    { name: 'waitMs', label: say('tokens.wait'), help: say('tokens.wait.help'), input: 'number', required: false },
  ];
}

function nameOf({ id, label, owner }: Token): string {
  return label === '' ? `${owner} (${id})` : `${owner}/${label}`;
}

function waitFields({ say }: PortalParts, all: readonly Token[]): readonly FormField[] {
  return [
    {
      name: 'token',
      label: say('tokens.wait.token'),
      input: 'text',
      required: true,
      options: all.map(({ id }) => id),
      optionLabels: Object.fromEntries(all.map((one) => [one.id, nameOf(one)])),
    },
    { name: 'patience', label: say('tokens.wait'), help: say('tokens.wait.help'), input: 'number', required: false },
  ];
}

async function sendTokens(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const [all, sure] = await Promise.all([parts.auth.tokens(), sureField(parts, request)]);
  const fields = [...fieldsOf(parts), ...(sure === undefined ? [] : [sure])];
  const waits = waitFields(parts, all);
  const isAboutWait = 'patience' in bodyOf(request);
  const when = (ms: number | undefined) =>
    ms === undefined ? { text: '–' } : { time: ago(new Date(ms).toISOString(), readerOf(parts)) };
  const waitForm = {
    kind: 'form',
    action: '/tokens/wait',
    fields: fieldsFor(parts, waits, bodyOf(request), issuesOf(error)),
    button: say('tokens.wait.save'),
    fold: say('tokens.wait.change'),
    open: error !== undefined && isAboutWait,
  } as const;
  return sendSheet(
    parts,
    request,
    response,
    {
      heading: say('tokens.title'),
      count: String(all.length),
      ...(error === undefined ? {} : { problem: problemOf(error, [...fields, ...waits]) }),
      blocks: [
        {
          kind: 'table',
          columns: [
            say('tokens.label'),
            say('tokens.owner'),
            say('tokens.acl'),
            say('tokens.addresses'),
            say('tokens.expires'),
            say('tokens.used'),
            say('tokens.waits'),
            '',
          ],
          empty: say('tokens.empty'),
          rows: all.map((one) => [
            { text: one.label === '' ? one.id : one.label },
            { text: one.owner, machine: true },
            { text: one.acl.join(' '), machine: true },
            { text: one.addresses.length === 0 ? say('tokens.anywhere') : one.addresses.join(' '), machine: true },
            when(one.expiresAt),
            when(one.lastUsedAt),
            { text: one.waitMs === undefined ? '–' : say('tokens.waits.seconds', { seconds: one.waitMs / 1000 }) },
            { buttons: [{ label: say('tokens.revoke'), action: `/tokens/${one.id}/revoke`, danger: true }] },
          ]),
        },
        {
          kind: 'form',
          action: '/tokens',
          fields: fieldsFor(parts, fields, bodyOf(request), issuesOf(error)),
          button: say('tokens.add'),
          fold: say('tokens.add'),
          open: error !== undefined && !isAboutWait,
        },
        ...(all.length === 0 ? [] : [waitForm]),
      ],
    },
    error,
  );
}
