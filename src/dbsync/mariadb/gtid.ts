/** MariaDB's GTIDs: domain-server-sequence, one newest per domain (or per domain and server in a binlog state). */

export interface Gtid {
  readonly domain: number;
  readonly server: number;
  readonly seq: bigint;
}

/** Reads '1-1-5,2-2-9'; '' is nothing. Throws RangeError on anything else. */
export function parseGtids(text: string): readonly Gtid[] {
  const parts = text
    .replaceAll(/\s/g, '')
    .split(',')
    .filter((one) => one !== '');
  return parts.map((part) => {
    const found = /^(\d+)-(\d+)-(\d+)$/.exec(part);
    if (found === null) throw new RangeError(`“${part}” is no GTID`);
    return { domain: Number(found[1]), server: Number(found[2]), seq: BigInt(found[3] ?? 0) };
  });
}

export function formatGtids(list: readonly Gtid[]): string {
  return [...list]
    .sort((a, b) => a.domain - b.domain)
    .map((one) => `${one.domain}-${one.server}-${one.seq}`)
    .join(',');
}

/** The newest of a domain, or undefined. */
export function inDomain(list: readonly Gtid[], domain: number): Gtid | undefined {
  return list.filter((one) => one.domain === domain).reduce<Gtid | undefined>(later, undefined);
}

function later(a: Gtid | undefined, b: Gtid): Gtid {
  return a === undefined || b.seq > a.seq ? b : a;
}

/** True when `position` has all that `wanted` names. */
export function hasReached(position: readonly Gtid[], wanted: readonly Gtid[]): boolean {
  return wanted.every((one) => (inDomain(position, one.domain)?.seq ?? -1n) >= one.seq);
}

/** Domains that both logs hold although neither side's own: left from before the pair, and ambiguous. */
export function clashingDomains(a: readonly Gtid[], b: readonly Gtid[], own: readonly number[]): readonly number[] {
  const domains = (list: readonly Gtid[]): Set<number> => new Set(list.map((one) => one.domain));
  const there = domains(b);
  return [...domains(a)].filter((one) => there.has(one) && !own.includes(one));
}

/** Transactions that do not belong: written by one server into the other's domain, or in a domain of neither. */
export function errantGtids(
  state: readonly Gtid[],
  sides: readonly { readonly serverId: number; readonly domain: number }[],
  known: readonly Gtid[] = [],
): readonly Gtid[] {
  return state.filter((one) => {
    if (sides.some((side) => side.domain === one.domain && side.serverId === one.server)) return false;
    return !known.some((old) => old.domain === one.domain && old.server === one.server && old.seq >= one.seq);
  });
}
