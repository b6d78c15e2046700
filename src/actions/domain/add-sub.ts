import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { type Readable, when } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { lookAtMailAuth, type MailAuth, readMailAuth } from '../mail-auth.ts';
import { cpanelUser, worded } from '../raw.ts';
import { planNewDomain } from './mail.ts';
import * as seen from './seen.ts';

const params = z
  .strictObject({
    account: seen.accountField,
    name: f
      .line(200)
      .toLowerCase()
      .regex(
        /^(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*)$/,
        'must be a name such as shop',
      )
      .meta({ label: 'Subdomain', placeholder: 'shop' }),
    parent: f.domain().meta({ label: 'Of domain' }),
    folder: f.folder().meta({ label: 'Web folder', placeholder: 'public_html/shop' }),
    dkimKey: seen.dkimField,
  })
  .refine((p) => `${p.name}.${p.parent}`.length <= 253, { path: ['name'], message: 'is too long' });

interface Seen {
  readonly domains: Readable<seen.Domains>;
  readonly data: seen.DomainData | undefined;
  readonly auth: MailAuth;
}

function full(p: { readonly name: string; readonly parent: string }): string {
  return `${p.name}.${p.parent}`;
}

const names = { ...cpanelUser, domain: 'name', rootdomain: 'parent', dir: 'folder' } as const;

/** A subdomain with a folder of its own. Its records stand in the parent's zone. */
export const addSubdomain = define({
  id: 'domain.add-sub',
  title: 'Add subdomain',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  proof: 'look',
  longestSeconds: 300,
  covers: { 'SubDomain::addsubdomain': worded({ names, implied: { disallowdot: ['0'], canoff: ['1'] } }) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: full(p) }),
  keys: (p) => [exclusive(`account:${p.account}`), exclusive(`domain:${full(p)}`), exclusive(`domain:${p.parent}`)],
  wants: (p) => (p.dkimKey === undefined ? ['dkimKey'] : []),
  choose: (p, chosen) => ({ ...p, dkimKey: p.dkimKey ?? chosen.dkimKey }),
  observe: (p) => [
    seen.lookAtDomains(p.account),
    seen.lookAtDomain(p.account, full(p)),
    ...lookAtMailAuth(full(p), p.parent),
  ],
  read: (p, answers): Seen => ({
    domains: seen.readDomains(answers, 0),
    data: seen.readDomain(answers, 1),
    auth: readMailAuth(answers, 2, full(p), p.parent),
  }),
  plan: (p, s, place) =>
    when(s.domains, (domains) => {
      const found = domains.sub_domains.includes(full(p));
      if (!found && seen.allOf(domains).includes(full(p))) return refused(seen.alreadyThere(full(p)));
      return planNewDomain(place, {
        domain: full(p),
        zone: p.parent,
        dkimKey: p.dkimKey,
        found,
        same: seen.hasFolder(s.data, p.folder),
        call: uapi(p.account, 'SubDomain::addsubdomain', { domain: p.name, rootdomain: p.parent, dir: p.folder }),
        exists: seen.alreadyThere(full(p)),
        auth: s.auth,
      });
    }),
});
