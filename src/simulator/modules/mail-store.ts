/** What belongs to mail on a simulated server. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Table, table } from '../state.ts';
import type { Account } from '../tables.ts';
import { domains } from '../tables.ts';
import { domainName } from './zone-store.ts';

export interface Mailbox {
  readonly email: string;
  readonly user: string;
  readonly local: string;
  readonly domain: string;
  /** Clear text, so that tests can compare both servers. A ready-made hash stands here as given. */
  readonly password: string;
  /** MB; null is unlimited. */
  readonly quota: number | null;
  readonly suspendedLogin: boolean;
  readonly suspendedIncoming: boolean;
  readonly suspendedOutgoing: boolean;
  readonly holdOutgoing: boolean;
  /** Seconds since 1970. */
  readonly created: number;
}

export interface Forwarder {
  readonly user: string;
  readonly domain: string;
  readonly source: string;
  /** An address, ':fail: …', ':blackhole:', a pipe or a system user. */
  readonly target: string;
}

export interface DomainForwarder {
  readonly user: string;
  readonly domain: string;
  readonly target: string;
}

export interface AutoResponder {
  readonly user: string;
  readonly email: string;
  readonly domain: string;
  readonly from: string;
  readonly subject: string;
  readonly body: string;
  readonly charset: string;
  readonly isHtml: boolean;
  /** Hours between two answers to the same sender. */
  readonly interval: number;
  /** Seconds since 1970; 0: at once, or for ever. */
  readonly start: number;
  readonly stop: number;
}

export interface DefaultAddress {
  readonly user: string;
  readonly domain: string;
  readonly target: string;
}

export interface Routing {
  readonly user: string;
  readonly domain: string;
  readonly mxcheck: 'auto' | 'local' | 'secondary' | 'remote';
}

const byUser = { group: (row: { readonly user: string }) => row.user };

/** Key: the address. */
export const mailboxes = table<Mailbox>('mailboxes', byUser);
/** Key: 'source>target'. */
export const forwarders = table<Forwarder>('forwarders', byUser);
/** Key: the domain. */
export const domainForwarders = table<DomainForwarder>('domain-forwarders', byUser);
/** Key: the address. */
export const autoResponders = table<AutoResponder>('autoresponders', byUser);
/** Key: the domain. A domain without a row fails what nobody takes. */
export const defaultAddresses = table<DefaultAddress>('default-addresses', byUser);
/** Key: the domain. A domain without a row is 'auto'. */
export const routings = table<Routing>('mail-routing', byUser);

export interface Address {
  readonly local: string;
  readonly domain: string;
  readonly email: string;
}

const localPart = /^[a-z0-9!#$%&'*+/=?^_{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*$/u;

/** One of the calling account's domains. */
export function mailDomain(context: Context, given: string): string {
  const domain = domainName(given);
  if (context.state.of(domains).get(domain)?.user !== context.user) {
    throw new Refusal(`You do not own the domain “${domain}”.`);
  }
  return domain;
}

/** The address that `email` and `domain` name together: `email` may be a whole address; the domain's default is the main one. */
export function addressOf(context: Context, account: Account, given: string): Address {
  const [local = '', ownDomain] = given.trim().toLowerCase().split('@');
  const domain = mailDomain(context, ownDomain ?? context.params.get('domain') ?? account.domain);
  if (local.length > 64 || !localPart.test(local)) {
    throw new Refusal(`“${local}@${domain}” is not a valid email address.`);
  }
  return { local, domain, email: `${local}@${domain}` };
}

interface Owned {
  readonly user: string;
  readonly domain: string;
}

/** Told of each kind of row: its table, its key, and how a row looks under another domain. */
type Visit = <T extends Owned>(kind: Table<T>, key: (row: T) => string, moved: (row: T, domain: string) => T) => void;

const onDomain = (row: Owned): string => row.domain;

/** The address of a name under another domain. */
function moveAddress(address: string, domain: string): string {
  return `${address.split('@')[0] ?? ''}@${domain}`;
}

/** A forwarder's key. */
export function forwarderKey(row: Pick<Forwarder, 'source' | 'target'>): string {
  return `${row.source}>${row.target}`;
}

function eachKind(visit: Visit): void {
  visit(
    mailboxes,
    (r) => r.email,
    (r, domain) => ({ ...r, domain, email: moveAddress(r.email, domain) }),
  );
  visit(forwarders, forwarderKey, (r, domain) => ({ ...r, domain, source: moveAddress(r.source, domain) }));
  visit(domainForwarders, onDomain, (r, domain) => ({ ...r, domain }));
  visit(
    autoResponders,
    (r) => r.email,
    (r, domain) => ({ ...r, domain, email: moveAddress(r.email, domain) }),
  );
  visit(defaultAddresses, onDomain, (r, domain) => ({ ...r, domain }));
  visit(routings, onDomain, (r, domain) => ({ ...r, domain }));
}

/** Forgets all mail of a domain; without one, of the whole account. */
export function dropMail(context: Context, user: string, domain?: string): void {
  eachKind((kind) => {
    const rows = context.state.of(kind);
    for (const key of rows.keysBy(user)) if (domain === undefined || rows.get(key)?.domain === domain) rows.delete(key);
  });
}

/** Gives all mail of an account to its new name. */
export function renameMail(context: Context, from: string, to: string): void {
  eachKind((kind) => {
    const rows = context.state.of(kind);
    for (const key of rows.keysBy(from)) rows.update(key, (row) => ({ ...row, user: to }));
  });
}

/** Moves all mail of one of an account's domains to another one. */
export function moveMail(context: Context, user: string, from: string, to: string): void {
  eachKind((kind, keyOf, moved) => {
    const rows = context.state.of(kind);
    for (const key of rows.keysBy(user)) {
      const row = rows.get(key);
      if (row?.domain !== from) continue;
      const next = moved(row, to);
      rows.delete(key);
      rows.set(keyOf(next), next);
    }
  });
}
