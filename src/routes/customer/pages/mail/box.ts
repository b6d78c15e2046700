/** One mailbox: password, quota, what it may do, and its end. */
import { NotFound } from '../../../../errors.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { confirmField, formBlock, mustConfirm, postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { RouteList } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { webmailLink } from '../webmail.ts';
import {
  addressAt,
  type Mailbox,
  mailboxesOf,
  part,
  passwordField,
  quotaField,
  quotaIn,
  stateCell,
  usageText,
} from './parts.ts';

const list = '/my/mail/boxes';

export function boxRoutes(to: RouteList): void {
  to.show(`${list}/:address`, sheet);
  const at = (visit: Visit): string => `${list}/${part(addressAt(visit))}`;
  const params = (visit: Visit) => ({ account: visit.account, address: addressAt(visit) });
  to.act(
    `${list}/:address/password`,
    (visit) =>
      visit.submit('mailbox.password', { ...params(visit), password: visit.body['password'] ?? '' }, at(visit)),
    sheet,
  );
  to.act(
    `${list}/:address/quota`,
    (visit) => visit.submit('mailbox.quota', { ...params(visit), quotaMb: quotaIn(visit) }, at(visit)),
    sheet,
  );
  to.act(
    `${list}/:address/access`,
    (visit) => visit.submit('mailbox.access', { ...params(visit), ...accessIn(visit) }, at(visit)),
    sheet,
  );
  to.act(
    `${list}/:address/delete`,
    async (visit) => {
      mustConfirm(visit, addressAt(visit));
      return visit.submit('mailbox.delete', params(visit), list);
    },
    sheet,
  );
}

const parts = ['login', 'incoming', 'outgoing'] as const;

function accessIn(visit: Visit): Readonly<Record<string, boolean>> {
  return Object.fromEntries(
    parts.flatMap((one) => {
      const value = visit.body[one];
      return value === undefined ? [] : [[one, value === '1']];
    }),
  );
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const address = addressAt(visit);
  const known = await mailboxesOf(visit);
  const row = known.value?.find((one) => one.email === address);
  // Old memory may not have what was made a moment ago; then the page says that it is being read.
  if (known.value !== undefined && row === undefined && !known.old && visit.error === undefined)
    throw new NotFound('problem.not-found');
  const draw = (): readonly Block[] =>
    row === undefined ? [{ kind: 'unread', text: say('live.unread') }] : facts(visit, row);
  return {
    heading: address,
    machine: true,
    trail: { label: say('boxes.title'), href: list },
    blocks: [...knownBlocks(visit, known, draw), ...forms(visit, address, row)],
  };
}

function facts(visit: Visit, row: Mailbox): readonly Block[] {
  const { say } = visit;
  const at = `${list}/${part(row.email)}/access`;
  const link = webmailLink(visit, row.email);
  const webmail = link === undefined ? [] : [{ label: say('webmail.open'), href: link }];
  const buttons = parts.flatMap((one) => {
    const isOff = row[`suspended_${one}`];
    return postButton(visit, say(`boxes.${isOff ? 'release' : 'suspend'}.${one}`), at, { [one]: isOff ? '1' : '0' });
  });
  return [
    {
      kind: 'facts',
      rows: [
        { label: say('boxes.used'), text: usageText(visit, row) },
        { label: say('boxes.state'), ...stateCell(visit, row) },
      ],
    },
    ...(buttons.length === 0 ? [] : [{ kind: 'buttons', links: [], posts: buttons } as const]),
    {
      kind: 'links',
      links: [...webmail, { label: say('clients.title'), href: `/my/mail/clients?address=${part(row.email)}` }],
    },
  ];
}

function forms(visit: Visit, address: string, row: Mailbox | undefined): readonly Block[] {
  const { say } = visit;
  if (!visit.mayChange) return [];
  const at = `${list}/${part(address)}`;
  return [
    { kind: 'heading', text: say('mail.password.change') },
    ...formBlock(visit, {
      action: `${at}/password`,
      fields: [passwordField(visit)],
      button: say('mail.password.change'),
      makes: 'password',
    }),
    ...quotaForm(visit, at, row),
    { kind: 'heading', text: say('boxes.delete') },
    { kind: 'text', text: say('boxes.delete.why') },
    ...formBlock(visit, {
      action: `${at}/delete`,
      fields: [confirmField(visit, address)],
      button: say('boxes.delete'),
      danger: true,
    }),
  ];
}

/** Without what stands there now a form would offer to overwrite it unseen. */
function quotaForm(visit: Visit, at: string, row: Mailbox | undefined): readonly Block[] {
  const { say } = visit;
  if (row === undefined && visit.error === undefined) return [];
  const quota = row?.diskquota;
  return [
    { kind: 'heading', text: say('boxes.quota') },
    ...formBlock(visit, {
      action: `${at}/quota`,
      fields: [quotaField(visit)],
      values: { quotaMb: quota === undefined || quota === 0 ? say('unlimited') : quota },
      button: say('boxes.quota.change'),
    }),
  ];
}
