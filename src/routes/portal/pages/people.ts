import { type Request, type Response, Router } from 'express';
import type { Person } from '../../../auth/people.ts';
import { has, rightMeanings, rights, roleMeanings, roles } from '../../../auth/roles.ts';
import { type AppError, NotFound } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, mustBeSure, problemOf, sendSheet, submitted } from '../forms.ts';
import { readerOf } from '../frame.ts';
import type { PortalPage } from '../page.ts';
import type { FormField } from '../present/form.ts';
import { ago } from '../present/time.ts';
import type { Block, Sheet } from '../sheet.ts';
import { sureField } from '../sure.ts';
import { actorIn } from '../who.ts';
import { sessionTable } from './session-table.ts';

/** Who may sign in, as what, and what each role may. */
export const peoplePage: PortalPage = {
  path: '/people',
  title: 'people.title',
  order: 110,
  needs: 'people',
  routes: (parts) => {
    const router = Router();
    router.get('/people', (request, response) => sendPeople(parts, request, response));
    router.post('/people', (request, response) =>
      submitted(
        response,
        async () => {
          await mustBeSure(parts, request);
          const { name = '', role = '', password = '', reseller = '', email = '' } = bodyOf(request);
          const added = await parts.auth.personAdd({ name, role, password, reseller, email });
          await noted(parts, request, 'person.add', added.name, added.role);
          return `/people/${added.name}`;
        },
        (error) => sendPeople(parts, request, response, error),
      ),
    );
    router.get('/people/:name', (request, response) => sendPerson(parts, request, response));
    changeRoutes(parts, router);
    return router;
  },
};

function changeRoutes(parts: PortalParts, router: Router): void {
  const changes: Readonly<Record<string, (name: string, body: Readonly<Record<string, string>>) => Promise<void>>> = {
    role: (name, { role = '', reseller = '', email = '' }) => parts.auth.personChange(name, { role, reseller, email }),
    suspend: (name) => parts.auth.personSuspend(name, true),
    unsuspend: (name) => parts.auth.personSuspend(name, false),
    'second-factor-off': (name) => parts.auth.secondFactor.remove(name),
    remove: (name) => parts.auth.personRemove(name),
  };
  for (const [change, work] of Object.entries(changes)) {
    router.post(`/people/:name/${change}`, (request, response) =>
      submitted(
        response,
        async () => {
          await mustBeSure(parts, request);
          const name = String(request.params['name']);
          await work(name, bodyOf(request));
          await noted(parts, request, `person.${change}`, name);
          return change === 'remove' ? '/people' : `/people/${encodeURIComponent(name)}`;
        },
        (error) => sendPerson(parts, request, response, error),
      ),
    );
  }
  router.post('/people/:name/link', (request, response) =>
    submitted(
      response,
      async () => {
        await mustBeSure(parts, request);
        const name = String(request.params.name);
        const { secret } = await parts.auth.passwordLink(name);
        await noted(parts, request, 'person.link', name);
        await sendSheet(parts, request, response, linkSheet(parts, name, `${originOf(request)}/password/${secret}`));
        return undefined;
      },
      (error) => sendPerson(parts, request, response, error),
    ),
  );
  router.post('/people/:name/sessions/:id/end', async (request, response) => {
    const { name, id } = request.params;
    if (!(await parts.auth.sessionEnd(id, name))) throw new NotFound(parts.say('sessions.none'));
    await noted(parts, request, 'session.end', name);
    response.redirect(303, `/people/${encodeURIComponent(name)}`);
  });
}

function originOf(request: Request): string {
  return `https://${request.get('host') ?? ''}`;
}

function linkSheet(parts: PortalParts, name: string, url: string): Sheet {
  const { say } = parts;
  return {
    heading: say('people.link'),
    trail: { label: name, href: `/people/${encodeURIComponent(name)}` },
    blocks: [
      { kind: 'text', text: say('people.link.give', { name }), tone: 'note' },
      { kind: 'code', text: url },
    ],
  };
}

async function noted(parts: PortalParts, request: Request, event: string, subject: string, detail = ''): Promise<void> {
  await parts.auth.audit({ actor: actorIn(request), event, subject, detail });
}

function boundFields(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  return [
    { name: 'role', label: say('person.role'), input: 'text', required: true, options: roles, default: 'support' },
    {
      name: 'reseller',
      label: say('person.reseller'),
      help: say('person.reseller.help'),
      input: 'text',
      required: false,
    },
    { name: 'email', label: say('person.email'), help: say('person.email.help'), input: 'email', required: false },
  ];
}

function addFields(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  return [
    { name: 'name', label: say('person.name'), input: 'text', required: true },
    ...boundFields(parts),
    {
      name: 'password',
      label: say('person.password'),
      help: say('me.password.help'),
      input: 'password',
      secret: true,
      required: true,
    },
  ];
}

async function sendPeople(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const [all, sure] = await Promise.all([parts.auth.people(), sureField(parts, request)]);
  const states = await Promise.all(all.map((one) => parts.auth.secondFactor.state(one.name)));
  const fields = [...addFields(parts), ...(sure === undefined ? [] : [sure])];
  const sheet: Sheet = {
    heading: say('people.title'),
    count: String(all.length),
    ...(error === undefined ? {} : { problem: problemOf(error, fields) }),
    blocks: [
      {
        kind: 'table',
        columns: [
          say('person.name'),
          say('person.role'),
          say('person.state'),
          say('factor.title'),
          say('person.since'),
        ],
        empty: '',
        rows: all.map((one, at) => [
          { text: one.name, href: `/people/${encodeURIComponent(one.name)}` },
          { text: one.role, ...(one.reseller === undefined ? {} : { meta: one.reseller }) },
          stateCell(parts, one),
          states[at]?.active ? { text: say('yes'), tone: 'good' } : { text: say('no'), tone: 'warn' },
          { time: ago(new Date(one.createdAt).toISOString(), readerOf(parts)) },
        ]),
      },
      {
        kind: 'form',
        action: '/people',
        fields: fieldsFor(parts, fields, bodyOf(request), issuesOf(error)),
        button: say('people.add'),
        fold: say('people.add'),
        open: error !== undefined,
      },
      { kind: 'heading', text: say('people.rights') },
      rightsTable(parts),
    ],
  };
  return sendSheet(parts, request, response, sheet, error);
}

function stateCell(parts: PortalParts, one: Person) {
  return one.suspendedAt === undefined
    ? ({ text: parts.say('person.active'), tone: 'good' } as const)
    : ({ text: parts.say('person.suspended'), tone: 'warn' } as const);
}

/** The one table of auth/roles.ts, as people read it. */
function rightsTable(parts: PortalParts): Block {
  return {
    kind: 'table',
    columns: [parts.say('people.right'), ...roles],
    empty: '',
    rows: rights.map((right) => [
      { text: rightMeanings[right] },
      ...roles.map((role) => (has(role, right) ? { text: `✓ ${parts.say('yes')}` } : { text: '–' })),
    ]),
  };
}

async function sendPerson(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const { say } = parts;
  const name = String(request.params['name']);
  const [all, sessions, state, sure] = await Promise.all([
    parts.auth.people(),
    parts.auth.sessionList(name),
    parts.auth.secondFactor.state(name),
    sureField(parts, request),
  ]);
  const one = all.find((person) => person.name === name);
  if (one === undefined) throw new NotFound(say('people.none'));
  const asked = sure === undefined ? [] : [sure];
  const path = `/people/${encodeURIComponent(name)}`;
  const fields = [...boundFields(parts), ...asked];
  const form = (change: string, button: string, danger = false): Block => ({
    kind: 'form',
    action: `${path}/${change}`,
    fields: fieldsFor(parts, asked, {}, issuesOf(error)),
    button,
    danger,
  });
  const values = { role: one.role, reseller: one.reseller ?? '', email: one.email ?? '', ...bodyOf(request) };
  const sheet: Sheet = {
    heading: name,
    trail: { label: say('people.title'), href: '/people' },
    ...(error === undefined ? {} : { problem: problemOf(error, fields) }),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: say('person.role'), text: `${one.role}: ${roleMeanings[one.role]}` },
          { label: say('person.state'), ...stateCell(parts, one) },
          {
            label: say('factor.title'),
            text: state.active ? say('factor.on', { count: state.left }) : say('factor.off'),
          },
        ],
      },
      {
        kind: 'form',
        action: `${path}/role`,
        fields: fieldsFor(parts, fields, values, issuesOf(error)),
        button: say('people.change'),
        fold: say('people.change'),
      },
      form('link', say('people.link')),
      { kind: 'heading', text: say('sessions.title') },
      sessionTable(parts, sessions, '', (id) => `${path}/sessions/${id}/end`),
      { kind: 'heading', text: say('danger') },
      form(
        one.suspendedAt === undefined ? 'suspend' : 'unsuspend',
        say(one.suspendedAt === undefined ? 'people.suspend' : 'people.unsuspend'),
        one.suspendedAt === undefined,
      ),
      ...(state.active ? [form('second-factor-off', say('people.factor-off'), true)] : []),
      form('remove', say('people.remove'), true),
    ],
  };
  return sendSheet(parts, request, response, sheet, error);
}
