import type { Block, Sheet } from '../../../portal/sheet.ts';
import { shownDomains } from '../../account-facts.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/mail/clients';

/** What is typed into a mail program: names that lead to whichever server serves the account, never a server's own. */
export const clientsPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'clients.title',
  order: 80,
  area: 'mail',
  routes: (to) => {
    to.show(path, sheet);
  },
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const asked = visit.request.query['address'];
  const address = typeof asked === 'string' ? asked.toLowerCase() : '';
  const domains = await shownDomains(visit);
  const shown = domains.filter((domain) => address === '' || address.endsWith(`@${domain}`));
  return {
    heading: say('clients.title'),
    blocks: [
      { kind: 'text', text: say('clients.intro'), tone: 'meta' },
      ...shown.flatMap((domain) => clientBlocks(visit, domain, address, address === '' ? domain : address)),
    ],
  };
}

/** Host, port and kind of connection for each way in and out, of one domain. `address`: '' for any. */
export function clientBlocks(visit: Visit, domain: string, address: string, heading: string): readonly Block[] {
  const { say } = visit;
  const host = `mail.${domain}`;
  const row = (kind: string, port: string, connection: string) => [
    { text: kind },
    { text: host, machine: true },
    { text: port, number: true },
    { text: connection },
  ];
  return [
    { kind: 'heading', text: heading },
    {
      kind: 'facts',
      rows: [
        { label: say('clients.user'), text: address === '' ? say('clients.user.whole') : address },
        { label: say('clients.password'), text: say('clients.password.whole') },
      ],
    },
    {
      kind: 'table',
      columns: [say('clients.kind'), say('clients.host'), say('clients.port'), say('clients.connection')],
      empty: '',
      rows: [
        row(say('clients.imap'), '993', 'SSL/TLS'),
        row(say('clients.pop3'), '995', 'SSL/TLS'),
        row(say('clients.smtp'), '465', 'SSL/TLS'),
        row(say('clients.smtp'), '587', 'STARTTLS'),
      ],
    },
  ];
}
