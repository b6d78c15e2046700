/** What pages know of the account itself: its domains, and what its package allows. */
import { z } from 'zod';
import { ownAmong } from '../../actions/own-names/names.ts';
import { NotFound } from '../../errors.ts';
import { uapi } from '../../whm/call.ts';
import type { Known } from '../portal/remembered.ts';
import type { CustomerParts } from './deps.ts';
import { newly } from './newly.ts';
import type { Visit } from './visit.ts';
import { accountRow } from './who.ts';

const names = z.array(z.string()).default([]);
const main = z.union([z.string(), z.array(z.string()).transform((all) => all[0] ?? '')]);
const Domains = z.object({ main_domain: main, addon_domains: names, parked_domains: names, sub_domains: names });

export type Domains = z.output<typeof Domains>;

/** DomainInfo::list_domains, from memory. */
export function domainsOf(visit: Visit): Promise<Known<Domains>> {
  return visit.ask(uapi(visit.account, 'DomainInfo::list_domains'), Domains);
}

/** The same for what stands around every page. */
export function listedDomains(parts: CustomerParts, account: string): Promise<Known<Domains>> {
  return parts.remembered.ask({ call: uapi(account, 'DomainInfo::list_domains'), shape: Domains, account });
}

/** www1 and www2: Tandem made them, and they are nobody's to remove. */
export function namesOfServers({ masters }: Pick<CustomerParts, 'masters'>, domains: Domains): readonly string[] {
  return ownAmong(masters, domains.sub_domains, zonesOf(domains));
}

/** The domains that have a zone and mail of their own: main, addon and alias domains. */
export function zonesOf({ main_domain, addon_domains, parked_domains }: Domains): readonly string[] {
  return [main_domain, ...addon_domains, ...parked_domains];
}

/** These, from memory; the account's list until that is read. */
export async function mailDomains(visit: Visit): Promise<readonly string[]> {
  const { value } = await domainsOf(visit);
  if (value !== undefined) return zonesOf(value);
  const { row } = await accountRow(visit.parts, visit.account);
  return row === undefined ? [] : [row.domain];
}

/** Of these the one that was chosen at the top, or all. */
export async function shownDomains(visit: Visit): Promise<readonly string[]> {
  const all = await mailDomains(visit);
  return all.includes(visit.chosen) ? [visit.chosen] : all;
}

/** The same, newly asked: what is somebody else's must not be seen. Throws as `newly` does. */
export function domainsNow(visit: Visit): Promise<Domains> {
  return newly(visit, uapi(visit.account, 'DomainInfo::list_domains'), Domains);
}

/** A domain that was named is the account's, or does not exist. Throws NotFound, and as `newly` does. */
export async function mustOwnDomain(visit: Visit, domain: string): Promise<void> {
  const { main_domain, addon_domains, parked_domains, sub_domains } = await domainsNow(visit);
  if (![main_domain, ...addon_domains, ...parked_domains, ...sub_domains].includes(domain))
    throw new NotFound('problem.not-found');
}

const limit = z.union([z.number(), z.string(), z.null()]).transform((value) => {
  const number = Number(value);
  return value === null || value === 'unlimited' || Number.isNaN(number) ? undefined : number;
});

const Limits = z.object({
  maximum_mail_accounts: limit,
  maximum_addon_domains: limit,
  maximum_parked_domains: limit,
  maximum_subdomains: limit,
  maximum_databases: limit,
  maximum_ftp_accounts: limit,
  maximum_mailing_lists: limit,
  plan: z.string().nullish(),
  contact_email: z.string().nullish(),
  ip: z.string().nullish(),
});

/** What the package allows; undefined is 'no limit'. */
export type Limits = z.output<typeof Limits>;

/** Variables::get_user_information, from memory. */
export function limitsOf(visit: Visit): Promise<Known<Limits>> {
  return visit.ask(uapi(visit.account, 'Variables::get_user_information'), Limits);
}

/** '8 of 10', or '8' where nothing limits. */
export function usedOf(visit: Visit, used: number, most: number | undefined): string {
  return most === undefined ? String(used) : visit.say('limits.of', { used, most });
}
