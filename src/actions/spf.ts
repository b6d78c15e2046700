import { canonicalAddress, isIpv6 } from './addresses.ts';

/** SPF records (RFC 7208): what they say of addresses, and how all sending addresses get into one. */

export function isSpf(text: string): boolean {
  return /^v=spf1(\s|$)/i.test(text);
}

function mechanism(address: string): string {
  return isIpv6(address) ? `ip6:${canonicalAddress(address)}` : `ip4:${address}`;
}

/** The address that a term names for sending, or undefined. '-ip4:…' forbids and '?ip4:…' says nothing. */
function allowed(term: string): string | undefined {
  const match = /^\+?ip[46]:([^/]+)(\/(32|128))?$/i.exec(term);
  return match?.[1] === undefined ? undefined : canonicalAddress(match[1]);
}

/** Whether a record names every one of the addresses. Networks that contain one are not enough: they may change. */
export function carries(record: string, addresses: readonly string[]): boolean {
  const named = new Set(record.split(/\s+/).map(allowed));
  return addresses.every((address) => named.has(canonicalAddress(address)));
}

/** Whether the term ends the evaluation, so that nothing after it counts. */
function ends(term: string): boolean {
  return /^([+?~-]?all|redirect=.*)$/i.test(term);
}

/**
 * The record with every missing address put in, before the term that ends it; all else stays as it is. Without a record:
 * what cPanel writes for a new domain, with all addresses.
 */
export function withAddresses(record: string | undefined, addresses: readonly string[]): string {
  const terms = (record ?? 'v=spf1 +a +mx ~all').trim().split(/\s+/);
  const named = new Set(terms.map(allowed));
  const missing = addresses.filter((address) => !named.has(canonicalAddress(address))).map((a) => `+${mechanism(a)}`);
  const end = terms.findIndex(ends);
  const at = end < 0 ? terms.length : end;
  return [...terms.slice(0, at), ...missing, ...terms.slice(at)].join(' ');
}
