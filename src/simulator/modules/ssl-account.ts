/** Certificates as an account sees them: UAPI and API 2 `SSL`. */
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { State } from '../state.ts';
import { domains } from '../tables.ts';
import { covers, readCertificate } from './ssl-parse.ts';
import { certificateFields, certificateRow, hostFields, installedFields, keyRow, longNames } from './ssl-rows.ts';
import {
  hostsOf,
  install,
  keepCertificate,
  keepKey,
  namesOfHost,
  type StoredCertificate,
  type StoredKey,
  sslCertificates,
  sslHosts,
  sslKeys,
} from './ssl-store.ts';
import { domainName } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

function ownDomain(context: AccountContext, given: string): string {
  const domain = domainName(given);
  if (context.state.of(domains).get(domain)?.user !== context.user) {
    throw new Refusal(`You do not control the domain “${domain}”.`);
  }
  return domain;
}

function installed(context: AccountContext, names: { readonly crt: string; readonly cab: string }): Row {
  const { params } = context;
  const wanted = {
    domain: ownDomain(context, params.require('domain')),
    crt: params.require(names.crt),
    key: params.get('key'),
    cab: params.get(names.cab) ?? '',
  };
  const done = install(context, wanted);
  return { ...installedFields(done), cert_id: done.facts.id, key_id: done.facts.key.id };
}

interface Named {
  readonly id: string;
  readonly friendlyName: string;
}

/** The row that is asked for by its id or by its friendly name. */
function named<T extends Named>({ params }: AccountContext, rows: readonly T[], what: string): T {
  const [id, name] = [params.get('id') ?? '', params.get('friendly_name') ?? ''];
  if (id === '' && name === '') params.require('id');
  const found = rows.find((row) => (id === '' ? row.friendlyName === name : row.id === id));
  if (found === undefined) throw new Refusal(`The system has no ${what} with the ID “${id || name}”.`);
  return found;
}

function certificates(state: State, user: string): readonly StoredCertificate[] {
  return state.of(sslCertificates).by(user);
}

function keys(state: State, user: string): readonly StoredKey[] {
  return state.of(sslKeys).by(user);
}

function deleteCertificate(context: AccountContext): Result {
  const found = named(context, certificates(context.state, context.user), 'certificate');
  const row = certificateRow(context, found);
  context.state.of(sslCertificates).delete(`${context.user}/${found.id}`);
  return ok([row]);
}

function deleteKey(context: AccountContext): Result {
  const found = named(context, keys(context.state, context.user), 'key');
  context.state.of(sslKeys).delete(`${context.user}/${found.id}`);
  return ok([keyRow(found)]);
}

function showCertificate(context: AccountContext): Result {
  const found = named(context, certificates(context.state, context.user), 'certificate');
  const facts = readCertificate(found.crt);
  const details = {
    ...certificateFields(facts),
    friendly_name: found.friendlyName,
    issuer: longNames(facts.issuer),
    subject: longNames(facts.subject),
  };
  return ok({ cert: found.crt, details, text: found.crt });
}

function showKey(context: AccountContext): Result {
  const found = named(context, keys(context.state, context.user), 'key');
  return ok({ details: { ...keyRow(found), key: found.key }, text: found.key });
}

function installedHosts(context: AccountContext): readonly Row[] {
  return hostsOf(context, context.user).map((host) => ({
    certificate: { ...certificateFields(readCertificate(host.crt)), is_autossl: 0 },
    certificate_text: host.crt,
    fqdns: namesOfHost(context, host.domain),
    ...hostFields(context, host),
  }));
}

function installedHost(context: AccountContext): Result {
  const domain = ownDomain(context, context.params.get('domain') ?? context.account.domain);
  const host = hostsOf(context, context.user).find((h) => h.domain === domain);
  const certificate = host === undefined ? null : certificateFields(readCertificate(host.crt));
  return ok({ certificate, host: domain });
}

function deleteSsl(context: AccountContext): Result {
  const domain = ownDomain(context, context.params.require('domain'));
  if (!context.state.of(sslHosts).has(`${context.user}/${domain}`)) {
    return no(`The domain “${domain}” has no SSL virtual host.`);
  }
  context.state.of(sslHosts).delete(`${context.user}/${domain}`);
  return ok();
}

/** The stored certificate that lasts longest for a domain, with its key when that is there too. */
function bestFor(context: AccountContext): Result {
  const domain = ownDomain(context, context.params.require('domain'));
  const [best] = certificates(context.state, context.user)
    .map((c) => ({ crt: c.crt, facts: readCertificate(c.crt) }))
    .filter(({ facts }) => covers(facts, domain))
    .sort((a, b) => b.facts.notAfter - a.facts.notAfter);
  if (best === undefined) return no(`No certificate for the domain “${domain}” could be found.`);
  const key = context.state.of(sslKeys).get(`${context.user}/${best.facts.key.id}`)?.key ?? null;
  return ok({
    cab: null,
    crt: best.crt,
    crt_origin: `user (${context.user})`,
    domain,
    ip: context.account.ip,
    key,
    key_origin: key === null ? null : `user (${context.user})`,
    searched_users: [context.user],
    status: 1,
    statusmsg: 'ok',
    user: context.user,
  });
}

function certificateInfo(context: AccountContext): Result {
  const found = named(context, certificates(context.state, context.user), 'certificate');
  const facts = readCertificate(found.crt);
  const key = context.state.of(sslKeys).get(`${context.user}/${facts.key.id}`)?.key ?? null;
  return ok({ cabundle: null, certificate: found.crt, is_self_signed: facts.selfSigned ? 1 : 0, key });
}

function bundle(context: AccountContext): Result {
  const facts = readCertificate(context.params.require('cert'));
  return ok({ bundle: null, cab: null, domain: facts.domains[0] ?? null });
}

export const sslUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'SSL::install_ssl': (c) => ok(installed(c, { crt: 'cert', cab: 'cabundle' })),
  'SSL::installed_hosts': (c) => ok(installedHosts(c)),
  'SSL::installed_host': installedHost,
  'SSL::list_certs': (c) => ok(certificates(c.state, c.user).map((row) => certificateRow(c, row))),
  'SSL::list_keys': (c) => ok(keys(c.state, c.user).map(keyRow)),
  'SSL::show_cert': showCertificate,
  'SSL::show_key': showKey,
  'SSL::upload_cert': (c) =>
    ok([certificateRow(c, keepCertificate(c, c.user, c.params.require('crt'), c.params.get('friendly_name')))]),
  'SSL::upload_key': (c) => ok([keyRow(keepKey(c, c.user, c.params.require('key'), c.params.get('friendly_name')))]),
  'SSL::delete_cert': deleteCertificate,
  'SSL::delete_key': deleteKey,
  'SSL::delete_ssl': deleteSsl,
  'SSL::fetch_best_for_domain': bestFor,
  'SSL::fetch_cert_info': certificateInfo,
  'SSL::get_cabundle': bundle,
  'SSL::is_sni_supported': () => ok(1),
};

function said(work: (context: AccountContext) => string): AccountHandler {
  return (context) => {
    try {
      return ok([{ result: 1, output: work(context) }]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return no(error.message, { data: [{ result: 0, output: error.message }] });
    }
  };
}

function hostOf(row: StoredCertificate): string {
  return readCertificate(row.crt).domains[0] ?? '';
}

export const sslApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'SSL::installssl': {
    run: said((c) => String(installed(c, { crt: 'crt', cab: 'cabundle' })['message'])),
    params: ['domain', 'crt', 'key', 'cabundle'],
  },
  'SSL::uploadcrt': {
    run: said((c) => `The certificate for ${hostOf(keepCertificate(c, c.user, c.params.require('crt')))} was saved.`),
    params: ['crt'],
  },
  'SSL::listcrts': {
    run: (c) => ok(certificates(c.state, c.user).map((row) => ({ host: hostOf(row), ...certificateRow(c, row) }))),
    params: [],
  },
  'SSL::listkeys': { run: (c) => ok(keys(c.state, c.user).map((row) => ({ host: row.friendlyName }))), params: [] },
  'SSL::fetchcabundle': {
    run: (c) => {
      const crt = c.params.require('crt');
      return ok([{ domain: readCertificate(crt).domains[0] ?? null, cab: null, crt, key: null }]);
    },
    params: ['crt'],
  },
};
