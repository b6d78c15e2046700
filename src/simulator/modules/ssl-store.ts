/** Certificates and keys of accounts, and which domain uses which. */
import type { Context, Hooks } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { type Account, accounts, domains } from '../tables.ts';
import { inTurn, ownedHooks } from './owned.ts';
import { type CertificateFacts, covers, readCertificate, readKey } from './ssl-parse.ts';

export interface StoredCertificate {
  readonly user: string;
  readonly id: string;
  readonly crt: string;
  readonly friendlyName: string;
  /** Seconds since 1970. */
  readonly created: number;
}

export interface StoredKey {
  readonly user: string;
  readonly id: string;
  readonly key: string;
  readonly friendlyName: string;
  readonly created: number;
}

/** What a domain's virtual host shows. */
export interface SslHost {
  readonly user: string;
  readonly domain: string;
  readonly crt: string;
  readonly key: string;
  readonly cab: string;
}

/** Keys: 'user/id', for hosts 'user/domain'. */
export const sslCertificates = table<StoredCertificate>('ssl-certificates', { group: (c) => c.user });
export const sslKeys = table<StoredKey>('ssl-keys', { group: (k) => k.user });
export const sslHosts = table<SslHost>('ssl-hosts', { group: (h) => h.user });

function now(context: Context): number {
  return Math.floor(context.host.now() / 1000);
}

function oneLineEnd(pem: string): string {
  return `${pem.trim().replaceAll('\r\n', '\n')}\n`;
}

/** Keeps a certificate; one that is there already stays as it was. */
export function keepCertificate(context: Context, user: string, pem: string, name?: string): StoredCertificate {
  const facts = readCertificate(pem);
  const rows = context.state.of(sslCertificates);
  const before = rows.get(`${user}/${facts.id}`);
  if (before !== undefined) return before;
  const friendlyName = name ?? `${facts.domains[0] ?? facts.id} (${facts.key.id.slice(0, 11)})`;
  const row = { user, id: facts.id, crt: oneLineEnd(pem), friendlyName, created: now(context) };
  rows.set(`${user}/${facts.id}`, row);
  return row;
}

/** Keeps a private key; one that is there already stays as it was. */
export function keepKey(context: Context, user: string, pem: string, name?: string): StoredKey {
  const { id } = readKey(pem);
  const rows = context.state.of(sslKeys);
  const before = rows.get(`${user}/${id}`);
  if (before !== undefined) return before;
  const row = { user, id, key: oneLineEnd(pem), friendlyName: name ?? id, created: now(context) };
  rows.set(`${user}/${id}`, row);
  return row;
}

/** Every name that a domain's virtual host answers to. */
export function namesOfHost(context: Context, domain: string): readonly string[] {
  const row = context.state.of(domains).get(domain);
  const aliases = context.state
    .of(domains)
    .by(row?.user ?? '')
    .filter((d) => d.type === 'parked' && d.parent === domain)
    .map((d) => d.domain);
  return [domain, ...aliases].flatMap((name) => [name, `www.${name}`, `mail.${name}`]);
}

export interface Installed {
  readonly account: Account;
  readonly facts: CertificateFacts;
  readonly host: SslHost;
  readonly isUpdate: boolean;
  readonly working: readonly string[];
  readonly warning: readonly string[];
  readonly extra: readonly string[];
}

export interface Wanted {
  readonly domain: string;
  readonly crt: string;
  /** Left out: the account's own key that fits. */
  readonly key: string | undefined;
  readonly cab: string;
}

function accountOf(context: Context, domain: string): Account {
  const row = context.state.of(domains).get(domain);
  const account = row === undefined ? undefined : context.state.of(accounts).get(row.user);
  if (account === undefined) throw new Refusal(`The domain “${domain}” does not exist on this server.`);
  return account;
}

function fittingKey(context: Context, user: string, facts: CertificateFacts, given: string | undefined): string {
  if (given === undefined || given === '') {
    const own = context.state.of(sslKeys).get(`${user}/${facts.key.id}`);
    if (own === undefined) throw new Refusal('The system has no key that matches the certificate.');
    return own.key;
  }
  if (readKey(given).id !== facts.key.id) throw new Refusal('The key does not match the certificate.');
  return given;
}

/** Installs a certificate on a domain's virtual host, in place of the one that it had. */
export function install(context: Context, { domain, crt, key, cab }: Wanted): Installed {
  const account = accountOf(context, domain);
  const facts = readCertificate(crt);
  const names = namesOfHost(context, domain);
  const working = names.filter((name) => covers(facts, name));
  if (working.length === 0) {
    throw new Refusal(`The certificate does not support any of the domains of “${domain}”.`);
  }
  if (facts.notAfter < now(context)) throw new Refusal('The certificate has expired.');
  const fitting = oneLineEnd(fittingKey(context, account.user, facts, key));
  keepKey(context, account.user, fitting);
  keepCertificate(context, account.user, crt);
  const rows = context.state.of(sslHosts);
  const place = `${account.user}/${domain}`;
  const isUpdate = rows.has(place);
  const host = { user: account.user, domain, crt: oneLineEnd(crt), key: fitting, cab };
  rows.set(place, host);
  const warning = names.filter((name) => !working.includes(name));
  return { account, facts, host, isUpdate, working, warning, extra: facts.domains.filter((d) => !names.includes(d)) };
}

/** Hosts whose domain is still there. */
export function hostsOf(context: Context, user: string): readonly SslHost[] {
  return context.state
    .of(sslHosts)
    .by(user)
    .filter((host) => context.state.of(domains).get(host.domain)?.user === user);
}

export const sslHooks: Hooks = {
  ...inTurn(ownedHooks(sslCertificates), ownedHooks(sslKeys), ownedHooks(sslHosts)),
  domainChanged({ state }, { user, domain }, from) {
    const host = state.of(sslHosts).get(`${user}/${from}`);
    state.of(sslHosts).delete(`${user}/${from}`);
    if (host !== undefined) state.of(sslHosts).set(`${user}/${domain}`, { ...host, domain });
  },
};
