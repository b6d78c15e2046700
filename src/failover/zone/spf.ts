import { addressOf } from './address.ts';
import type { ZoneRecord } from './model.ts';
import type { Moves } from './moves.ts';

/** What is wrong with a sender policy (RFC 7208) before a switch. It is never changed by one. */

/** Receivers stop there, and take the policy for broken (RFC 7208, 4.6.4). */
const mostLookups = 10;
/** More does not fit into one string, and soon not into one answer. */
const mostOctets = 255;

const lookups = /^[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$)|exists:)|^redirect=/i;

/** The policy in a TXT or SPF record as one text; undefined where it is none. */
function policyOf({ type, rdata }: ZoneRecord): string | undefined {
  if (type !== 'TXT' && type !== 'SPF') return undefined;
  const text = rdata.map((token) => token.text).join('');
  return /^v=spf1(?: |$)/i.test(text) ? text : undefined;
}

/** The address that it allows, without a range; '' for everything else. */
function allowed(word: string): string {
  const found = /^\+?ip[46]:([^/]+)(?:\/(?:32|128))?$/i.exec(word);
  return addressOf(found?.[1] ?? '')?.key ?? '';
}

/** Sentences about a policy: what it lacks after a switch, and what receivers would not read to its end. */
export function spfProblems(record: ZoneRecord, moves: Moves): readonly string[] {
  const text = policyOf(record);
  if (text === undefined) return [];
  const words = text.split(' ').slice(1);
  const addresses = new Set(words.map(allowed).filter((key) => key !== ''));
  const lone = [...moves].find(([from, to]) => addresses.has(from) && !addresses.has(addressOf(to)?.key ?? ''));
  const count = words.filter((word) => lookups.test(word)).length;
  return [
    ...(lone === undefined
      ? []
      : [
          `SPF allows ${lone[0]} and not ${lone[1]}: mail is refused after a switch. Repair: ip${lone[1].includes(':') ? 6 : 4}:${lone[1]}`,
        ]),
    ...(count > mostLookups ? [`SPF asks for ${count} look-ups, and receivers stop at ${mostLookups}.`] : []),
    ...(text.length > mostOctets ? [`SPF has ${text.length} octets, more than ${mostOctets}.`] : []),
  ];
}
