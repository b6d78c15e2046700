/** Addon domains, aliases and subdomains come and go: the rules, whatever API asked. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account, Domain, Limit } from '../tables.ts';
import { domains } from '../tables.ts';
import { dropMail } from './mail-store.ts';
import { xid } from './names.ts';
import { addSubRecords, createZone, dropDomain, refuseTaken, removeSubRecords } from './zone-life.ts';

const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const wholeName = new RegExp(`^(${label}\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`, 'u');
const leftPart = new RegExp(`^(\\*|${label})(\\.${label})*$`, 'u');

/** Refuses what cannot be a domain. */
export function checkDomain(context: Context, domain: string): void {
  if (domain.length > 253 || !wholeName.test(domain)) {
    throw new Refusal(`${xid(context)} “${domain}” is not a valid domain name.`);
  }
}

/** The account's own domain row. Refuses as cPanel does for somebody else's. */
export function ownDomain(context: Context, account: Account, domain: string, type?: Domain['type']): Domain {
  const row = context.state.of(domains).get(domain);
  if (row?.user !== account.user || (type !== undefined && row.type !== type)) {
    throw new Refusal(`Sorry, you do not control the domain ${domain}\n`);
  }
  return row;
}

/** Domains of one type that the account has. */
export function domainsOf(context: Context, user: string, type: Domain['type']): readonly Domain[] {
  return context.state
    .of(domains)
    .by(user)
    .filter((d) => d.type === type);
}

/** Subdomains that the customer asked for: those under addon domains do not count against a limit. */
function countedSubdomains(context: Context, user: string): number {
  const under = new Set(domainsOf(context, user, 'addon').map((d) => d.parent));
  return domainsOf(context, user, 'sub').filter((d) => !under.has(d.domain)).length;
}

function reached(limit: Limit, used: number): boolean {
  return limit !== null && used >= limit;
}

/** A folder given by a caller, inside the account's home. */
export function folder(account: Account, given: string | undefined, otherwise: string): string {
  const wanted = given === undefined || given === '' ? otherwise : given;
  const inside = wanted.replace(new RegExp(`^${account.homedir}/`, 'u'), '').replaceAll(/^\/+|\/+$/gu, '');
  if (inside.split('/').includes('..')) throw new Refusal(`“${wanted}” is not a valid document root.`);
  return `${account.homedir}/${inside}`;
}

export interface SubdomainWish {
  readonly domain: string;
  readonly root: string;
  readonly docroot: string;
}

function putSubdomain(context: Context, account: Account, wish: SubdomainWish): void {
  checkDomain(context, wish.domain.replace(/^\*\./u, 'wildcard.'));
  refuseTaken(context, wish.domain, true);
  context.state.of(domains).set(wish.domain, {
    domain: wish.domain,
    user: account.user,
    type: 'sub',
    parent: wish.root,
    docroot: wish.docroot,
  });
  addSubRecords(context, account, wish.domain);
}

/** Adds a subdomain; returns cPanel's sentence. */
export function addSubdomain(context: Context, account: Account, wish: SubdomainWish): string {
  ownDomain(context, account, wish.root);
  const left = wish.domain.slice(0, -(wish.root.length + 1));
  if (!leftPart.test(left)) throw new Refusal(`${xid(context)} “${wish.domain}” is not a valid domain name.`);
  if (reached(account.limits.maxsub, countedSubdomains(context, account.user))) {
    throw new Refusal('Sorry, you have exceeded the maximum allowed subdomains.');
  }
  putSubdomain(context, account, wish);
  return `The subdomain, ${wish.domain} has been added.`;
}

/** Removes a subdomain, its records and its mail. */
export function removeSubdomain(context: Context, account: Account, domain: string): string {
  ownDomain(context, account, domain, 'sub');
  const user = context.state.of(domains).by(account.user);
  const above = user.find((d) => d.type !== 'sub' && d.type !== 'main' && d.parent === domain);
  if (above !== undefined)
    throw new Refusal(`You must first remove the domain “${above.domain}”, which stands on “${domain}”.`);
  context.state.of(domains).delete(domain);
  removeSubRecords(context, domain);
  dropDomain(context, domain);
  dropMail(context, account.user, domain);
  return `The subdomain, ${domain} has been removed.`;
}

export interface AddonWish {
  readonly domain: string;
  /** The label of its subdomain under the main domain. */
  readonly label: string;
  readonly docroot: string;
  readonly force: boolean;
}

/** Adds a domain with a subdomain of the main domain beneath it. */
export function addAddon(context: Context, account: Account, wish: AddonWish): string {
  const { limits, user } = account;
  checkDomain(context, wish.domain);
  if (reached(limits.maxaddon, domainsOf(context, user, 'addon').length)) {
    throw new Refusal(`Sorry, you have reached your maximum number (${limits.maxaddon}) of addon domains.`);
  }
  refuseTaken(context, wish.domain, wish.force);
  const under = `${wish.label}.${account.domain}`;
  if (!leftPart.test(wish.label)) throw new Refusal(`${xid(context)} “${under}” is not a valid domain name.`);
  putSubdomain(context, account, { domain: under, root: account.domain, docroot: wish.docroot });
  const row: Domain = { domain: wish.domain, user, type: 'addon', parent: under, docroot: wish.docroot };
  context.state.of(domains).set(wish.domain, row);
  createZone(context, account, wish.domain);
  return `${wish.domain} was successfully parked on top of ${under}`;
}

/** Removes an addon domain and, unless told otherwise, the subdomain beneath it. */
export function removeAddon(
  context: Context,
  account: Account,
  domain: string,
  options: { readonly keepSubdomain: boolean },
): string {
  const row = ownDomain(context, account, domain, 'addon');
  context.state.of(domains).delete(domain);
  dropDomain(context, domain);
  dropMail(context, account.user, domain);
  if (options.keepSubdomain) return `The domain, ${domain} has been removed.`;
  return removeSubdomain(context, account, row.parent);
}

/** Adds an alias of one of the account's domains. */
export function park(context: Context, account: Account, domain: string, top: string, force: boolean): string {
  const { limits, user } = account;
  checkDomain(context, domain);
  ownDomain(context, account, top);
  if (context.state.of(domains).get(domain)?.user === user) throw new Refusal(`${domain} is already configured.\n`);
  if (reached(limits.maxpark, domainsOf(context, user, 'parked').length)) {
    throw new Refusal(`Sorry, you have reached your maximum number (${limits.maxpark}) of parked domains.`);
  }
  refuseTaken(context, domain, force);
  const docroot = ownDomain(context, account, top).docroot;
  context.state.of(domains).set(domain, { domain, user, type: 'parked', parent: top, docroot });
  createZone(context, account, domain);
  return `${domain} was successfully parked on top of ${top}`;
}

/** Removes an alias, its zone and its mail. */
export function unpark(context: Context, account: Account, domain: string): string {
  ownDomain(context, account, domain, 'parked');
  context.state.of(domains).delete(domain);
  dropDomain(context, domain);
  dropMail(context, account.user, domain);
  return `${domain} was successfully unparked`;
}
