import { z } from 'zod';
import { publicKeyOf } from '../../actions/rsa.ts';
import { lookAtZone, readZone } from '../../actions/zone.ts';
import type { BatchAnswer } from '../../whm/batch.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import { type Answers, type Kind, noRepair, type Value } from '../model.ts';
import { askDomains, mailDomainsOf, zonesOf } from './domains-of.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

const keys = z.object({ payload: z.array(z.object({ domain: z.string(), pem: z.string().nullish() })) });

/** The private keys of some domains. A secret. */
export function dkimCall(...domains: readonly string[]): WhmCall {
  return whm('fetch_dkim_private_keys', { domain: domains });
}

/** The PEM of a domain inside the answer to `dkimCall`. */
export function pemOf(answer: BatchAnswer | undefined, domain: string): string | undefined {
  const parsed = answer?.ok === true ? keys.safeParse(answer.data) : undefined;
  const pem = parsed?.success === true ? parsed.data.payload.find((k) => k.domain === domain)?.pem : undefined;
  return pem === undefined || pem === null || pem === '' ? undefined : pem;
}

/** The end of a public key: enough to tell two apart, short enough to read out. */
function short(publicKey: string | undefined): string {
  return publicKey === undefined
    ? 'none'
    : `…${publicKey
        .replace(/[^A-Za-z0-9+/]/g, '')
        .replace(/IDAQAB$/, '')
        .slice(-24)}`;
}

/** What the zone says under default._domainkey: 'none', or the end of the key. */
function published(account: string, answers: Answers, domain: string): string {
  const zone = zonesOf(account, answers).find((z) => domain === z || domain.endsWith(`.${z}`)) ?? domain;
  const answer = answers(lookAtZone(zone));
  const read = answer.ok === undefined ? undefined : readZone([answer], 0, zone);
  const record =
    read?.ok === true
      ? read.value.records.find((r) => r.type === 'TXT' && r.name === `default._domainkey.${domain}.`)
      : undefined;
  return short(/(?:^|;)\s*p=([^;]*)/i.exec(record?.data.join('') ?? '')?.[1]?.replace(/\s+/g, ''));
}

/** DKIM: one key on all masters, and its record. */
export const dkimKind: Kind = {
  id: 'dkim',
  title: 'DKIM keys',
  scope: 'account',
  rank: 45,
  rounds: [
    (account) => [askDomains(account)],
    (account, answers) => {
      const domains = mailDomainsOf(account, answers);
      return domains.length === 0 ? [] : [dkimCall(...domains), ...zonesOf(account, answers).map(lookAtZone)];
    },
  ],
  read(account, answers) {
    const domains = mailDomainsOf(account, answers);
    if (domains.length === 0) return seen([]);
    const read = told(answers, dkimCall(...domains), keys);
    if ('reason' in read) return unread(read.reason);
    return seen(
      domains.flatMap((domain): [string, Value][] => {
        const pem = read.value.payload.find((k) => k.domain === domain)?.pem ?? '';
        if (pem === '') return [];
        return [[domain, { key: short(publicKeyOf(pem)), record: published(account, answers, domain) }]];
      }),
    );
  },
  touched: (action, p) =>
    action === 'dkim.install' || action === 'account.create' || /^domain\.add-(addon|alias)$/.test(action)
      ? text(p['domain'])
      : undefined,
  fetch: ({ name, from }) => (from.value === undefined ? [] : [dkimCall(name)]),
  repair(input) {
    const { name: domain, account, from } = input;
    if (from.value === undefined)
      return noRepair('The master that is to be followed has no key: follow the other one.');
    const key = pemOf(input.fetched[0], domain);
    if (key === undefined) return noRepair('The key cannot be read on the master that has it.');
    return oneStep(input, 'dkim.install', { account, domain, key }, `Install the DKIM key of ${domain} and publish it`);
  },
};
