import { z } from 'zod';
import { api2 } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { define, exclusive, type Place, refused } from '../define.ts';
import * as f from '../fields.ts';
import { lookAtMailAuth, type MailAuth, readMailAuth } from '../mail-auth.ts';
import { cpanelUser, worded } from '../raw.ts';
import { planNewDomain } from './mail.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: seen.accountField,
  domain: seen.domainField,
  subdomain: f
    .line(63)
    .toLowerCase()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be one label, such as shop')
    .meta({ label: 'Subdomain label', help: 'cPanel keeps an addon domain under a subdomain of the main domain.' }),
  folder: f.folder().optional().meta({ label: 'Web folder', placeholder: 'shop.example.org' }),
  dkimKey: seen.dkimField,
});

type Params = z.output<typeof params>;

interface Seen {
  readonly domains: Readable<seen.Domains>;
  readonly data: seen.DomainData | undefined;
  readonly auth: MailAuth;
}

function planAddon(p: Params, s: Seen, domains: seen.Domains, place: Place) {
  const found = domains.addon_domains.includes(p.domain);
  if (!found && seen.allOf(domains).includes(p.domain)) return refused(seen.alreadyThere(p.domain));
  const carrier = `${p.subdomain}.${domains.main_domain}`;
  return planNewDomain(place, {
    domain: p.domain,
    dkimKey: p.dkimKey,
    found,
    same: domains.sub_domains.includes(carrier) && seen.hasFolder(s.data, p.folder),
    // API 2, because the UAPI function is there only from 11.138 on.
    call: api2(p.account, 'AddonDomain::addaddondomain', {
      newdomain: p.domain,
      subdomain: p.subdomain,
      dir: p.folder,
    }),
    exists: seen.alreadyThere(p.domain),
    auth: s.auth,
  });
}

const names = { ...cpanelUser, newdomain: 'domain', subdomain: 'subdomain', dir: 'folder' } as const;

/** An addon domain: a site of its own inside an account. */
export const addAddonDomain = define({
  id: 'domain.add-addon',
  title: 'Add addon domain',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  proof: 'look',
  longestSeconds: 300,
  covers: { 'AddonDomain::addaddondomain': worded({ names, implied: { disallowdot: ['0'], force: ['0'] } }) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${p.domain}`)],
  wants: (p) => (p.dkimKey === undefined ? ['dkimKey'] : []),
  choose: (p, chosen) => ({ ...p, dkimKey: p.dkimKey ?? chosen.dkimKey }),
  observe: (p) => [seen.lookAtDomains(p.account), seen.lookAtDomain(p.account, p.domain), ...lookAtMailAuth(p.domain)],
  read: (p, answers): Seen => ({
    domains: seen.readDomains(answers, 0),
    data: seen.readDomain(answers, 1),
    auth: readMailAuth(answers, 2, p.domain),
  }),
  plan: (p, s, place) => when(s.domains, (domains) => planAddon(p, s, domains, place)),
});
