/** Addon, alias and subdomains. */
import { api2, uapi, whm } from '../../whm/call.ts';
import type { Step, Values } from '../model.ts';
import { at, does, makes, refuses } from './build.ts';

const addon = (v: Values): string => `addon.${v.otherDomain}`;
const alias = (v: Values): string => `alias-${v.domain}`;
const yes = { needs: 'account', kind: 'write' } as const;

export const domainSteps: readonly Step[] = [
  does({
    id: 'domains.add-addon',
    assumption: 'AddonDomain::addaddondomain of API 2 makes an addon domain.',
    action: 'domain.add-addon',
    params: (v) => ({ account: v.user, domain: alias(v), subdomain: 'addon', folder: 'addon', dkimKey: v.dkimKey }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  makes({
    id: 'domains.list',
    assumption: 'DomainInfo::list_domains lists main, addon, parked and sub domains apart.',
    call: (v) => uapi(v.user, 'DomainInfo::list_domains'),
    facts: (data, v) => ({ isAddon: at(data, 'addon_domains', 0) === alias(v) }),
    expect: { isAddon: true },
  }),
  makes({
    id: 'domains.data',
    assumption: 'DomainInfo::single_domain_data tells an addon’s subdomain as servername.',
    call: (v) => uapi(v.user, 'DomainInfo::single_domain_data', { domain: alias(v) }),
    facts: (data, v) => ({ isSub: at(data, 'servername') === `addon.${v.domain}` }),
    expect: { isSub: true },
  }),
  makes({
    id: 'domains.api2-addons',
    assumption: 'API 2 listaddondomains tells domain, subdomain and rootdomain.',
    call: (v) => api2(v.user, 'AddonDomain::listaddondomains'),
  }),
  refuses(
    {
      id: 'domains.api2-exists',
      assumption: 'An addon domain that exists is refused with “already exists”.',
      call: (v) =>
        api2(v.user, 'AddonDomain::addaddondomain', { newdomain: alias(v), subdomain: 'addon2', dir: 'addon2' }),
      text: /already (exists|configured)/iu,
    },
    yes,
  ),
  refuses(
    {
      id: 'domains.not-ours',
      assumption: 'A domain of another account is refused with “already exists in the userdata”.',
      call: (v) =>
        api2(v.user, 'AddonDomain::addaddondomain', { newdomain: v.otherDomain, subdomain: 'theirs', dir: 'theirs' }),
      text: /already exists/iu,
    },
    { needs: 'other', kind: 'write', checks: ['errors.foreign-domain'] },
  ),
  does({
    id: 'domains.remove-addon',
    assumption: 'deladdondomain takes label_maindomain and removes the addon domain.',
    action: 'domain.remove-addon',
    params: (v) => ({ account: v.user, domain: alias(v) }),
  }),
  does({
    id: 'domains.add-alias',
    assumption: 'create_parked_domain_for_user makes an alias of the main domain.',
    action: 'domain.add-alias',
    params: (v) => ({ account: v.user, domain: alias(v), dkimKey: v.dkimKey }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  makes({
    id: 'domains.api2-aliases',
    assumption: 'API 2 listparkeddomains tells domain, dir and status.',
    call: (v) => api2(v.user, 'Park::listparkeddomains'),
  }),
  does({
    id: 'domains.remove-alias',
    assumption: 'delete_domain removes an alias.',
    action: 'domain.remove-alias',
    params: (v) => ({ account: v.user, domain: alias(v) }),
  }),
  refuses(
    {
      id: 'domains.api2-not-parked',
      assumption: 'Park::unpark of a domain that is not ours is refused.',
      call: (v) => api2(v.user, 'Park::unpark', { domain: addon(v) }),
      text: /control|not/iu,
    },
    yes,
  ),
  does({
    id: 'domains.add-sub',
    assumption: 'SubDomain::addsubdomain makes a subdomain.',
    action: 'domain.add-sub',
    params: (v) => ({
      account: v.user,
      name: 'shop',
      parent: v.domain,
      folder: 'public_html/shop',
      dkimKey: v.dkimKey,
    }),
    repeated: 'refused',
    expect: { again: 'refused' },
  }),
  does({
    id: 'domains.own-hosts',
    assumption: 'create_subdomain takes a document root below the home, and may be one that another domain has.',
    action: 'own-names.install',
    params: (v) => ({ account: v.user, domain: v.domain }),
    // The zone comes in a second step, once both virtual hosts have written into it.
    expect: { after: 'apply', again: 'apply' },
  }),
  does({
    id: 'domains.own-names',
    assumption: 'A subdomain’s address can be another server’s.',
    action: 'own-names.install',
    params: (v) => ({ account: v.user, domain: v.domain }),
    expect: { again: 'settled' },
  }),
  makes({
    id: 'domains.info',
    assumption: 'get_domain_info tells type and owner of each domain.',
    call: () => whm('get_domain_info'),
  }),
  makes({
    id: 'domains.api2-subs',
    assumption: 'API 2 listsubdomains tells domain, subdomain and rootdomain.',
    call: (v) => api2(v.user, 'SubDomain::listsubdomains'),
  }),
  does({
    id: 'domains.remove-sub',
    assumption: 'delete_domain removes a subdomain.',
    action: 'domain.remove-sub',
    params: (v) => ({ account: v.user, domain: `shop.${v.domain}` }),
  }),
  refuses(
    {
      id: 'domains.uapi-none',
      assumption: 'Before 11.138 UAPI has no AddonDomain, so API 2 is the only way.',
      call: (v) => uapi(v.user, 'AddonDomain::listaddondomains'),
      text: /./u,
    },
    { ...yes, until: '11.138' },
  ),
  makes({
    id: 'domains.api2-add-sub',
    assumption: 'API 2 addsubdomain makes a subdomain too.',
    call: (v) =>
      api2(v.user, 'SubDomain::addsubdomain', { domain: 'blog', rootdomain: v.domain, dir: 'public_html/blog' }),
  }),
  makes(
    {
      id: 'domains.api2-remove-sub',
      assumption: 'API 2 delsubdomain takes label_maindomain as well as the whole name.',
      call: (v) => api2(v.user, 'SubDomain::delsubdomain', { domain: `blog_${v.domain}` }),
    },
    { checks: ['api2.delsubdomain'] },
  ),
];
