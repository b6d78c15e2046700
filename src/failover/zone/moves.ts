import { Invalid } from '../../errors.ts';
import { addressOf } from './address.ts';

/** Addresses that go elsewhere: an address in its one form → what is written instead. */
export type Moves = ReadonlyMap<string, string>;

/**
 * Prepares the list of address pairs, in any spelling. Throws Invalid for what is no address or changes the family:
 * that is a mistake in the configuration, and no zone may be touched with it.
 */
export function movesOf(pairs: Iterable<readonly [from: string, to: string]>): Moves {
  const moves = new Map<string, string>();
  for (const [from, to] of pairs) {
    const [old, fresh] = [addressOf(from), addressOf(to)];
    if (old === undefined || fresh === undefined) throw new Invalid(`${from} → ${to}: both must be IP addresses`);
    if (old.family !== fresh.family) throw new Invalid(`${from} → ${to}: one is IPv4 and the other IPv6`);
    if (old.key !== fresh.key) moves.set(old.key, to);
  }
  return moves;
}
