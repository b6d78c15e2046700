/** Who a page is made for. */
import type { PortalSay } from '../texts/en.ts';

/** Master id → short name. */
export type Names = (master: string) => string;

export interface Reader {
  readonly say: PortalSay;
  readonly names: Names;
  /** When it is read, epoch milliseconds. */
  readonly now: number;
}

/** What times need of a reader. */
export type TimeReader = Pick<Reader, 'say' | 'now'>;

/** 'M1', 'M1 and M2', 'M1, M2 and M3'. */
export function listed(words: readonly string[], say: PortalSay): string {
  if (words.length < 2) return words.join('');
  return say('list.and', { most: words.slice(0, -1).join(', '), last: words.at(-1) ?? '' });
}
