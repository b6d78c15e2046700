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

/** An address as its bits, '0' and '1'. */
function bitsOf(key: string): string {
  const isV6 = key.includes(':');
  const parts = isV6 ? key.split(':').map((group) => parseInt(group, 16)) : key.split('.').map(Number);
  return parts.map((part) => part.toString(2).padStart(isV6 ? 16 : 8, '0')).join('');
}

/** The bits that a sender's address must begin with to be allowed by this word; undefined for a word of another kind. */
function rangeOf(word: string): string | undefined {
  const found = /^\+?ip[46]:([^/]+)(?:\/(\d{1,3}))?$/i.exec(word);
  const address = addressOf(found?.[1] ?? '');
  if (address === undefined) return undefined;
  const bits = bitsOf(address.key);
  const length = Number(found?.[2] ?? bits.length);
  // Longer than an address is: receivers take the policy for broken, so it allows nothing.
  return length > bits.length ? undefined : `${address.family}${bits.slice(0, length)}`;
}

/** What receivers do with mail from an address that no range of the policy holds. */
function harmOf(words: readonly string[]): string | undefined {
  const others = words.filter((word) => lookups.test(word) && !/^[?~-]/.test(word));
  const end = /^([+?~-]?)all$/i.exec(words.find((word) => /^[+?~-]?all$/i.test(word)) ?? '?all')?.[1] ?? '';
  if (end === '' || end === '+') return undefined;
  if (others.length > 0)
    return `after a switch mail from it is allowed only if one of these leads to it: ${others.join(', ')}`;
  if (end === '-') return 'receivers refuse mail from it after a switch';
  if (end === '~') return 'receivers take mail from it for suspicious after a switch';
  return 'nothing vouches for mail from it after a switch';
}

/** What is said where a master's address is allowed and the other's is not. */
function loneOf(words: readonly string[], moves: Moves): readonly string[] {
  const ranges = words.flatMap((word) => rangeOf(word) ?? []);
  const isAllowed = (text: string): boolean => {
    const address = addressOf(text);
    if (address === undefined) return false;
    const bits = `${address.family}${bitsOf(address.key)}`;
    return ranges.some((range) => bits.startsWith(range));
  };
  const lone = ranges.length === 0 ? undefined : [...moves].find(([from, to]) => isAllowed(from) && !isAllowed(to));
  const harm = lone === undefined ? undefined : harmOf(words);
  if (lone === undefined || harm === undefined) return [];
  const [from, to] = lone;
  const repair = `ip${to.includes(':') ? 6 : 4}:${to}`;
  return [`SPF allows ${from} and does not name ${to}: ${harm}. Repair: ${repair}`];
}

/** Sentences about a policy: what it lacks after a switch, and what receivers would not read to its end. */
export function spfProblems(record: ZoneRecord, moves: Moves): readonly string[] {
  const text = policyOf(record);
  if (text === undefined) return [];
  const words = text.split(' ').slice(1);
  const count = words.filter((word) => lookups.test(word)).length;
  return [
    ...loneOf(words, moves),
    ...(count > mostLookups ? [`SPF asks for ${count} look-ups, and receivers stop at ${mostLookups}.`] : []),
    ...(text.length > mostOctets ? [`SPF has ${text.length} octets, more than ${mostOctets}.`] : []),
  ];
}
