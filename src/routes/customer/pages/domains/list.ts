import { NotFound } from '../../../../errors.ts';
import type { Block, Cell, Sheet } from '../../../portal/sheet.ts';
import {
  type Domains,
  domainsNow,
  domainsOf,
  type Limits,
  limitsOf,
  namesOfServers,
  usedOf,
} from '../../account-facts.ts';
import { confirmField, type FormField, formBlock, mustConfirm } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';

const path = '/my/domains/list';

/** The account's domains: the main one, further sites, other names for a site, and subdomains. */
export const domainsPage: CustomerPage = {
  path,
  goal: 'domains',
  title: 'domains.title',
  order: 10,
  area: 'domains',
  routes: (to) => {
    to.show(path, sheet);
    to.act(`${path}/addon`, addAddon, sheet);
    to.act(`${path}/alias`, addAlias, sheet);
    to.act(`${path}/sub`, addSub, sheet);
    to.show(`${path}/:domain/remove`, removal);
    to.act(`${path}/:domain/remove`, remove, removal);
  },
};

const kinds = ['addon', 'alias', 'sub'] as const;
type Kind = (typeof kinds)[number];
const removing: Readonly<Record<Kind, string>> = {
  addon: 'domain.remove-addon',
  alias: 'domain.remove-alias',
  sub: 'domain.remove-sub',
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const [known, limits] = await Promise.all([domainsOf(visit), limitsOf(visit)]);
  return {
    heading: say('domains.title'),
    blocks: [
      ...knownBlocks(visit, known, (domains) => [
        {
          kind: 'table',
          columns: [say('mail.domain'), say('domains.kind'), say('domains.zone'), ''],
          empty: '',
          rows: rowsOf(visit, domains),
        },
        {
          kind: 'facts',
          rows: kinds.map((kind) => {
            const { used, most } = countOf(domains, limits.value, kind);
            const text = most === 0 ? say('overview.none-allowed') : usedOf(visit, used, most);
            const own = kind === 'sub' ? used - customSubs(visit, domains).length : 0;
            const some = own === 0 ? {} : { meta: say('domains.sub.own', { count: own }) };
            return { label: say(`domains.${kind}.many`), text, ...some };
          }),
        },
      ]),
      ...forms(visit, known.value, limits.value),
    ],
  };
}

/** How many there are of a kind, and how many the package allows; undefined: no bound, or not known. */
function countOf(domains: Domains, limits: Limits | undefined, kind: Kind): { used: number; most: number | undefined } {
  const counts = {
    addon: { used: domains.addon_domains.length, most: limits?.maximum_addon_domains },
    alias: { used: domains.parked_domains.length, most: limits?.maximum_parked_domains },
    sub: { used: ownSubs(domains).length, most: limits?.maximum_subdomains },
  };
  return counts[kind];
}

/** cPanel keeps each addon domain under a subdomain of the main one: those are nobody's to see or to remove. */
export function ownSubs(domains: Domains): readonly string[] {
  const carriers = new Set(domains.addon_domains.map((domain) => `${carrierOf(domain)}.${domains.main_domain}`));
  return domains.sub_domains.filter((domain) => !carriers.has(domain));
}

/** The label under which cPanel keeps an addon domain: 'shop.example' → 'shop', unless another was chosen. */
export function carrierOf(domain: string): string {
  return (domain.split('.')[0] ?? '').replaceAll(/[^a-z0-9-]/g, '');
}

/** The subdomains that a customer made. */
function customSubs(visit: Visit, domains: Domains): readonly string[] {
  const own = new Set(namesOfServers(visit.parts, domains));
  return ownSubs(domains).filter((domain) => !own.has(domain));
}

function rowsOf(visit: Visit, domains: Domains): readonly (readonly Cell[])[] {
  const { say } = visit;
  const zone = (domain: string): Cell => ({ text: say('domains.zone.edit'), href: `/my/domains/zones/${domain}` });
  const remove = (domain: string): Cell =>
    visit.mayChange ? { text: say('domains.remove'), href: `${path}/${domain}/remove` } : { text: '' };
  const row = (domain: string, kind: Kind): readonly Cell[] => [
    { text: domain, machine: true },
    { text: say(`domains.${kind}`) },
    kind === 'sub' ? { text: '' } : zone(domain),
    remove(domain),
  ];
  return [
    [
      { text: domains.main_domain, machine: true },
      { text: say('domains.main') },
      zone(domains.main_domain),
      { text: '' },
    ],
    ...domains.addon_domains.map((domain) => row(domain, 'addon')),
    ...domains.parked_domains.map((domain) => row(domain, 'alias')),
    ...customSubs(visit, domains).map((domain) => row(domain, 'sub')),
    ...namesOfServers(visit.parts, domains).map((domain): readonly Cell[] => [
      { text: domain, machine: true },
      { text: say('domains.own') },
      { text: '' },
      { text: '' },
    ]),
  ];
}

function whyFull({ say }: Visit, kind: Kind, most: number): string {
  const what = say(`domains.${kind}.many`);
  return most === 0 ? say('domains.limit.none', { what }) : say('domains.limit.full', { what, most });
}

function forms(visit: Visit, domains: Domains | undefined, limits: Limits | undefined): readonly Block[] {
  const { say } = visit;
  const text = (name: string, label: string, help: string, required = true): FormField => ({
    name,
    label,
    help,
    input: 'text',
    required,
  });
  const parents = domains === undefined ? [] : [domains.main_domain, ...domains.addon_domains];
  const parent: FormField = {
    name: 'parent',
    label: say('domains.parent'),
    input: 'select',
    required: true,
    options: parents,
  };
  const one = (action: Kind, fields: readonly FormField[], button: string): readonly Block[] => {
    const { used, most } = domains === undefined ? { used: 0, most: undefined } : countOf(domains, limits, action);
    return most !== undefined && used >= most
      ? [{ kind: 'text', text: whyFull(visit, action, most), tone: 'meta' }]
      : formBlock(visit, { action: `${path}/${action}`, fields, button, fold: button });
  };
  return [
    ...one(
      'addon',
      [
        text('domain', say('mail.domain'), say('domains.new.help')),
        text('folder', say('domains.folder'), say('domains.folder.help'), false),
      ],
      say('domains.add.addon'),
    ),
    ...one('alias', [text('domain', say('mail.domain'), say('domains.alias.help'))], say('domains.add.alias')),
    ...one(
      'sub',
      [
        text('name', say('domains.sub.name'), say('domains.sub.help')),
        parent,
        text('folder', say('domains.folder'), say('domains.folder.help'), false),
      ],
      say('domains.add.sub'),
    ),
  ];
}

function folderIn(visit: Visit): Readonly<Record<string, string>> {
  const folder = (visit.body['folder'] ?? '').trim();
  return folder === '' ? {} : { folder };
}

async function addAddon(visit: Visit): Promise<string> {
  const domain = (visit.body['domain'] ?? '').trim().toLowerCase();
  const params = { account: visit.account, domain, subdomain: carrierOf(domain), ...folderIn(visit) };
  return visit.submit('domain.add-addon', params, path);
}

async function addAlias({ submit, account, body }: Visit): Promise<string> {
  return submit('domain.add-alias', { account, domain: (body['domain'] ?? '').trim() }, path);
}

async function addSub(visit: Visit): Promise<string> {
  const { body, account } = visit;
  const name = (body['name'] ?? '').trim().toLowerCase();
  const parent = body['parent'] ?? '';
  const params = { account, name, parent, folder: `${name}.${parent}`, ...folderIn(visit) };
  return visit.submit('domain.add-sub', params, path);
}

function domainAt(visit: Visit): string {
  return String(visit.request.params['domain'] ?? '').slice(0, 253);
}

/** What kind of domain of the account it is. The main one and foreign ones are none that can be removed. */
function kindOf(visit: Visit, domains: Domains | undefined, domain: string): Kind | undefined {
  if (domains === undefined) return undefined;
  if (domains.addon_domains.includes(domain)) return 'addon';
  if (domains.parked_domains.includes(domain)) return 'alias';
  return customSubs(visit, domains).includes(domain) ? 'sub' : undefined;
}

async function removal(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const domain = domainAt(visit);
  const known = await domainsOf(visit);
  const kind = kindOf(visit, known.value, domain);
  if (known.value !== undefined && kind === undefined) throw new NotFound('problem.not-found');
  return {
    heading: say('domains.remove.title', { domain }),
    trail: { label: say('domains.title'), href: path },
    blocks: knownBlocks(visit, known, () => [
      { kind: 'text', text: say(kind === 'sub' ? 'domains.remove.sub' : 'domains.remove.zone') },
      ...formBlock(visit, {
        action: `${path}/${domain}/remove`,
        fields: [confirmField(visit, domain)],
        button: say('domains.remove'),
        danger: true,
      }),
    ]),
  };
}

async function remove(visit: Visit): Promise<string> {
  const domain = domainAt(visit);
  const kind = kindOf(visit, await domainsNow(visit), domain);
  if (kind === undefined) throw new NotFound('problem.not-found');
  mustConfirm(visit, domain);
  return visit.submit(removing[kind], { account: visit.account, domain }, path);
}
