/** Forwarders, domain forwarders and default addresses. */
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import type { Params } from '../params.ts';
import { Refusal } from '../params.ts';
import { domains } from '../tables.ts';
import { nameFilter } from './domains-filter.ts';
import type { Forwarder } from './mail-store.ts';
import { addressOf, defaultAddresses, domainForwarders, forwarderKey, forwarders, mailDomain } from './mail-store.ts';
import { domainName } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

const noSuchPerson = 'No such person at this address';

/** What `fwdopt` and its companions mean, as it stands in the server's alias file. */
function targetOf(context: AccountContext): readonly string[] {
  const { params, account } = context;
  switch (params.require('fwdopt')) {
    case 'fwd':
      return forwardAddresses(params);
    case 'fail':
      return [`:fail: ${params.get('failmsgs') ?? noSuchPerson}`];
    case 'blackhole':
      return [':blackhole:'];
    case 'pipe':
      return [`|${account.homedir}/${params.require('pipefwd').replace(/^\/+/u, '')}`];
    case 'system':
      return [params.get('fwdsystem') ?? account.user];
    default:
      throw new Refusal(`“${params.get('fwdopt') ?? ''}” is not a valid forwarding option.`);
  }
}

function forwardAddresses(params: Params): readonly string[] {
  const all = params
    .require('fwdemail')
    .split(',')
    .map((one) => one.trim());
  for (const one of all) {
    if (!/^[^\s@,]+(@[\w.-]+)?$/u.test(one)) throw new Refusal(`“${one}” is not a valid email address.`);
  }
  return all;
}

/** Adding what is there already answers as adding it for the first time. */
function addForwarder(context: AccountContext): Result {
  const { params, account, state } = context;
  const { email, domain } = addressOf(context, account, params.require('email'));
  const targets = targetOf(context);
  for (const target of targets) {
    const row: Forwarder = { user: account.user, domain, source: email, target };
    state.of(forwarders).set(forwarderKey(row), row);
  }
  return ok(targets.map((forward) => ({ domain, email, forward })));
}

function deleteForwarder(context: AccountContext, source: string, target: string): Result {
  const rows = context.state.of(forwarders);
  const key = forwarderKey({ source: source.toLowerCase(), target });
  if (rows.get(key)?.user !== context.user) return no(`The forwarder from “${source}” to “${target}” does not exist.`);
  rows.delete(key);
  return ok(null);
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** `dest` is the address that receives, `forward` where its mail goes. */
function listForwarders(context: AccountContext): readonly Row[] {
  const { params, state, user } = context;
  const given = params.get('domain') ?? '';
  const domain = given === '' ? undefined : mailDomain(context, given);
  const like = nameFilter(params.get('regex'));
  const rows = state
    .of(forwarders)
    .by(user)
    .filter((r) => (domain === undefined || r.domain === domain) && like(r.source));
  return rows.map(({ source, target }) => ({
    dest: source,
    forward: target,
    html_dest: html(source),
    html_forward: html(target),
    uri_dest: encodeURIComponent(source),
    uri_forward: encodeURIComponent(target),
  }));
}

function addDomainForwarder(context: AccountContext): Result {
  const { params, state, user } = context;
  const domain = mailDomain(context, params.require('domain'));
  const target = domainName(params.require('destdomain'));
  state.of(domainForwarders).set(domain, { user, domain, target });
  return ok(`All email sent to “${domain}” will now go to “${target}”.`);
}

function deleteDomainForwarder(context: AccountContext): Result {
  const domain = mailDomain(context, context.params.require('domain'));
  if (!context.state.of(domainForwarders).has(domain)) return no(`The domain “${domain}” has no forwarder.`);
  context.state.of(domainForwarders).delete(domain);
  return ok(null);
}

function listDomainForwarders(context: AccountContext): Result {
  const rows = context.state.of(domainForwarders).by(context.user);
  const given = context.params.get('domain');
  const wanted = given === undefined || given === '' ? rows : rows.filter((r) => r.domain === domainName(given));
  return ok(wanted.map((r) => ({ dest: r.domain, forward: r.target })));
}

function setDefaultAddress(context: AccountContext): Result {
  const { params, account, state, user } = context;
  const domain = mailDomain(context, params.get('domain') ?? account.domain);
  const target = targetOf(context).join(',');
  state.of(defaultAddresses).set(domain, { user, domain, target });
  return ok([{ dest: target, domain }]);
}

function listDefaultAddress(context: AccountContext): Result {
  const { params, state, user } = context;
  const given = params.get('domain');
  const all = state
    .of(domains)
    .by(user)
    .filter((d) => d.type !== 'sub')
    .map((d) => d.domain);
  const wanted = given === undefined || given === '' ? all : [mailDomain(context, given)];
  const rows = state.of(defaultAddresses);
  const shown = (domain: string): string => {
    const target = rows.get(domain)?.target ?? `:fail: No Such User Here`;
    return target.startsWith(':fail:') ? `"${target}"` : target;
  };
  return ok(wanted.map((domain) => ({ defaultaddress: shown(domain), domain })));
}

export const forwarderUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::add_forwarder': addForwarder,
  'Email::delete_forwarder': (c) => deleteForwarder(c, c.params.require('address'), c.params.require('forwarder')),
  'Email::list_forwarders': (c) => {
    c.params.require('domain');
    return ok(listForwarders(c));
  },
  'Email::count_forwarders': (c) => ok(c.state.of(forwarders).keysBy(c.user).length),
  'Email::add_domain_forwarder': addDomainForwarder,
  'Email::delete_domain_forwarder': deleteDomainForwarder,
  'Email::list_domain_forwarders': listDomainForwarders,
  'Email::set_default_address': setDefaultAddress,
  'Email::list_default_address': listDefaultAddress,
};

const addParams = ['domain', 'email', 'fwdopt', 'fwdemail', 'failmsgs', 'fwdsystem', 'pipefwd'];

function delforward(context: AccountContext): Result {
  const { params } = context;
  const given = params.require('email');
  const cut = given.indexOf('=');
  const [source, target] =
    cut === -1 ? [given, params.require('emaildest')] : [given.slice(0, cut), given.slice(cut + 1)];
  const result = deleteForwarder(context, source, target);
  return result.ok ? ok([{ result: 1, reason: 'OK' }]) : result;
}

function setdefaultaddress(context: AccountContext): Result {
  const result = setDefaultAddress(context);
  return result.ok ? ok(['success']) : result;
}

export const forwarderApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::addforward': { run: addForwarder, params: addParams },
  'Email::delforward': { run: delforward, params: ['email', 'emaildest'] },
  'Email::listforwards': { run: (c) => ok(listForwarders(c)), params: ['domain', 'regex'] },
  'Email::listdefaultaddresses': { run: listDefaultAddress, params: ['domain', 'user'] },
  'Email::setdefaultaddress': { run: setdefaultaddress, params: addParams },
};
