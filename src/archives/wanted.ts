/** What an archive of an account must hold, by what its master lists. Pure. */
import { z } from 'zod';
import { lookAtAccount, readAccount } from '../actions/account/seen.ts';
import { readable } from '../actions/answers.ts';
import { allOf, lookAtDomains, readDomains } from '../actions/domain/seen.ts';
import { uapi, type WhmCall, whm } from '../whm/call.ts';
import type { Answer } from '../whm/outcome.ts';

export interface Wanted {
  readonly account: string;
  readonly databases: readonly string[];
  /** 'local@domain'. */
  readonly mailboxes: readonly string[];
  /** Domains whose DKIM key the master holds. */
  readonly dkim: readonly string[];
  /** Private keys of certificates. */
  readonly tlsKeys: number;
}

/** Reads in the order that `listedIn` takes their answers in. */
export function lists(account: string): readonly WhmCall[] {
  return [
    lookAtAccount(account),
    lookAtDomains(account),
    uapi(account, 'Mysql::list_databases'),
    uapi(account, 'Email::list_pops'),
    uapi(account, 'SSL::list_keys'),
  ];
}

const databases = z.array(z.object({ database: z.string() }));
const mailboxes = z.array(z.object({ email: z.string() }));
const tlsKeys = z.array(z.unknown());
const dkimKeys = z.object({ payload: z.array(z.object({ domain: z.string(), pem: z.string().nullish() })) });

/** The lists, and the domains that may have a DKIM key. */
export interface Listed extends Omit<Wanted, 'dkim'> {
  readonly domains: readonly string[];
}

/** A feature that is off has nothing in it that could be lost. */
function rows<T>(answers: readonly Answer[], index: number, schema: z.ZodType<readonly T[]>): readonly T[] | string {
  const answer = readable(answers, index, schema);
  if (answer.ok) return answer.value;
  return /do not have the feature/i.test(answer.reason) ? [] : answer.reason;
}

/**
 * undefined: this master has no such account. A text: WHM's reason why a list cannot be read, so that nobody knows what
 * an archive would have to hold. Throws Garbled for an answer of unknown shape.
 */
export function listedIn(account: string, answers: readonly Answer[]): Listed | string | undefined {
  if (readAccount(answers, 0) === undefined) return undefined;
  const domains = readDomains(answers, 1);
  if (!domains.ok) return domains.reason;
  const dbs = rows(answers, 2, databases);
  const pops = rows(answers, 3, mailboxes);
  const keys = rows(answers, 4, tlsKeys);
  for (const list of [dbs, pops, keys]) if (typeof list === 'string') return list;
  if (typeof dbs === 'string' || typeof pops === 'string' || typeof keys === 'string') return undefined;
  return {
    account,
    domains: allOf(domains.value),
    databases: dbs.map((row) => row.database),
    mailboxes: pops.map((row) => row.email).filter((email) => email.includes('@')),
    tlsKeys: keys.length,
  };
}

/** The keys themselves are looked at for their presence only. */
export function lookAtKeys(listed: Listed): WhmCall {
  return whm('fetch_dkim_private_keys', { domain: listed.domains });
}

/** Adds the domains that have a key. A text: the reason why that is not known. */
export function wantedOf(listed: Listed, answer: Answer): Wanted | string {
  const { domains, ...wanted } = listed;
  const read = readable([answer], 0, dkimKeys);
  if (!read.ok) return read.reason;
  const dkim = read.value.payload.filter((row) => (row.pem ?? '') !== '' && domains.includes(row.domain));
  return { ...wanted, dkim: dkim.map((row) => row.domain) };
}
