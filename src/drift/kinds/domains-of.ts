/** Which domains an account has: many kinds read something for each of them. */
import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Answers } from '../model.ts';
import { sofar } from './reading.ts';

const virtualHost = z.object({
  domain: z.string(),
  documentroot: z.string().nullish(),
  servername: z.string().nullish(),
});

/** DomainInfo::domains_data: aliases come as names, since they have no virtual host of their own. */
export const domainsData = z.object({
  main_domain: virtualHost.nullable(),
  addon_domains: z.array(virtualHost),
  parked_domains: z.array(z.string()),
  sub_domains: z.array(virtualHost),
});

export const askDomains = (account: string) => uapi(account, 'DomainInfo::domains_data');

const none: z.output<typeof domainsData> = {
  main_domain: null,
  addon_domains: [],
  parked_domains: [],
  sub_domains: [],
};

function known(account: string, answers: Answers) {
  return sofar(answers, askDomains(account), domainsData, none);
}

/** Domains with a zone of their own. */
export function zonesOf(account: string, answers: Answers): readonly string[] {
  const d = known(account, answers);
  return [
    ...(d.main_domain === null ? [] : [d.main_domain.domain]),
    ...d.addon_domains.map((a) => a.domain),
    ...d.parked_domains,
  ];
}

/** What Tandem calls the names that stay on one server; they have no mail, and each master makes its own key for them. */
const ownName = /^www\d\./;

/** Domains that have mail: all but the subdomains that only carry an addon domain, and the names of one server. */
export function mailDomainsOf(account: string, answers: Answers): readonly string[] {
  const d = known(account, answers);
  const carriers = new Set(d.addon_domains.map((a) => a.servername));
  const zones = zonesOf(account, answers);
  const isOwn = (name: string): boolean => ownName.test(name) && zones.includes(name.replace(ownName, ''));
  const subs = d.sub_domains.map((s) => s.domain).filter((name) => !carriers.has(name) && !isOwn(name));
  return [...zones, ...subs];
}
