import { addressOf } from './address.ts';
import { lineOf } from './lexer.ts';
import type { Edit, Report, Zone } from './model.ts';
import { zoneName } from './names.ts';

/** An address record that a zone must have. */
export interface WantedAddress {
  /** Absolute, with or without the closing dot. */
  readonly name: string;
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** The line end that the file uses. */
function lineEnd(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n';
}

/**
 * Adds an address record at the end of the file, spelled so that no `$ORIGIN`, `$TTL` or blank owner can change it.
 * A name that is taken by a CNAME or by other addresses of the family is a customer's: it is left alone and reported.
 * Throws RangeError when `address` is none: addresses come from configuration.
 */
export function addName(
  zone: Zone,
  wanted: WantedAddress,
): { readonly edits: readonly Edit[]; readonly reports: readonly Report[] } {
  const address = addressOf(wanted.address);
  if (address === undefined) throw new RangeError(`${wanted.address} is no address`);
  const owner = zoneName(wanted.name);
  const type = address.family === 4 ? 'A' : 'AAAA';
  const there = zone.records.filter((one) => one.owner === owner && (one.type === type || one.type === 'CNAME'));
  if (there.some((one) => one.addresses.some((slot) => slot.key === address.key))) return { edits: [], reports: [] };
  const [other] = there;
  if (other !== undefined) {
    const message = `${owner} has another ${other.type} already and was not given ${wanted.address}.`;
    const report: Report = { kind: 'name-taken', line: lineOf(zone.text, other.head), name: owner, message };
    return { edits: [], reports: [report] };
  }
  const { length } = zone.text;
  const end = lineEnd(zone.text);
  const before = length === 0 || zone.text.endsWith('\n') ? '' : end;
  const text = `${before}${owner}\t${wanted.ttl}\tIN\t${type}\t${wanted.address}${end}`;
  return { edits: [{ start: length, end: length, text }], reports: [] };
}
