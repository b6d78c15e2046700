import { Invalid } from '../../../../errors.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { limitsOf, shownDomains, usedOf } from '../../account-facts.ts';
import { formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { boxRoutes } from './box.ts';
import {
  addressFields,
  addressIn,
  atLocal,
  type Mailbox,
  mailboxesOf,
  part,
  passwordField,
  quotaField,
  quotaIn,
  stateCell,
  usageText,
} from './parts.ts';

/** The account's mailboxes: all of them, and each by itself. */
export const boxesPage: CustomerPage = {
  path: '/my/mail/boxes',
  goal: 'mail',
  title: 'boxes.title',
  order: 10,
  area: 'mail',
  feature: 'popaccts',
  routes: (to) => {
    to.show('/my/mail/boxes', sheet);
    to.act('/my/mail/boxes', add, sheet);
    boxRoutes(to);
  },
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const [known, limits, domains] = await Promise.all([mailboxesOf(visit), limitsOf(visit), shownDomains(visit)]);
  const most = limits.value?.maximum_mail_accounts;
  const used = known.value?.length;
  const isFull = used !== undefined && most !== undefined && used >= most;
  return {
    heading: say('boxes.title'),
    ...(used === undefined ? {} : { count: usedOf(visit, used, most) }),
    blocks: [
      ...knownBlocks(visit, known, (rows) => [table(visit, rows, domains.includes(visit.chosen) ? visit.chosen : '')]),
      ...(isFull ? [{ kind: 'text', text: say('boxes.full', { most }), tone: 'note' } as const] : await addForm(visit)),
    ],
  };
}

/** Of a domain and what is below it. */
function ofDomain(rows: readonly Mailbox[], domain: string): readonly Mailbox[] {
  return rows.filter(({ email }) => email.endsWith(`@${domain}`) || email.endsWith(`.${domain}`));
}

/** `domain`: the one that was chosen; '' for all. */
function table(visit: Visit, rows: readonly Mailbox[], domain: string): Block {
  const { say } = visit;
  return {
    kind: 'table',
    columns: [say('boxes.address'), say('boxes.used'), say('boxes.state')],
    empty: domain === '' ? say('boxes.empty') : say('boxes.empty.domain', { domain }),
    rows: (domain === '' ? rows : ofDomain(rows, domain))
      .toSorted((a, b) => a.email.localeCompare(b.email))
      .map((row) => [
        { text: row.email, machine: true, href: `/my/mail/boxes/${part(row.email)}` },
        { text: usageText(visit, row) },
        stateCell(visit, row),
      ]),
  };
}

async function addForm(visit: Visit): Promise<readonly Block[]> {
  const { say } = visit;
  const form = formBlock(visit, {
    action: '/my/mail/boxes',
    fields: [...(await addressFields(visit, say('boxes.local'))), passwordField(visit), quotaField(visit)],
    button: say('boxes.add'),
    makes: 'password',
  });
  return form.length === 0 ? [] : [{ kind: 'heading', text: say('boxes.add') }, ...form];
}

async function add(visit: Visit): Promise<string> {
  const { body, account } = visit;
  const password = body['password'] ?? '';
  const params = { account, address: addressIn(visit), password, asHash: true, quotaMb: quotaIn(visit) };
  try {
    return await visit.submit('mailbox.add', params, '/my/mail/boxes');
  } catch (error) {
    if (error instanceof Invalid) throw new Invalid(error.message, atLocal(error.issues));
    throw error;
  }
}
