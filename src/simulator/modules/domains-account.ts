/** Domains as a cPanel account changes and lists them: API 2, and from 11.138 on UAPI. */

import type { AccountContext, AccountHandler, Entry } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Account, Domain } from '../tables.ts';
import {
  addAddon,
  addSubdomain,
  domainsOf,
  folder,
  ownDomain,
  park,
  removeAddon,
  removeSubdomain,
  unpark,
} from './domains-change.ts';
import { nameFilter } from './domains-filter.ts';
import { redirectFields } from './ssl-redirect.ts';
import { domainName } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;
/** Does it, and returns cPanel's sentence. */
type Change = (context: AccountContext) => string;

function undotted(context: AccountContext, text: string): string {
  return context.params.flag('disallowdot', false) ? text.replaceAll('.', '') : text;
}

const addAddonDomain: Change = (context) => {
  const { params, account } = context;
  const domain = domainName(params.require('newdomain'));
  const given = domainName(params.require('subdomain'));
  const own = given.endsWith(`.${account.domain}`) ? given.slice(0, -(account.domain.length + 1)) : given;
  const docroot = folder(account, params.get('dir'), domain);
  return addAddon(context, account, {
    domain,
    label: undotted(context, own),
    docroot,
    force: params.flag('force', false),
  });
};

const deleteAddonDomain: Change = (context) => {
  const { params, account } = context;
  const domain = domainName(params.require('domain'));
  const given = domainName(params.require('subdomain')).replace('_', '.');
  const row = ownDomain(context, account, domain, 'addon');
  if (given !== row.parent && `${given}.${account.domain}` !== row.parent) {
    throw new Refusal(`Sorry, you do not control the domain ${given}\n`);
  }
  return removeAddon(context, account, domain, { keepSubdomain: false });
};

const addSub: Change = (context) => {
  const { params, account } = context;
  const root = domainName(params.require('rootdomain'));
  const given = domainName(params.require('domain'));
  const left = undotted(context, given.endsWith(`.${root}`) ? given.slice(0, -(root.length + 1)) : given);
  const docroot = folder(account, params.get('dir'), `public_html/${left}`);
  return addSubdomain(context, account, { domain: `${left}.${root}`, root, docroot });
};

const deleteSub: Change = (context) =>
  removeSubdomain(context, context.account, domainName(context.params.require('domain')).replace('_', '.'));

const parkDomain: Change = (context) => {
  const { params, account } = context;
  const top = domainName(params.get('topdomain') ?? account.domain);
  return park(context, account, domainName(params.require('domain')), top, params.flag('force', false));
};

const unparkDomain: Change = (context) =>
  unpark(context, context.account, domainName(context.params.require('domain')));

function place(account: Account, row: Domain): Row {
  const basedir = row.docroot.slice(account.homedir.length + 1);
  return { dir: row.docroot, basedir, reldir: `home:${basedir}`, status: 'not redirected' };
}

function underneath(sub: string, root: string): Row {
  const subdomain = sub.slice(0, -(root.length + 1));
  return { subdomain, rootdomain: root, domainkey: `${subdomain}_${root}` };
}

function rowOf(account: Account, row: Domain): Row {
  const common = {
    domain: row.domain,
    ...place(account, row),
    web_subdomain_aliases: row.type === 'sub' ? ['www'] : ['www', 'mail'],
  };
  if (row.type === 'sub') return { ...common, ...underneath(row.domain, row.parent) };
  if (row.type === 'parked') return common;
  return { ...common, ...underneath(row.parent, account.domain), fullsubdomain: row.parent };
}

/** Lists domains of a type; `regex` filters by name. */
function list(type: Domain['type']): (context: AccountContext) => readonly Row[] {
  return (context) => {
    const { account, params } = context;
    const like = nameFilter(params.get('regex'));
    const rows = domainsOf(context, account.user, type).filter((d) => like(d.domain));
    const withHttps = params.flag('return_https_redirect_status', false);
    return rows.map((row) => ({
      ...rowOf(account, row),
      ...(withHttps ? redirectFields(context, account.user, row.domain) : {}),
    }));
  };
}

interface Twin {
  readonly params: readonly string[];
  readonly change?: Change;
  readonly list?: (context: AccountContext) => readonly Row[];
  /** The version whose UAPI has it. */
  readonly since: string;
  /** What UAPI's answer holds after a change. */
  readonly data?: (context: AccountContext) => unknown;
}

const listParams = ['regex', 'return_https_redirect_status'];
const newest = '11.138';

const twins: Readonly<Record<string, Twin>> = {
  'AddonDomain::addaddondomain': {
    params: ['newdomain', 'subdomain', 'dir', 'disallowdot', 'force', 'ftp_is_optional', 'pass'],
    change: addAddonDomain,
    since: newest,
    data: (c) => ({ domain: domainName(c.params.require('newdomain')) }),
  },
  'AddonDomain::deladdondomain': {
    params: ['domain', 'subdomain', 'disallowdot'],
    change: deleteAddonDomain,
    since: newest,
  },
  'AddonDomain::listaddondomains': { params: listParams, list: list('addon'), since: newest },
  'Park::park': { params: ['domain', 'topdomain', 'disallowdot', 'force'], change: parkDomain, since: newest },
  'Park::unpark': { params: ['domain', 'subdomain'], change: unparkDomain, since: newest },
  'Park::listparkeddomains': { params: listParams, list: list('parked'), since: newest },
  'SubDomain::addsubdomain': {
    params: ['domain', 'rootdomain', 'dir', 'disallowdot', 'canoff'],
    change: addSub,
    since: '70',
  },
  'SubDomain::delsubdomain': { params: ['domain', 'disallowdot'], change: deleteSub, since: newest },
  'SubDomain::listsubdomains': { params: listParams, list: list('sub'), since: newest },
};

function inApi2(twin: Twin): Entry<AccountHandler> {
  const { change, list: rows, params } = twin;
  return { params, run: (c) => ok(change === undefined ? (rows?.(c) ?? []) : [{ result: 1, reason: change(c) }]) };
}

function inUapi(twin: Twin): Entry<AccountHandler> {
  const { change, list: rows, params, since, data } = twin;
  const run: AccountHandler = (c) => {
    if (change === undefined) return ok(rows?.(c) ?? []);
    change(c);
    return ok(data?.(c) ?? null);
  };
  return since === newest ? { params, since, run } : { params, run };
}

function each(make: (twin: Twin) => Entry<AccountHandler>): Readonly<Record<string, Entry<AccountHandler>>> {
  return Object.fromEntries(Object.entries(twins).map(([name, twin]) => [name, make(twin)]));
}

export const domainsApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  ...each(inApi2),
  'Park::listaddondomains': { params: listParams, run: (c) => ok(list('addon')(c)) },
};
export const domainsUapi = each(inUapi);
