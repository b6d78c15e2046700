/** The way into webmail: looks whose mailbox it is, lets the session in, and leads to webmail's own port. */
import { z } from 'zod';
import { NotAllowed, NotFound, Refused } from '../../../errors.ts';
import { uapi } from '../../../whm/call.ts';
import type { Sheet } from '../../portal/sheet.ts';
import { isForeign } from '../../shared/csrf.ts';
import { lackingSheet, lacks } from '../features.ts';
import type { CustomerPage } from '../page.ts';
import { sendSheet } from '../routes.ts';
import type { Visit } from '../visit.ts';
import { mayRead } from '../webmail/may.ts';
import { boxPath, givePass } from '../webmail/pass.ts';

const own = '/my/mailbox/webmail';
const any = '/my/mail/webmail';

/** Where a visitor's link to a mailbox's webmail leads; undefined: there is none for it. */
export function webmailLink(visit: Visit, address: string): string | undefined {
  if (visit.parts.webmail === undefined || !mayRead(visit.who, address)) return undefined;
  return visit.who.role === 'mailbox' ? own : `${any}?${new URLSearchParams({ address }).toString()}`;
}

/** A mailbox user's own. */
export const ownWebmailPage: CustomerPage = {
  path: own,
  goal: 'mailbox',
  area: 'mailbox',
  title: 'webmail.title',
  feature: 'webmail',
  order: 15,
  routes: (to) => to.send(own, (visit) => open(visit, visit.who.name, ownWebmailPage)),
};

/** Any mailbox of the account, from its page. */
export const boxWebmailPage: CustomerPage = {
  path: any,
  goal: 'mail',
  area: 'mail',
  title: 'webmail.title',
  feature: 'webmail',
  routes: (to) =>
    to.send(any, (visit) => {
      const address = String(visit.request.query['address'] ?? '').toLowerCase();
      return open(visit, address.slice(0, 320), boxWebmailPage);
    }),
};

const Rows = z.array(z.object({ email: z.string() }));

/** Asked anew, not remembered: a mailbox that went to another account must not open from here. */
async function isOurs(visit: Visit, address: string): Promise<boolean> {
  if (visit.who.role === 'mailbox') return true;
  const { outcome } = await visit.parts.reads.call(uapi(visit.account, 'Email::list_pops'), visit.account);
  const rows = outcome.kind === 'done' ? Rows.safeParse(outcome.data) : undefined;
  if (rows?.success !== true) throw new Refused('webmail.later');
  return rows.data.some((row) => row.email.toLowerCase() === address);
}

async function open(visit: Visit, address: string, page: CustomerPage): Promise<void> {
  const { parts, request, response, who, actor, account } = visit;
  const door = parts.webmail;
  if (door === undefined) throw new NotFound('problem.not-found');
  if (await lacks(visit, page.feature)) return sendSheet(visit, lackingSheet(visit, page));
  if (!mayRead(who, address)) throw new NotAllowed('problem.not-allowed');
  // Webmail itself may lead here, but what opens a mailbox is a click on this side.
  if (isForeign(request)) return sendSheet(visit, askFirst(visit, address));
  if (!(await isOurs(visit, address))) throw new NotFound('problem.not-found');
  givePass(parts.secret, request, response, address);
  if (who.role !== 'mailbox')
    await parts.auth.audit({ actor, event: 'webmail.open', subject: account, detail: address });
  response.redirect(303, `https://${request.hostname}:${door.port}${boxPath(address)}`);
}

function askFirst(visit: Visit, address: string): Sheet {
  const { say } = visit;
  const href = webmailLink(visit, address) ?? own;
  return {
    heading: say('webmail.title'),
    blocks: [
      { kind: 'text', text: say('webmail.open.why', { address }) },
      { kind: 'buttons', links: [{ label: say('webmail.open'), href }], posts: [] },
    ],
  };
}
