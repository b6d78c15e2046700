import type { Copies } from '../../routes/customer/deps.ts';

/** An order of the watchers that moved names, as far as a customer is told of it. */
interface Move {
  readonly to: string;
  /** Left out: the pair's. */
  readonly account?: string | undefined;
  /** Of an order for several. */
  readonly accounts?: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** What one watcher said last. */
export interface Watched {
  /** Accounts that are not where they belong. */
  readonly waiting?: readonly string[];
  readonly orders: readonly Move[];
  /** What it has noted; `at` in epoch milliseconds. */
  readonly history: readonly {
    readonly at: number;
    readonly kind: string;
    readonly subject: string;
    readonly state?: string | undefined;
  }[];
}

/** When the account was last moved, and since when it is where it is: by any watcher's word, the newest counts. Pure. */
export function movesOf(
  watchers: readonly Watched[],
  account: string,
  active: string,
): Pick<Copies, 'since' | 'lastSwitch'> {
  const [newest] = watchers
    .flatMap(({ orders }) => orders)
    .filter(({ account: one, accounts = [] }) =>
      one === undefined && accounts.length === 0 ? true : one === account || accounts.includes(account),
    )
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  if (newest === undefined) return {};
  return { lastSwitch: newest.at, ...(newest.to === active ? { since: newest.at } : {}) };
}

/** When a drill last took names there and back, by any watcher's word; a dry one only counts what it would do. Pure. */
export function drillOf(watchers: readonly Watched[]): Pick<Copies, 'lastDrill' | 'drillWentWell'> {
  const [newest] = watchers
    .flatMap(({ history }) => history)
    .filter(
      ({ kind, subject, state }) => kind === 'command' && subject === 'drill' && state !== undefined && state !== 'dry',
    )
    .toSorted((a, b) => b.at - a.at);
  if (newest === undefined) return {};
  return { lastDrill: new Date(newest.at).toISOString(), drillWentWell: newest.state === 'done' };
}
