import { addressOf } from '../zone/address.ts';
import type { Zone, ZoneRecord } from '../zone/model.ts';
import type { Moves } from '../zone/moves.ts';
import { absoluteName, firstLabel } from '../zone/names.ts';

/** What two masters' files of one zone say differently, beyond what must differ. Reported, never repaired here. */

export interface Difference {
  readonly owner: string;
  readonly type: string;
  readonly kind: 'only-first' | 'only-second' | 'differs';
}

const nameAt: Readonly<Record<string, number>> = { NS: 0, CNAME: 0, PTR: 0, DNAME: 0, ALIAS: 0, MX: 1, SRV: 3 };

/** A string's bytes: '\"' is '"', '\097' is 'a'. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})|\\([\s\S])/g, (_, code?: string, char?: string) =>
    code === undefined ? (char ?? '') : String.fromCharCode(Number(code) & 255),
  );
}

function word(text: string, moves: Moves): string {
  const address = addressOf(text);
  if (address === undefined) return text;
  const to = moves.get(address.key);
  return (to === undefined ? address : addressOf(to))?.key ?? text;
}

/** One record's data in a form in which two spellings of the same are equal. */
function dataOf(record: ZoneRecord, moves: Moves): string {
  const { type, rdata, origin } = record;
  if (type === 'TXT') return rdata.map((token) => unescaped(token.text)).join('');
  return rdata
    .map((token, at) => {
      if (at === nameAt[type]) return absoluteName(token.text, origin);
      return token.text
        .split(/([,=])/)
        .map((part) => word(part, moves))
        .join('');
    })
    .join(' ');
}

function setsOf(zone: Zone, moves: Moves, ignored: ReadonlySet<string>): ReadonlyMap<string, string> {
  const sets = new Map<string, Set<string>>();
  for (const record of zone.records) {
    if (record.type === 'SOA' || record.foreignClass || ignored.has(firstLabel(record.owner))) continue;
    const name = `${record.owner} ${record.type}`;
    const data = sets.get(name) ?? new Set();
    sets.set(name, data.add(dataOf(record, moves)));
  }
  return new Map([...sets].map(([name, data]) => [name, [...data].sort().join('\n')]));
}

/**
 * Compares two masters' files of one zone. `moves` turns the first one's addresses into the second's. SOA and TTLs do not
 * count, nor names that begin with a label in `ignored`: what a master writes for itself while it proves a certificate.
 */
export function differences(
  first: Zone,
  second: Zone,
  moves: Moves,
  ignored: ReadonlySet<string> = new Set(['_acme-challenge', '_cpanel-dcv-test-record']),
): readonly Difference[] {
  const [a, b] = [setsOf(first, moves, ignored), setsOf(second, new Map(), ignored)];
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name): readonly Difference[] => {
    if (a.get(name) === b.get(name)) return [];
    const [owner = '', type = ''] = name.split(' ');
    return [{ owner, type, kind: !a.has(name) ? 'only-second' : !b.has(name) ? 'only-first' : 'differs' }];
  });
}
