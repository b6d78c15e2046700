/** The account's sites: their version of PHP, their certificate, and whether visitors are sent to HTTPS. */
import { z } from 'zod';
import { lookAtHosts, lookAtInstalled } from '../../../../actions/php/seen.ts';
import { NotFound } from '../../../../errors.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Cell, Sheet } from '../../../portal/sheet.ts';
import { mustOwnDomain } from '../../account-facts.ts';
import { formBlock, postButton } from '../../forms.ts';
import { knownBlocks, knownOr } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import { whenIn } from '../../present/time.ts';
import type { Visit } from '../../visit.ts';
import { certificateProblems } from './certificate-problems.ts';
import { phpSettingsBlocks, phpSettingsParams } from './php-settings.ts';

const path = '/my/websites';

const hosts = z.array(z.object({ vhost: z.string(), version: z.string(), documentroot: z.string().nullish() }));
const installed = z.object({ versions: z.array(z.string()) });

const certificate = z.object({
  not_after: z.coerce.number().nullish(),
  is_self_signed: z.coerce.number().nullish(),
  is_autossl: z.coerce.number().nullish(),
  'issuer.organizationName': z.string().nullish(),
});
const certificates = z.array(z.object({ servername: z.string(), certificate: certificate.nullish() }));

const row = z.object({
  domain: z.string(),
  can_https_redirect: z.coerce.number().nullish(),
  is_https_redirecting: z.coerce.number().nullish(),
});
const some = z.union([z.array(z.union([row, z.string()])), row.transform((one) => [one])]).nullish();
const https = z
  .object({ main_domain: some, addon_domains: some, sub_domains: some, parked_domains: some })
  .transform((data) => Object.values(data).flatMap((rows) => (rows ?? []).filter((one) => typeof one !== 'string')));

/** 'PHP 8.2' of 'ea-php82'. */
export function phpText(version: string): string {
  const digits = /php(\d)(\d+)$/.exec(version);
  return digits === null ? version : `PHP ${digits[1]}.${digits[2]}`;
}

type Certificate = z.output<typeof certificate>;

const soonDays = 21;

function certificateCell(visit: Visit, found: Certificate | null | undefined): Cell {
  const { say, language, parts } = visit;
  if (!found?.not_after) return { text: say('sites.ssl.none'), tone: 'warn' };
  const until = whenIn(language, new Date(found.not_after * 1000).toISOString());
  const left = (found.not_after * 1000 - parts.clock()) / 86_400_000;
  if (left < 0) return { text: say('sites.ssl.over', { until }), tone: 'bad' };
  if (found.is_self_signed === 1) return { text: say('sites.ssl.self', { until }), tone: 'warn' };
  return { text: say('sites.ssl.good', { until }), tone: left < soonDays ? 'warn' : 'good' };
}

function siteHref(domain: string): string {
  return `${path}/site?${new URLSearchParams({ domain }).toString()}`;
}

async function facts(visit: Visit) {
  const { account } = visit;
  const [ssl, redirects] = await Promise.all([
    visit.ask(uapi(account, 'SSL::installed_hosts'), certificates),
    visit.ask(uapi(account, 'DomainInfo::domains_data', { format: 'hash' }), https),
  ]);
  return {
    ssl,
    certificateOf: (domain: string) => ssl.value?.find((one) => one.servername === domain)?.certificate,
    redirectOf: (domain: string) => redirects.value?.find((one) => one.domain === domain),
  };
}

/** A site of the domain that was chosen at the top, or of any. */
function isShown({ chosen }: Visit, all: readonly { readonly vhost: string }[], vhost: string): boolean {
  if (!all.some((one) => one.vhost === chosen)) return true;
  return vhost === chosen || vhost.endsWith(`.${chosen}`);
}

async function listSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const [known, { certificateOf, redirectOf }, ofCertificates] = await Promise.all([
    visit.ask(lookAtHosts(account), hosts),
    facts(visit),
    certificateProblems(visit),
  ]);
  return {
    heading: say('sites.title'),
    blocks: [
      ...knownBlocks(visit, known, (all) => {
        const list = all.filter(({ vhost }) => isShown(visit, all, vhost));
        return [
          {
            kind: 'table',
            columns: [say('sites.site'), say('sites.php'), say('sites.ssl'), say('sites.https')],
            rows: list.map((one) => [
              { text: one.vhost, href: siteHref(one.vhost), machine: true },
              { text: phpText(one.version) },
              certificateCell(visit, certificateOf(one.vhost)),
              { text: redirectOf(one.vhost)?.is_https_redirecting === 1 ? say('yes') : say('no') },
            ]),
            empty: say('sites.none'),
          },
        ];
      }),
      ...ofCertificates,
      {
        kind: 'buttons',
        links: [],
        posts: postButton(visit, say('sites.ssl.check'), `${path}/check`),
      },
      { kind: 'text', text: say('sites.ssl.how'), tone: 'meta' },
    ],
  };
}

/** Throws NotFound for a domain that is not the account's. */
async function domainOf(visit: Visit): Promise<string> {
  const given = visit.request.method === 'POST' ? visit.body['domain'] : visit.request.query['domain'];
  if (typeof given !== 'string' || !/^[a-z0-9.-]{1,253}$/.test(given)) throw new NotFound('problem.not-found');
  await mustOwnDomain(visit, given);
  return given;
}

interface Versions {
  readonly all: readonly string[];
  /** Installed on some masters only. */
  readonly some: readonly string[];
}

/** The versions that every master has: what one lacks would be gone after a switch. */
async function versionsOfAll(
  visit: Visit,
): Promise<{ readonly all: readonly string[]; readonly some: readonly string[] }> {
  const { account, parts } = visit;
  const answers = await Promise.all(
    parts.masters.list.map((master) => visit.askOn(master.id, lookAtInstalled(account), installed)),
  );
  const lists = answers.flatMap((one) => (one.value === undefined ? [] : [one.value.versions]));
  const every = [...new Set(lists.flat())].toSorted();
  const all = every.filter((version) => lists.every((list) => list.includes(version)));
  return { all, some: every.filter((version) => !all.includes(version)) };
}

async function phpBlocks(visit: Visit, domain: string): Promise<readonly Block[]> {
  const { say } = visit;
  const [known, versions, settings] = await Promise.all([
    visit.ask(lookAtHosts(visit.account), hosts),
    versionsOfAll(visit),
    phpSettingsBlocks(visit, domain),
  ]);
  const current = knownOr(known, []).find((one) => one.vhost === domain)?.version;
  // An alias is served by the site that it stands for.
  if (known.value !== undefined && current === undefined) return [];
  return [
    { kind: 'heading', text: say('sites.php') },
    ...knownBlocks(visit, known, () => [...versionBlocks(visit, domain, current ?? '', versions), ...settings]),
  ];
}

function versionBlocks(
  visit: Visit,
  domain: string,
  version: string,
  { all, some: partly }: Versions,
): readonly Block[] {
  const { say } = visit;
  const optionLabels = Object.fromEntries(all.map((one) => [one, phpText(one)]));
  const label = say('sites.php');
  const form = formBlock(visit, {
    action: `${path}/php`,
    fields: [{ name: 'version', label, input: 'select', required: true, options: all, optionLabels }],
    values: { version },
    hidden: { domain },
    button: say('sites.php.set'),
  });
  const text = say('sites.php.partly', { versions: partly.map(phpText).join(', ') });
  return [
    { kind: 'facts', rows: [{ label, text: phpText(version) }] },
    ...(all.length === 0 ? [] : form),
    ...(partly.length === 0 ? [] : [{ kind: 'text', text, tone: 'meta' } as const]),
  ];
}

function sslBlocks(
  visit: Visit,
  domain: string,
  found: Certificate | null | undefined,
  redirect: z.output<typeof row> | undefined,
): readonly Block[] {
  const { say } = visit;
  const on = redirect?.is_https_redirecting === 1;
  const can = redirect?.can_https_redirect !== 0;
  const pem = (name: string, label: string, required: boolean, secret = false) =>
    ({ name, label, input: 'textarea', required, secret }) as const;
  return [
    { kind: 'heading', text: say('sites.ssl') },
    {
      kind: 'facts',
      rows: [
        { label: say('sites.ssl'), ...certificateCell(visit, found) },
        { label: say('sites.https'), text: on ? say('yes') : say('no') },
      ],
    },
    ...(can || on
      ? [
          {
            kind: 'buttons',
            links: [],
            posts: postButton(visit, say(on ? 'sites.https.off' : 'sites.https.on'), `${path}/https`, {
              domain,
              on: on ? '0' : '1',
            }),
          } as const,
        ]
      : [{ kind: 'text', text: say('sites.https.cannot'), tone: 'note' } as const]),
    ...formBlock(visit, {
      action: `${path}/certificate`,
      fields: [
        pem('certificate', say('sites.ssl.certificate'), true),
        pem('key', say('sites.ssl.key'), true, true),
        pem('chain', say('sites.ssl.chain'), false),
      ],
      hidden: { domain },
      button: say('sites.ssl.install'),
      fold: say('sites.ssl.install'),
    }),
  ];
}

async function siteSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const domain = await domainOf(visit);
  const { ssl, certificateOf, redirectOf } = await facts(visit);
  return {
    heading: domain,
    machine: true,
    trail: { label: say('sites.title'), href: path },
    blocks: [
      ...knownBlocks(visit, ssl, () => sslBlocks(visit, domain, certificateOf(domain), redirectOf(domain))),
      ...(await phpBlocks(visit, domain)),
    ],
  };
}

export const sitesPage: CustomerPage = {
  path,
  goal: 'websites',
  title: 'sites.title',
  order: 10,
  area: 'websites',
  routes(to) {
    to.show(path, listSheet);
    to.show(`${path}/site`, siteSheet);
    to.act(`${path}/check`, (v) => v.submit('certificate.check', { account: v.account }, path), listSheet);
    to.act(
      `${path}/php`,
      async (v) => {
        const domain = await domainOf(v);
        return v.submit('php.version', { account: v.account, domain, version: v.body['version'] }, siteHref(domain));
      },
      siteSheet,
    );
    to.act(
      `${path}/settings`,
      async (v) => {
        const domain = await domainOf(v);
        return v.submit('php.settings', phpSettingsParams(v, domain), siteHref(domain));
      },
      siteSheet,
    );
    to.act(
      `${path}/https`,
      async (v) => {
        const domain = await domainOf(v);
        return v.submit('https.force', { account: v.account, domain, on: v.body['on'] }, siteHref(domain));
      },
      siteSheet,
    );
    to.act(
      `${path}/certificate`,
      async (v) => {
        const domain = await domainOf(v);
        const { certificate: crt, key, chain } = v.body;
        const more = chain === undefined || chain.trim() === '' ? {} : { chain };
        return v.submit(
          'certificate.install',
          { account: v.account, domain, certificate: crt, key, ...more },
          siteHref(domain),
        );
      },
      siteSheet,
    );
  },
};
