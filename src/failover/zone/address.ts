/** IP addresses as numbers in one written form, so that every spelling of an address compares equal. */

const decimalByte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const v4 = new RegExp(`^${decimalByte}(?:\\.${decimalByte}){3}$`);

/** 'ffff' groups of a part of an IPv6 address; undefined when one is not hexadecimal. */
function groups(part: string): readonly number[] | undefined {
  if (part === '') return [];
  const words = part.split(':');
  return words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)) ? words.map((word) => parseInt(word, 16)) : undefined;
}

/** The last four bytes may be written as IPv4: '::ffff:192.0.2.1'. */
function withoutDots(text: string): string | undefined {
  const at = text.lastIndexOf(':') + 1;
  const tail = text.slice(at);
  if (!tail.includes('.')) return text;
  if (!v4.test(tail)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number);
  return `${text.slice(0, at)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** Eight groups in full, as small hexadecimal; undefined when it is no IPv6 address (RFC 4291, 2.2). */
function v6(text: string): string | undefined {
  const halves = withoutDots(text)?.split('::');
  if (halves === undefined || halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  return [...head, ...Array<number>(gap).fill(0), ...tail].map((group) => group.toString(16)).join(':');
}

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** The same for every spelling of the same number. */
  readonly key: string;
}

/** IPv6 addresses that were read lately: a switch reads one in every zone and writes another. */
const known = new Map<string, Address | undefined>();
const mostKnown = 64;

/** What a text means as an address, or undefined. IPv4 takes four decimal bytes without leading zeros, as BIND does. */
export function addressOf(text: string): Address | undefined {
  if (v4.test(text)) return { family: 4, key: text };
  if (!text.includes(':')) return undefined;
  if (known.has(text)) return known.get(text);
  const key = v6(text);
  const address: Address | undefined = key === undefined ? undefined : { family: 6, key };
  if (known.size >= mostKnown) known.clear();
  known.set(text, address);
  return address;
}
