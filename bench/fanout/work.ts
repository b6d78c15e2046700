/** The work: half mailboxes, 30 % DNS records, 20 % quotas, over many accounts, mixed by a seed. */
import { randomOf } from '../../test/support/chance.ts';

export type Kind = 'mailbox' | 'record' | 'quota';

export interface WorkItem {
  readonly account: string;
  readonly kind: Kind;
  /** Place in the account's own order, from 1; it is in the name or value that the operation writes. */
  readonly n: number;
}

export function accountName(index: number): string {
  return `a${String(index).padStart(5, '0')}`;
}

export function domainOf(account: string): string {
  return `${account}.example`;
}

/** The mailbox that every account has from the start, whose quota is changed. */
export const firstMailbox = 'base';

/** Quotas are written as this plus n, so that each is another. */
export const quotaBase = 1000;

function kindAt(share: number): Kind {
  if (share < 0.5) return 'mailbox';
  return share < 0.8 ? 'record' : 'quota';
}

/** `count` operations in the order in which they are asked for. */
export function workOf(seed: number, count: number, accounts: number): readonly WorkItem[] {
  const random = randomOf(seed);
  const places = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const account = accountName(Math.floor(random() * accounts));
    const n = (places.get(account) ?? 0) + 1;
    places.set(account, n);
    return { account, n, kind: kindAt(((index * 7) % 10) / 10) };
  });
}
