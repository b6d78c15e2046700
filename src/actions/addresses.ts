import { z } from 'zod';

/** IPv4 and IPv6 as fields, in the one form in which addresses are compared. */

/** The canonical form of an IPv6 address (RFC 5952, as browsers write it), or the input where it is none. */
function canonicalV6(value: string): string {
  if (!/^[0-9a-fA-F:.]+$/.test(value) || !value.includes(':')) return value;
  return URL.canParse(`http://[${value}]`) ? new URL(`http://[${value}]`).hostname.slice(1, -1) : value;
}

/** Whether text is four decimal bytes without leading zeros. */
export function isIpv4(value: string): boolean {
  const parts = value.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

/** Whether text is an IPv6 address in any written form. */
export function isIpv6(value: string): boolean {
  return /^[0-9a-fA-F:.]+$/.test(value) && value.includes(':') && URL.canParse(`http://[${value}]`);
}

/** An address in the form in which it is compared: IPv6 shortened, lower case. */
export function canonicalAddress(value: string): string {
  return isIpv6(value) ? canonicalV6(value) : value;
}

export function ipv4(): z.ZodString {
  return z.string().max(15).refine(isIpv4, 'must be an IPv4 address such as 192.0.2.10');
}

export function ipv6(): z.ZodString {
  return z.string().max(45).overwrite(canonicalV6).refine(isIpv6, 'must be an IPv6 address such as 2001:db8::10');
}
