import { type Request, type Response, Router } from 'express';
import { encode } from 'uqr';
import { roleMeanings } from '../../../auth/roles.ts';
import { sessionId } from '../../../auth/session-list.ts';
import { type AppError, Invalid, NotFound } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, mustBeSure, problemOf, sendSheet, submitted } from '../forms.ts';
import type { PortalPage } from '../page.ts';
import type { FormField } from '../present/form.ts';
import type { Block, Sheet } from '../sheet.ts';
import { sureField } from '../sure.ts';
import { waitWords } from '../wait.ts';
import { actorIn } from '../who.ts';
import { passkeyBlocks, passkeyRoutes } from './passkeys.ts';
import { sessionTable } from './session-table.ts';
import { undoBlocks, undoRoutes } from './undo-choice.ts';

/** The signed-in person's own page: password, second factor, sessions. */
export const mePage: PortalPage = {
  path: '/me',
  title: 'me.title',
  needs: 'signed-in',
  routes: (parts) => {
    const router = Router();
    passwordRoutes(parts, router);
    secondFactorRoutes(parts, router);
    undoRoutes(parts, router, (request, response, error) => sendMe(parts, request, response, error));
    passkeyRoutes(parts, router, (request, response, error) => sendFactor(parts, request, response, error));
    router.post('/me/sessions/:id/end', async (request, response) => {
      const actor = actorIn(request);
      const ended = await parts.auth.sessionEnd(String(request.params.id), actor.name);
      if (!ended) throw new NotFound(parts.say('sessions.none'));
      await parts.auth.audit({ actor, event: 'session.end', subject: actor.name });
      response.redirect(303, '/me');
    });
    return router;
  },
};

function passwordFields(parts: PortalParts): readonly FormField[] {
  return [
    {
      name: 'password',
      label: parts.say('me.password.new'),
      help: parts.say('me.password.help'),
      input: 'password',
      secret: true,
      required: true,
    },
  ];
}

function passwordRoutes(parts: PortalParts, router: Router): void {
  router.get('/me', (request, response) => sendMe(parts, request, response));
  router.post('/me/password', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        await mustBeSure(parts, request);
        await parts.auth.personPassword(actor.name, bodyOf(request)['password'] ?? '', sessionId(request.sessionID));
        await parts.auth.audit({ actor, event: 'person.password', subject: actor.name });
        return '/me?done=password';
      },
      (error) => sendMe(parts, request, response, error),
    ),
  );
}

async function sendMe(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const actor = actorIn(request);
  const [state, sessions, sure] = await Promise.all([
    parts.auth.secondFactor.state(actor.name),
    parts.auth.sessionList(actor.name),
    sureField(parts, request),
  ]);
  const fields = [...passwordFields(parts), ...(sure === undefined ? [] : [sure])];
  const role = actor.role ?? 'auditor';
  const own = sessionId(request.sessionID);
  const sheet: Sheet = {
    heading: actor.name,
    ...(error === undefined ? {} : { problem: problemOf(error, fields) }),
    ...doneNotice(parts, request),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: say('person.role'), text: `${role}: ${roleMeanings[role]}` },
          {
            label: say('factor.title'),
            text: state.active ? say('factor.on', { count: state.left }) : say('factor.off'),
            tone: state.active ? 'good' : 'warn',
          },
        ],
      },
      {
        kind: 'buttons',
        links: [{ label: say(state.active ? 'factor.manage' : 'factor.set-up'), href: '/me/second-factor' }],
        posts: [],
      },
      { kind: 'heading', text: say('me.password') },
      {
        kind: 'form',
        action: '/me/password',
        fields: fieldsFor(parts, fields, bodyOf(request), issuesOf(error)),
        button: say('me.password.button'),
      },
      ...(await undoBlocks(parts, actor.name)),
      { kind: 'heading', text: say('sessions.title') },
      sessionTable(parts, sessions, own, (id) => `/me/sessions/${id}/end`),
    ],
  };
  return sendSheet(parts, request, response, sheet, error);
}

function doneNotice({ say }: PortalParts, { query }: Request): Pick<Sheet, 'notice'> {
  if (query['done'] === 'password') return { notice: say('me.password.done') };
  return query['done'] === 'undo' ? { notice: say('undo.kept') } : {};
}

function secondFactorRoutes(parts: PortalParts, router: Router): void {
  router.get('/me/second-factor', (request, response) => sendFactor(parts, request, response));
  router.post('/me/second-factor/begin', (request, response) =>
    submitted(
      response,
      async () => {
        await mustBeSure(parts, request);
        await parts.auth.secondFactor.begin(actorIn(request).name);
        return '/me/second-factor';
      },
      (error) => sendFactor(parts, request, response, error),
    ),
  );
  router.post('/me/second-factor/confirm', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        const code = (bodyOf(request)['code'] ?? '').slice(0, 16);
        const done = await parts.auth.secondFactor.confirm(actor.name, code, actor.address ?? '');
        if (done.kind === 'wait') throw new Invalid(waitWords(parts.say, done.seconds));
        if (done.kind === 'wrong')
          throw new Invalid(parts.say('form.again'), [{ path: 'code', message: parts.say('factor.wrong') }]);
        await parts.auth.audit({ actor, event: 'second-factor.on', subject: actor.name });
        await sendCodes(parts, request, response, done.codes);
        return undefined;
      },
      (error) => sendFactor(parts, request, response, error),
    ),
  );
  router.post('/me/second-factor/codes', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        await mustBeSure(parts, request);
        const codes = await parts.auth.secondFactor.newCodes(actor.name);
        await parts.auth.audit({ actor, event: 'second-factor.codes', subject: actor.name });
        await sendCodes(parts, request, response, codes);
        return undefined;
      },
      (error) => sendFactor(parts, request, response, error),
    ),
  );
  router.post('/me/second-factor/remove', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        await mustBeSure(parts, request);
        await parts.auth.secondFactor.remove(actor.name);
        request.session.hasFactor = false;
        await parts.auth.audit({ actor, event: 'second-factor.off', subject: actor.name });
        return '/me';
      },
      (error) => sendFactor(parts, request, response, error),
    ),
  );
}

async function sendFactor(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const { name } = actorIn(request);
  const [state, pending, sure] = await Promise.all([
    parts.auth.secondFactor.state(name),
    parts.auth.secondFactor.pending(name),
    sureField(parts, request),
  ]);
  const asked = sure === undefined ? [] : [sure];
  const code: FormField = {
    name: 'code',
    label: say('factor.code'),
    help: say('factor.code.help'),
    input: 'text',
    required: true,
  };
  const form = (action: string, button: string, fields: readonly FormField[], danger = false): Block => ({
    kind: 'form',
    action: `/me/second-factor/${action}`,
    fields: fieldsFor(parts, fields, {}, issuesOf(error)),
    button,
    danger,
  });
  const blocks: readonly Block[] = state.active
    ? [
        { kind: 'text', text: say('factor.is-on', { count: state.left }) },
        asked.length > 0 ? form('codes', say('factor.codes.new'), asked) : codesButton(say('factor.codes.new')),
        ...(await passkeyBlocks(parts, request, asked, error)),
        { kind: 'heading', text: say('factor.remove') },
        form('remove', say('factor.remove'), asked, true),
      ]
    : pending === undefined
      ? [
          ...(parts.requireSecondFactor === true
            ? [{ kind: 'text', text: say('factor.required'), tone: 'note' } as const]
            : []),
          { kind: 'text', text: say('factor.intro') },
          form('begin', say('factor.set-up'), asked),
        ]
      : [
          { kind: 'text', text: say('factor.scan') },
          qrBlock(pending.uri, say('factor.qr')),
          { kind: 'text', text: say('factor.type') },
          { kind: 'code', text: pending.secret.replaceAll(/(.{4})(?=.)/g, '$1 ') },
          form('confirm', say('factor.confirm'), [code]),
        ];
  const sheet = { heading: say('factor.title'), trail: { label: say('me.title'), href: '/me' }, blocks };
  return sendSheet(
    parts,
    request,
    response,
    error === undefined ? sheet : { ...sheet, problem: problemOf(error, [code, ...asked]) },
    error,
  );
}

/** While no step up is due it is a button beside the page's one main one. */
function codesButton(label: string): Block {
  return { kind: 'buttons', links: [], posts: [{ label, action: '/me/second-factor/codes' }] };
}

function sendCodes(parts: PortalParts, request: Request, response: Response, codes: readonly string[]): Promise<void> {
  return sendSheet(parts, request, response, {
    heading: parts.say('factor.codes'),
    blocks: [
      { kind: 'text', text: parts.say('factor.codes.keep'), tone: 'note' },
      { kind: 'code', text: codes.join('\n') },
      { kind: 'buttons', links: [{ label: parts.say('factor.codes.kept'), href: '/me' }], posts: [] },
    ],
  });
}

/** The code's dark squares as one path of unit squares; drawn here, so that the secret leaves for nowhere. */
function qrBlock(uri: string, label: string): Block {
  const { data, size } = encode(uri, { ecc: 'M', border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { kind: 'qr', path, size, label };
}
