import type { Masters } from '../../masters.ts';
import { type Moves, movesOf } from '../zone/moves.ts';

/** What the configuration says about moving zones. Plain data: it is also sent to the planning threads. */
export interface MoveConfig {
  /** Ids and host names of the masters. */
  readonly masters: readonly { readonly id: string; readonly hostname: string }[];
  /** Master → address, for each set of addresses that stand for each other. */
  readonly pairs: readonly Readonly<Record<string, string>>[];
  /** Labels and whole names that stay on their master. */
  readonly stays: readonly string[];
  /** Seconds; what moves gets at most this TTL. undefined leaves TTLs alone. */
  readonly ttlAtMost: number | undefined;
  /** The master whose text a zone has when nothing else tells. */
  readonly home: string;
}

/** From the masters and further pairs (IPv6 above all). */
export function moveConfig(
  masters: Masters,
  more: Pick<MoveConfig, 'pairs' | 'stays' | 'ttlAtMost'> & { readonly home?: string },
): MoveConfig {
  return {
    masters: masters.list.map(({ id, hostname }) => ({ id, hostname })),
    pairs: [...masters.pairs.map(({ addresses }) => addresses), ...more.pairs],
    stays: more.stays,
    ttlAtMost: more.ttlAtMost,
    home: more.home ?? masters.list[0]?.id ?? '',
  };
}

/** Every move between two masters, worked out once. */
export interface Rules {
  readonly config: MoveConfig;
  readonly hosts: readonly string[];
  moves(from: string, to: string): Moves;
  /** Address in its one form → the master that it belongs to. */
  readonly owners: ReadonlyMap<string, string>;
}

/** Throws Invalid for a pair that is not of addresses of one family. */
export function rulesOf(config: MoveConfig): Rules {
  const ids = config.masters.map(({ id }) => id);
  const table = new Map<string, Moves>();
  for (const from of ids) {
    for (const to of ids) {
      const pairs = config.pairs.flatMap((pair): (readonly [string, string])[] => {
        const [a, b] = [pair[from], pair[to]];
        return a === undefined || b === undefined || from === to ? [] : [[a, b]];
      });
      table.set(`${from} ${to}`, movesOf(pairs));
    }
  }
  const owners = new Map(
    ids.flatMap((id) =>
      ids.flatMap((to) => [...(table.get(`${id} ${to}`)?.keys() ?? [])].map((key) => [key, id] as const)),
    ),
  );
  return {
    config,
    hosts: config.masters.map(({ hostname }) => hostname),
    owners,
    moves: (from, to) => table.get(`${from} ${to}`) ?? new Map(),
  };
}
