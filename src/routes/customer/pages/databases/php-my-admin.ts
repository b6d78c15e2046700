/** phpMyAdmin lives in cPanel, so its door is a session there: on the active master, under the account's own domain. */
import { z } from 'zod';
import { NotAllowed, Refused } from '../../../../errors.ts';
import { whm } from '../../../../whm/call.ts';
import type { Block, Link, Sheet } from '../../../portal/sheet.ts';
import { activeOf } from '../../active.ts';
import { postButton } from '../../forms.ts';
import { sendSheet } from '../../routes.ts';
import type { Visit } from '../../visit.ts';
import { accountRow } from '../../who.ts';

const session = z.object({ url: z.string() });

async function domainOf(visit: Visit): Promise<string> {
  return (await accountRow(visit.parts, visit.account)).row?.domain ?? '';
}

/** The one-time address, or why there is none. Its host is the account's own name: a master's is never shown. */
async function door(visit: Visit): Promise<{ readonly url: string } | { readonly reason: string }> {
  const [master, domain] = await Promise.all([activeOf(visit), domainOf(visit)]);
  const call = whm('create_user_session', {
    user: visit.account,
    service: 'cpaneld',
    app: 'Database_phpMyAdmin',
    preferred_domain: domain,
  });
  const outcome = await visit.parts.on(master, call);
  if (outcome.kind !== 'done') return { reason: visit.plain(outcome.reason) };
  const parsed = session.safeParse(outcome.data);
  if (!parsed.success || !URL.canParse(parsed.data.url))
    return { reason: visit.say('files.odd', { site: visit.siteOf(master) }) };
  const url = new URL(parsed.data.url);
  url.hostname = domain;
  return url.protocol === 'https:' && domain !== ''
    ? { url: url.href }
    : { reason: visit.say('files.odd', { site: '' }) };
}

/** Says where it leads; the door itself is only made when the button is pressed. */
export async function phpMyAdminSheet(visit: Visit, name: string): Promise<Sheet> {
  const { say } = visit;
  const site = visit.siteOf(await activeOf(visit));
  const domain = await domainOf(visit);
  const trail = { label: name, href: `/my/databases/one?${new URLSearchParams({ name }).toString()}` };
  const about: readonly Block[] = [
    { kind: 'text', text: say('databases.open.where', { site, domain, port: 2083 }) },
    { kind: 'text', text: say('databases.open.closed'), tone: 'meta' },
  ];
  const posts = postButton(visit, say('databases.open.now'), '/my/databases/enter', { name });
  return { heading: say('databases.open'), trail, blocks: [...about, { kind: 'buttons', links: [], posts }] };
}

/**
 * Makes the door, and shows it as a link: a form may lead to no other site, and the address works once. Kept by no
 * browser.
 */
export async function sendDoor(visit: Visit, trail: Link): Promise<void> {
  const { say, parts, actor, account } = visit;
  // A session in cPanel reaches everything of the account, which collaborators do not.
  if (visit.who.role !== 'owner') throw new NotAllowed('problem.not-allowed');
  await parts.auth.audit({ actor, event: 'database.open', subject: account });
  const made = await door(visit);
  if ('reason' in made) throw new Refused(say('databases.open.none', { reason: made.reason }));
  await sendSheet(visit, {
    heading: say('databases.open'),
    trail,
    blocks: [
      { kind: 'text', text: say('databases.open.once') },
      { kind: 'buttons', links: [{ label: say('databases.open.now'), href: made.url }], posts: [] },
    ],
  });
}
