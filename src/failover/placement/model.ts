import { z } from 'zod';

/**
 * What belongs where: accounts with an own preferred master, and accounts that no switch moves. The journal decides it;
 * the watchers keep it in a local file and tell each other, so that a switch needs neither web, Redis nor SQL.
 */

const account = z.string().min(1).max(64);
const lists = {
  /** Account → the master that it belongs to. Who is not in here stays where people put it. */
  homes: z.record(account, z.string().min(1).max(32)),
  /** Accounts whose names stay at home whatever happens to it. */
  unprotected: z.array(account).max(100_000),
};

/** What the journal says. */
export const wishSchema = z.object(lists);
export type PlacementWish = z.output<typeof wishSchema>;

export const placementSchema = z.object({
  ...lists,
  /** Grows with each change; of two lists the higher one counts, then the name of the watcher. */
  version: z.int().min(0),
  node: z.string().max(32),
});

export type Placement = z.output<typeof placementSchema>;

/** Before anybody has said anything: all are protected, and nobody prefers another master. */
export const noPlacement: Placement = { version: 0, node: '', homes: {}, unprotected: [] };

/** 'version.node' */
export function placementId({ version, node }: Pick<Placement, 'version' | 'node'>): string {
  return `${version}.${node}`;
}

/** The list that counts of two; the first one where they are the same. */
export function newerPlacement(mine: Placement, theirs: Placement): Placement {
  if (theirs.version !== mine.version) return theirs.version > mine.version ? theirs : mine;
  return theirs.node > mine.node ? theirs : mine;
}

function textOf({ homes, unprotected }: PlacementWish): string {
  return JSON.stringify([Object.entries(homes).sort(([a], [b]) => (a < b ? -1 : 1)), [...unprotected].sort()]);
}

/** The list with the journal's word in it; undefined when it says so already. */
export function withWish(current: Placement, wish: PlacementWish, node: string): Placement | undefined {
  if (textOf(current) === textOf(wish)) return undefined;
  return { version: current.version + 1, node, homes: wish.homes, unprotected: wish.unprotected };
}
