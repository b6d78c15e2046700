/** A conflict in few words, for pages and lists. Pure. */
import type { Kept } from './store.ts';

/** One row that both masters changed, or one table that could not be looked at. */
export interface ShownConflict {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly where: string;
  /** 'update/delete'; empty where a table could not be looked at. */
  readonly kind: string;
  /** The master whose row stayed. */
  readonly winner: string;
  readonly by: string;
  /** What each master had, in words. */
  readonly images: Readonly<Record<string, string>>;
  /** Why it could not be looked at. */
  readonly reason: string;
}

const mostLetters = 300;

function clipped(text: string): string {
  return text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text;
}

function words(image: Readonly<Record<string, string | null>> | null | undefined): string {
  if (image == null) return '–';
  return clipped(
    Object.entries(image)
      .map(([name, value]) => `${name}=${value === null ? 'NULL' : value}`)
      .join(', '),
  );
}

/** For people; large values are cut short here and stand whole in the server's table. */
export function shownConflict(kept: Kept): ShownConflict {
  if ('unjudged' in kept) {
    const { database, table, reason } = kept.unjudged;
    return { at: kept.at, where: `${database}.${table}`, kind: '', winner: '', by: '', images: {}, reason };
  }
  const { decision } = kept;
  const images = Object.entries(decision.images).map(([id, image]) => [id, words(image)] as const);
  return {
    ...{ at: kept.at, where: `${decision.database}.${decision.table} ${clipped(decision.label)}`, reason: '' },
    ...{ kind: decision.kind, winner: decision.winner, by: decision.by, images: Object.fromEntries(images) },
  };
}
