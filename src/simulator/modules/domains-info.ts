/** What servers tell about domains: UAPI `DomainInfo`, WHM's userdata. */

import type { AccountContext, AccountHandler, Context, Entry, Handler, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account, Domain } from '../tables.ts';
import { accounts, domains } from '../tables.ts';
import { domainsOf } from './domains-change.ts';
import { redirectFields } from './ssl-redirect.ts';
import { domainName, mayTouch } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

const typeNames = { main: 'main_domain', addon: 'addon_domain', parked: 'parked_domain', sub: 'sub_domain' } as const;

/** The virtual host that answers for a domain: an addon's is its subdomain's, an alias' that of what it stands for. */
function hostOf(context: Context, row: Domain): Domain {
  if (row.type === 'main' || row.type === 'sub') return row;
  return context.state.of(domains).get(row.parent) ?? row;
}

function aliasesOf(context: Context, host: Domain): string {
  const above = context.state
    .of(domains)
    .by(host.user)
    .filter((d) => d.type !== 'sub' && d.parent === host.domain && d.domain !== host.domain);
  const names = above.flatMap((d) => [d.domain, `www.${d.domain}`, `mail.${d.domain}`]);
  const own = host.type === 'main' ? [`mail.${host.domain}`, `www.${host.domain}`] : [`www.${host.domain}`];
  return [...names, ...own].join(' ');
}

/** Settings of the virtual host behind a domain, as both APIs show them. */
function userdata(context: Context, account: Account, row: Domain): Row {
  const host = hostOf(context, row);
  return {
    documentroot: host.docroot,
    group: account.user,
    hascgi: account.limits.cgi ? 1 : 0,
    homedir: account.homedir,
    ip: account.ip,
    owner: account.owner,
    phpopenbasedirprotect: 1,
    port: 80,
    serveradmin: `webmaster@${host.domain}`,
    serveralias: aliasesOf(context, host),
    servername: host.domain,
    user: account.user,
  };
}

function domainData(context: AccountContext, row: Domain): Row {
  const docroot = hostOf(context, row).docroot;
  return {
    ...userdata(context, context.account, row),
    ...redirectFields(context, context.user, row.domain),
    customlog: { format: 'combined', target: `/etc/apache2/logs/domlogs/${row.domain}` },
    domain: row.domain,
    ifmodulemodsuphpc: { group: context.account.user },
    ipv6: null,
    no_cache_update: 0,
    options: 'ExecCGI Includes',
    scriptalias: { path: `${docroot}/cgi-bin`, url: '/cgi-bin/' },
    type: typeNames[row.type],
    usecanonicalname: 'Off',
    userdirprotect: 1,
  };
}

function names(context: AccountContext, type: Domain['type']): readonly string[] {
  return domainsOf(context, context.user, type).map((d) => d.domain);
}

function listDomains(context: AccountContext): Result {
  return ok({
    main_domain: context.account.domain,
    addon_domains: names(context, 'addon'),
    parked_domains: names(context, 'parked'),
    sub_domains: names(context, 'sub'),
  });
}

function domainsData(context: AccountContext): Result {
  const data = (type: Domain['type']): readonly Row[] =>
    domainsOf(context, context.user, type).map((d) => domainData(context, d));
  const [main] = data('main');
  const [addon, parked, sub] = [data('addon'), data('parked'), data('sub')];
  if (context.params.get('format') === 'list')
    return ok([...(main === undefined ? [] : [main]), ...addon, ...parked, ...sub]);
  // Aliases have no virtual host of their own and come as names.
  return ok({
    main_domain: main ?? null,
    addon_domains: addon,
    parked_domains: names(context, 'parked'),
    sub_domains: sub,
  });
}

function singleDomainData(context: AccountContext): Result {
  const domain = domainName(context.params.require('domain'));
  const row = context.state.of(domains).get(domain);
  if (row?.user !== context.user) return no(`The domain “${domain}” does not belong to “${context.user}”.`);
  return ok(domainData(context, row));
}

export const domainInfo: Readonly<Record<string, Entry<AccountHandler>>> = {
  'DomainInfo::list_domains': listDomains,
  'DomainInfo::domains_data': domainsData,
  'DomainInfo::single_domain_data': singleDomainData,
  'DomainInfo::main_domain_builtin_subdomain_aliases': () => ok(['mail', 'www']),
  'DomainInfo::primary_domain': (c) => ok({ primary_domain: c.account.domain }),
};

/** A domain that the caller may know of, with its account. */
export function visibleDomain(
  context: Context,
  domain: string,
): { readonly row: Domain; readonly account: Account } | undefined {
  const row = context.state.of(domains).get(domain);
  const account = row === undefined ? undefined : context.state.of(accounts).get(row.user);
  return row !== undefined && account !== undefined && mayTouch(context, account) ? { row, account } : undefined;
}

function domainuserdata(context: Context): Result {
  const seen = visibleDomain(context, domainName(context.params.require('domain')));
  if (seen === undefined) return no('Unable to determine account owner for domain.');
  const data = userdata(context, seen.account, seen.row);
  const host = hostOf(context, seen.row);
  const more = {
    customlog: [{ format: 'combined', target: `/etc/apache2/logs/domlogs/${host.domain}` }],
    scriptalias: [{ path: `${host.docroot}/cgi-bin`, url: '/cgi-bin/' }],
    usecanonicalname: 'Off',
    userdirprotect: '',
  };
  return ok({ userdata: { ...data, ...more } }, { reason: 'Obtained userdata.' });
}

function userdataV0(result: Result): unknown {
  if (!result.ok) return { result: [{ status: 0, statusmsg: result.reason }], userdata: {} };
  // The handler above built it.
  const { userdata: found } = result.data as { userdata: unknown };
  return { result: [{ status: 1, statusmsg: result.reason }], userdata: found };
}

function infoRow(account: Account, row: Domain): Row {
  return {
    docroot: row.docroot,
    domain: row.domain,
    domain_type: row.type,
    ipv4: account.ip,
    ipv4_ssl: account.ip,
    ipv6: null,
    ipv6_is_dedicated: 0,
    modsecurity_enabled: 1,
    parent_domain: row.type === 'main' ? row.domain : account.domain,
    php_version: 'ea-php83',
    port: 80,
    port_ssl: 443,
    user: account.user,
    user_owner: account.owner,
  };
}

function getDomainInfo(context: Context): Result {
  const rows = context.state
    .of(domains)
    .values()
    .flatMap((row) => {
      const seen = visibleDomain(context, row.domain);
      return seen === undefined ? [] : [infoRow(seen.account, row)];
    });
  return ok({ domains: rows });
}

function getdomainowner(context: Context): Result {
  const domain = domainName(context.params.require('domain'));
  return ok({ user: visibleDomain(context, domain)?.account.user ?? null });
}

/** The account of a domain that is to be changed through WHM. */
export function accountBehind(context: Context, domain: string): Account {
  const seen = visibleDomain(context, domain);
  if (seen === undefined) throw new Refusal(`The domain “${domain}” does not exist in the userdata.`);
  return seen.account;
}

export const domainReads: Readonly<Record<string, Entry<Handler>>> = {
  domainuserdata: { run: domainuserdata, v0: userdataV0 },
  get_domain_info: getDomainInfo,
  getdomainowner,
};
