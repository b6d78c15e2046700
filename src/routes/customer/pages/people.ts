import { invitedRoles } from '../../../auth/customer-roles.ts';
import { NotFound } from '../../../errors.ts';
import type { Block, Sheet } from '../../portal/sheet.ts';
import { type FormField, formBlock, postButton } from '../forms.ts';
import type { CustomerPage } from '../page.ts';
import { mustBeSure, sureFields } from '../sure.ts';
import type { Visit } from '../visit.ts';

const path = '/my/people';

/** Collaborators: who besides the owner may work on the account, and how far. */
export const peoplePage: CustomerPage = {
  path,
  goal: 'access',
  title: 'people.title',
  order: 80,
  area: 'people',
  routes: (to) => {
    to.show(path, sheet);
    to.act(path, invite, sheet);
    to.act(`${path}/:id/again`, again, sheet);
    to.act(`${path}/:id/remove`, remove, sheet);
  },
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, parts, account } = visit;
  const people = await parts.auth.customers.collaborators(account);
  const fields: readonly FormField[] = [
    { name: 'email', label: say('people.email'), input: 'email', required: true },
    {
      name: 'role',
      label: say('people.role'),
      input: 'select',
      required: true,
      options: invitedRoles,
      optionLabels: Object.fromEntries(invitedRoles.map((role) => [role, say(`role.${role}`)])),
      default: 'builder',
    },
    ...(await sureFields(visit)),
  ];
  const form = formBlock(visit, { action: path, fields, button: say('people.invite') });
  return {
    heading: say('people.title'),
    blocks: [
      { kind: 'text', text: say('people.intro'), tone: 'meta' },
      {
        kind: 'table',
        columns: [say('people.email'), say('people.role'), say('boxes.state'), say('people.since'), ''],
        empty: say('people.empty'),
        rows: people.map((one) => [
          { text: one.email, machine: true },
          { text: say(`role.${one.role}`) },
          { text: say(one.active ? 'people.active' : 'people.invited'), tone: one.active ? 'good' : 'wait' },
          { time: visit.ago(new Date(one.createdAt).toISOString()) },
          {
            buttons: [
              ...postButton(visit, say('people.again'), `${path}/${one.id}/again`),
              ...postButton(visit, say('people.remove'), `${path}/${one.id}/remove`),
            ],
          },
        ]),
      },
      ...(form.length === 0 ? [] : [{ kind: 'heading', text: say('people.invite') } as const]),
      ...form,
    ],
  };
}

/** The link is shown once, for the owner to hand over; Tandem keeps only its hash. */
function linkSheet(visit: Visit, email: string, secret: string): Sheet {
  const { say, request } = visit;
  const link = `https://${request.get('host') ?? ''}/my/invitation/${secret}`;
  const blocks: readonly Block[] = [
    { kind: 'text', text: say('people.link', { email }), tone: 'note' },
    { kind: 'code', text: link },
    { kind: 'buttons', links: [{ label: say('people.title'), href: path }], posts: [] },
  ];
  return { heading: say('people.link.title'), trail: { label: say('people.title'), href: path }, blocks };
}

async function invite(visit: Visit): Promise<Sheet> {
  const { parts, account, body, actor } = visit;
  const email = body['email'] ?? '';
  await mustBeSure(visit);
  const secret = await parts.auth.customers.invite({ account, email, role: body['role'] ?? '', by: visit.who.name });
  await parts.auth.audit({ actor, event: 'collaborator.invite', subject: account, detail: email.slice(0, 190) });
  return linkSheet(visit, email.trim(), secret);
}

/** The button has no room for the question: it is asked on a page of its own. */
async function surePage(visit: Visit, id: string, fields: readonly FormField[]): Promise<Sheet> {
  const { say } = visit;
  return {
    heading: say('people.again'),
    trail: { label: say('people.title'), href: path },
    blocks: formBlock(visit, { action: `${path}/${id}/again`, fields, button: say('people.again') }),
  };
}

async function again(visit: Visit): Promise<Sheet> {
  const { parts, account, actor, body } = visit;
  const id = String(visit.request.params['id']);
  const fields = await sureFields(visit);
  if (fields.length > 0 && body['sure'] === undefined) return await surePage(visit, id, fields);
  await mustBeSure(visit);
  const secret = await parts.auth.customers.inviteAgain(account, id);
  const found = await parts.auth.customers.collaborator(id);
  if (found === undefined) throw new NotFound('problem.not-found');
  await parts.auth.audit({ actor, event: 'collaborator.invite-again', subject: account, detail: found.email });
  return linkSheet(visit, found.email, secret);
}

async function remove(visit: Visit): Promise<string> {
  const { parts, account, actor } = visit;
  const id = String(visit.request.params['id']);
  await parts.auth.customers.remove(account, id);
  await parts.auth.audit({ actor, event: 'collaborator.remove', subject: account, detail: id });
  return path;
}
