/** What a mailbox user has: its own forwarders, answer, filters and settings. Every parameter is its own address. */

import { z } from 'zod';
import { uapi } from '../../../../whm/call.ts';
import type { Sheet } from '../../../portal/sheet.ts';
import { formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { one, setResponder } from '../mail/autoresponders.ts';
import { clientBlocks } from '../mail/clients.ts';
import { type FilterPlace, filterBlocks, filterRoutes } from '../mail/filter-form.ts';
import { forwardersOf, forwarderTable, toField } from '../mail/forwarders.ts';
import { mailboxesOf, stateCell, usageText } from '../mail/parts.ts';
import { webmailLink } from '../webmail.ts';
import { ownSpamPage } from './spam.ts';

const base = { goal: 'mailbox', area: 'mailbox' } as const;

function domainOf(visit: Visit): string {
  return visit.who.name.split('@')[1] ?? '';
}

const home = '/my/mailbox/home';

/** How full it is, and what is typed into a mail program. */
const homePage: CustomerPage = {
  ...base,
  path: home,
  title: 'mailbox.home',
  order: 10,
  routes: (to) => {
    to.show(home, async (visit) => {
      const known = await mailboxesOf(visit);
      const webmail = webmailLink(visit, visit.who.name);
      const own = known.value?.filter((row) => row.email === visit.who.name) ?? [];
      return {
        heading: visit.who.name,
        machine: true,
        blocks: [
          ...(webmail === undefined
            ? []
            : [{ kind: 'buttons', links: [{ label: visit.say('webmail.open'), href: webmail }], posts: [] } as const]),
          ...knownBlocks(visit, known, () =>
            own.map((row) => ({
              kind: 'facts',
              rows: [
                { label: visit.say('boxes.used'), text: usageText(visit, row) },
                { label: visit.say('boxes.state'), ...stateCell(visit, row) },
              ],
            })),
          ),
          ...clientBlocks(visit, domainOf(visit), visit.who.name, visit.say('clients.title')),
        ],
      };
    });
  },
};

const forwarders = '/my/mailbox/forwarders';

const ownForwardersPage: CustomerPage = {
  ...base,
  path: forwarders,
  title: 'forwarders.title',
  order: 20,
  feature: 'forwarders',
  routes: (to) => {
    const params = (visit: Visit) => ({
      account: visit.account,
      address: visit.who.name,
      to: (visit.body['to'] ?? '').trim(),
    });
    to.show(forwarders, ownForwarders);
    to.act(forwarders, (visit) => visit.submit('forwarder.add', params(visit), forwarders), ownForwarders);
    to.act(
      `${forwarders}/delete`,
      (visit) => visit.submit('forwarder.delete', params(visit), forwarders),
      ownForwarders,
    );
  },
};

async function ownForwarders(visit: Visit): Promise<Sheet> {
  const { say, who } = visit;
  const known = await forwardersOf(visit, domainOf(visit));
  return {
    heading: say('forwarders.title'),
    blocks: [
      ...knownBlocks(visit, known, (rows) => [
        forwarderTable(
          visit,
          rows.filter((row) => row.dest.toLowerCase() === who.name),
          forwarders,
        ),
      ]),
      { kind: 'heading', text: say('forwarders.add') },
      ...formBlock(visit, { action: forwarders, fields: [toField(visit)], button: say('forwarders.add') }),
    ],
  };
}

const responder = '/my/mailbox/autoresponder';
const Responders = z.array(z.object({ email: z.string() }));

const ownResponderPage: CustomerPage = {
  ...base,
  path: responder,
  title: 'responders.title',
  order: 30,
  feature: 'autoresponders',
  routes: (to) => {
    const sheet = async (visit: Visit): Promise<Sheet> => {
      const { account, who, say } = visit;
      const [own, listed] = await Promise.all([
        one(visit, who.name, home),
        visit.ask(uapi(account, 'Email::list_auto_responders', { domain: domainOf(visit) }), Responders),
      ]);
      const isSet = listed.value?.some((row) => row.email.toLowerCase() === who.name) === true;
      const { trail, ...rest } = own;
      const off = isSet
        ? formBlock(visit, {
            action: `${responder}/delete`,
            fields: [],
            button: say('mailbox.responder.off'),
            danger: true,
          })
        : [];
      return { ...rest, heading: say('responders.title'), machine: false, blocks: [...own.blocks, ...off] };
    };
    to.show(responder, sheet);
    to.act(responder, (visit) => setResponder(visit, visit.who.name, responder), sheet);
    to.act(
      `${responder}/delete`,
      (visit) => visit.submit('autoresponder.delete', { account: visit.account, address: visit.who.name }, responder),
      sheet,
    );
  },
};

const filters = '/my/mailbox/filters';

const ownFiltersPage: CustomerPage = {
  ...base,
  path: filters,
  title: 'filters.title',
  order: 40,
  feature: 'blockers',
  routes: (to) => {
    const place = (visit: Visit): FilterPlace => ({ address: visit.who.name, path: filters });
    const sheet = async (visit: Visit): Promise<Sheet> => ({
      heading: visit.say('filters.title'),
      blocks: await filterBlocks(visit, place(visit)),
    });
    to.show(filters, sheet);
    filterRoutes(to, filters, place, sheet);
  },
};

export const mailboxPages: readonly CustomerPage[] = [
  homePage,
  ownForwardersPage,
  ownResponderPage,
  ownFiltersPage,
  ownSpamPage,
];
