import { z } from 'zod';
import { Invalid } from '../../../../errors.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { shownDomains } from '../../account-facts.ts';
import { type FormField, formBlock, postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { addressFields, addressIn, atLocal } from './parts.ts';

const path = '/my/mail/forwarders';
const Forwarders = z.array(z.object({ dest: z.string(), forward: z.string() }));

/** A forwarder: mail to `dest` goes to `forward`, in cPanel's words. */
export type Forwarder = z.output<typeof Forwarders>[number];

/** Where mail to an address goes besides, or instead of, a mailbox. */
export const forwardersPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'forwarders.title',
  order: 20,
  area: 'mail',
  feature: 'forwarders',
  routes: (to) => {
    to.show(path, sheet);
    to.act(path, add, sheet);
    to.act(
      `${path}/delete`,
      (visit) =>
        visit.submit(
          'forwarder.delete',
          { account: visit.account, address: visit.body['address'], to: visit.body['to'] },
          path,
        ),
      sheet,
    );
  },
};

/** Email::list_forwarders of one domain, from memory. */
export function forwardersOf(visit: Visit, domain: string) {
  return visit.ask(uapi(visit.account, 'Email::list_forwarders', { domain }), Forwarders);
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const domains = await shownDomains(visit);
  const lists = await Promise.all(domains.map((domain) => forwardersOf(visit, domain)));
  const blocks = lists.flatMap((known, at) => [
    ...(lists.length > 1 ? [{ kind: 'heading', text: domains[at] ?? '' } as const] : []),
    ...knownBlocks(visit, known, (rows) => [forwarderTable(visit, rows, path)]),
  ]);
  const fields = [...(await addressFields(visit, say('forwarders.address'))), toField(visit)];
  const form = formBlock(visit, { action: path, fields, button: say('forwarders.add') });
  return {
    heading: say('forwarders.title'),
    blocks: [
      { kind: 'text', text: say('forwarders.intro'), tone: 'meta' },
      ...blocks,
      ...(form.length === 0 ? [] : [{ kind: 'heading', text: say('forwarders.add') } as const]),
      ...form,
    ],
  };
}

export function toField(visit: Visit): FormField {
  return { name: 'to', label: visit.say('forwarders.to'), input: 'email', required: true };
}

/** The table of forwarders, each with the button that removes it; `action` is where that is sent. */
export function forwarderTable(visit: Visit, rows: readonly Forwarder[], action: string): Block {
  const { say } = visit;
  return {
    kind: 'table',
    columns: [say('forwarders.address'), say('forwarders.to'), ''],
    empty: say('forwarders.empty'),
    small: true,
    rows: rows.map((row) => [
      { text: row.dest, machine: true },
      { text: row.forward, machine: true },
      { buttons: postButton(visit, say('delete'), `${action}/delete`, { address: row.dest, to: row.forward }) },
    ]),
  };
}

async function add(visit: Visit): Promise<string> {
  const params = { account: visit.account, address: addressIn(visit), to: (visit.body['to'] ?? '').trim() };
  try {
    return await visit.submit('forwarder.add', params, path);
  } catch (error) {
    if (error instanceof Invalid) throw new Invalid(error.message, atLocal(error.issues));
    throw error;
  }
}
