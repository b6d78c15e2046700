/** Addon domains, aliases, subdomains and what is known of each. */
import type { Context, Entry, Handler, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts, domains } from '../tables.ts';
import { domainsApi2, domainsUapi } from './domains-account.ts';
import { addSubdomain, folder, park, removeAddon, removeSubdomain, unpark } from './domains-change.ts';
import { accountBehind, domainInfo, domainReads, visibleDomain } from './domains-info.ts';
import { domainName, mayTouch } from './zone-store.ts';

/** The nearest domain above a name that an account has. */
function rootAbove(context: Context, domain: string): string {
  const labels = domain.split('.');
  for (let from = 1; from < labels.length; from += 1) {
    const above = labels.slice(from).join('.');
    if (context.state.of(domains).has(above)) return above;
  }
  throw new Refusal(`The domain “${domain}” is not below any domain of this server.`);
}

function createSubdomain(context: Context): Result {
  const domain = domainName(context.params.require('domain'));
  const given = context.params.require('document_root');
  const root = rootAbove(context, domain);
  const account = accountBehind(context, root);
  addSubdomain(context, account, { domain, root, docroot: folder(account, given, domain) });
  return ok({ username: account.user });
}

function createParkedDomain(context: Context): Result {
  const { params, state } = context;
  const account = state.of(accounts).get(params.require('username'));
  if (account === undefined || !mayTouch(context, account)) return no('Account does not exist.');
  park(context, account, domainName(params.require('domain')), domainName(params.require('web_vhost_domain')), false);
  return ok();
}

function deleteDomain(context: Context): Result {
  const domain = domainName(context.params.require('domain'));
  const seen = visibleDomain(context, domain);
  if (seen === undefined) return no(`The domain “${domain}” does not exist in the userdata.`);
  const { row, account } = seen;
  if (row.type === 'main') return no(`You cannot delete “${domain}” because it is an account’s main domain.`);
  if (row.type === 'addon') removeAddon(context, account, domain, { keepSubdomain: true });
  else if (row.type === 'parked') unpark(context, account, domain);
  else removeSubdomain(context, account, domain);
  return ok({ type: row.type, username: account.user });
}

const whm: Readonly<Record<string, Entry<Handler>>> = {
  ...domainReads,
  create_subdomain: createSubdomain,
  create_parked_domain_for_user: createParkedDomain,
  delete_domain: deleteDomain,
};

/** Follows the main domain: subdomains below it, and what stands on it. */
function mainDomainChanged(context: Context, account: Account, from: string): void {
  const rows = context.state.of(domains);
  const moved = (name: string): string =>
    name === from || name.endsWith(`.${from}`) ? `${name.slice(0, -from.length)}${account.domain}` : name;
  for (const row of rows.by(account.user)) {
    const name = row.type === 'sub' ? moved(row.domain) : row.domain;
    if (row.type === 'main' || (name === row.domain && moved(row.parent) === row.parent)) continue;
    rows.delete(row.domain);
    rows.set(name, { ...row, domain: name, parent: moved(row.parent) });
  }
}

export const domainsModule: Module = {
  hooks: { domainChanged: mainDomainChanged },
  whm,
  uapi: { ...domainsUapi, ...domainInfo },
  api2: domainsApi2,
};
