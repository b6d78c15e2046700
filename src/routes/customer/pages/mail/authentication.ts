import { z } from 'zod';
import { customerReach } from '../../../../auth/customers.ts';
import { whm } from '../../../../whm/call.ts';
import type { Block, Cell, Sheet } from '../../../portal/sheet.ts';
import { mustOwnDomain, shownDomains } from '../../account-facts.ts';
import { postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/mail/authentication';
const Checked = z.object({
  payload: z.array(z.object({ domain: z.string().nullish(), state: z.string() })),
});
const checks = [
  ['dkim', 'validate_current_dkims'],
  ['spf', 'validate_current_spfs'],
  ['dmarc', 'validate_current_dmarcs'],
  ['ptr', 'validate_current_ptrs'],
] as const;

/** Whether other servers can tell that mail is really from here: DKIM, SPF, DMARC and PTR of each domain. */
export const authenticationPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'authentication.title',
  order: 70,
  area: 'mail',
  routes: (to) => {
    to.show(path, sheet);
    to.act(`${path}/dkim`, async (visit) => visit.submit('dkim.install', await domainParams(visit), path), sheet);
    to.act(`${path}/spf`, async (visit) => visit.submit('spf.install', await domainParams(visit), path), sheet);
  },
};

/** These actions ask for the domain as root would: it has to be the account's. */
async function domainParams(visit: Visit): Promise<Readonly<Record<string, unknown>>> {
  const domain = visit.body['domain'] ?? '';
  await mustOwnDomain(visit, domain);
  return { account: visit.account, domain };
}

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const domains = await shownDomains(visit);
  return {
    heading: say('authentication.title'),
    blocks: [
      { kind: 'text', text: say('authentication.intro'), tone: 'meta' },
      ...(await Promise.all(domains.map((domain) => domainBlocks(visit, domain)))).flat(),
    ],
  };
}

async function domainBlocks(visit: Visit, domain: string): Promise<readonly Block[]> {
  const { say } = visit;
  const known = await Promise.all(checks.map(([, fn]) => visit.ask(whm(fn, { domain }), Checked)));
  const [first] = known;
  if (first === undefined) return [];
  const rows = checks.map(([kind], at) => {
    const state = known[at]?.value?.payload[0]?.state;
    return [
      { text: say(`authentication.${kind}`) },
      stateCell(visit, state),
      { text: say(`authentication.${kind}.what`) },
      { buttons: repair(visit, kind, domain, state) },
    ];
  });
  const columns = [say('authentication.kind'), say('boxes.state'), say('authentication.what'), ''];
  return [
    { kind: 'heading', text: domain },
    ...knownBlocks(visit, first, () => [{ kind: 'table', columns, rows, empty: '', small: true }]),
    ...(known[2]?.value?.payload[0]?.state === 'MISSING' ? [dmarcHint(visit, domain)] : []),
  ];
}

/** Setting DMARC is a record like any other: what to write, and the way there for whoever may. */
function dmarcHint({ say, who }: Visit, domain: string): Block {
  const link = { label: say('zones.title'), href: `/my/domains/zones/${domain}` };
  const isReached = customerReach(who, 'domains') !== 'none';
  return { kind: 'text', text: say('authentication.dmarc.add'), tone: 'note', ...(isReached ? { link } : {}) };
}

/** WHM's words: VALID, MISSING, MISMATCH, MULTIPLE, TOO_MANY, MISSING_PTR, and others of newer versions. */
function stateCell(visit: Visit, state: string | undefined): Cell {
  if (state === undefined) return { text: visit.say('authentication.unread'), tone: 'wait' };
  if (state === 'VALID' || state === 'PASS') return { text: visit.say('authentication.valid'), tone: 'good' };
  if (state.startsWith('MISSING')) return { text: visit.say('authentication.missing'), tone: 'warn' };
  return { text: visit.say('authentication.wrong', { state }), tone: 'bad' };
}

function repair(visit: Visit, kind: (typeof checks)[number][0], domain: string, state: string | undefined) {
  if (kind === 'dmarc' || kind === 'ptr' || state === undefined || state === 'VALID' || state === 'PASS') return [];
  return postButton(visit, visit.say('authentication.repair'), `${path}/${kind}`, { domain });
}
