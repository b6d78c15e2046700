import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';

export const accountField = f.account().meta({ label: 'Account' });
export const domainField = f.domain().meta({ label: 'Domain', placeholder: 'example.org' });
export const dkimField = f.privateKey().optional().meta({ label: 'DKIM key', input: 'hidden', secret: true });

const list = z.object({
  main_domain: z.union([z.string(), z.array(z.string()).transform((all) => all[0] ?? '')]),
  addon_domains: z.array(z.string()),
  parked_domains: z.array(z.string()),
  sub_domains: z.array(z.string()),
});

export type Domains = z.output<typeof list>;

export function lookAtDomains(account: string): WhmCall {
  return uapi(account, 'DomainInfo::list_domains');
}

export function readDomains(answers: readonly Answer[], index: number): Readable<Domains> {
  return readable(answers, index, list);
}

const one = z.object({
  servername: z.string().nullish(),
  documentroot: z.string().nullish(),
  ip: z.string().nullish(),
});

export interface DomainData {
  /** The subdomain that carries an addon domain: 'shop.example.com'. */
  readonly servername?: string | null | undefined;
  readonly documentroot?: string | null | undefined;
  /** The address that its web server answers at. */
  readonly ip?: string | null | undefined;
}

export function lookAtDomain(account: string, domain: string): WhmCall {
  return uapi(account, 'DomainInfo::single_domain_data', { domain });
}

/** undefined: no such domain in the account, or not told. */
export function readDomain(answers: readonly Answer[], index: number): DomainData | undefined {
  const answer = readable(answers, index, one);
  return answer.ok ? answer.value : undefined;
}

/** Whether the web folder is the wanted one, where one was asked for. */
export function hasFolder(seen: DomainData | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined || typeof seen?.documentroot !== 'string') return true;
  return seen.documentroot.endsWith(`/${wanted}`);
}

export function alreadyThere(domain: string): string {
  return `The domain “${domain}” already exists in the userdata.`;
}

export function notYours(domain: string): string {
  return `Sorry, you do not control the domain ${domain}`;
}

/** Every domain of the account, whatever its kind. */
export function allOf(domains: Domains): readonly string[] {
  return [domains.main_domain, ...domains.addon_domains, ...domains.parked_domains, ...domains.sub_domains];
}
