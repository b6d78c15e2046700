/**
 * Orders to switch or return, as a chain that both watchers can grow apart and join again without a clock. An order
 * names the newest orders that its writer knew (`parents`). Orders with nobody behind them are the heads; heads that
 * want different things are a conflict, which neither watcher resolves by itself while they cannot talk.
 */

export interface Order {
  /** One more than the highest parent's. */
  readonly epoch: number;
  /** The watcher that wrote it. */
  readonly node: string;
  /** Ids of the orders it builds on; empty for the first. */
  readonly parents: readonly string[];
  readonly kind: 'switch' | 'return';
  readonly from: string;
  readonly to: string;
  /** Moves this account only: its home becomes `to`. Without it everything that is active on `from` moves. */
  readonly account?: string | undefined;
  /** The same for several accounts at once. */
  readonly accounts?: readonly string[] | undefined;
  /** When it was given, milliseconds; decides serials, never who wins. */
  readonly at: number;
  /** 'verdict', or the person who ordered it. */
  readonly by: string;
  readonly evidence: readonly string[];
}

/** 'epoch.node': a node writes one order an epoch. */
export function orderId(order: Order): string {
  return `${order.epoch}.${order.node}`;
}

/** The accounts that an order moves by themselves; none: it moves everything that is active on `from`. */
export function accountsIn(order: Pick<Order, 'account' | 'accounts'>): readonly string[] {
  return [...(order.account === undefined ? [] : [order.account]), ...(order.accounts ?? [])];
}

/** What an order moves, for people: 'everything', 'bob', 'amy, bob and 7 more'. */
export function subjectOf(order: Pick<Order, 'account' | 'accounts'>): string {
  const all = accountsIn(order);
  if (all.length === 0) return 'everything';
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 2).join(', ')} and ${all.length - 2} more`;
}

/** All orders that either knows, each once, oldest first; the same on both sides whoever merges. */
export function mergeOrders(mine: readonly Order[], theirs: readonly Order[]): readonly Order[] {
  const all = new Map([...mine, ...theirs].map((order) => [orderId(order), order]));
  return [...all.values()].sort((a, b) => a.epoch - b.epoch || (a.node < b.node ? -1 : 1));
}

/** Orders that no other builds on. */
export function headsOf(orders: readonly Order[]): readonly Order[] {
  const known = new Set(orders.flatMap((order) => order.parents));
  return orders.filter((order) => !known.has(orderId(order)));
}

/** Home master → the master where its things are active; a home that is missing is active on itself. */
export type Active = Readonly<Record<string, string>>;

function after(active: Active, order: Order): Active {
  if (accountsIn(order).length > 0) return active;
  if (order.kind === 'return') {
    return Object.fromEntries(Object.entries(active).filter(([home, now]) => home !== order.to || now !== order.from));
  }
  const moved = Object.entries(active).map(([home, now]) => [home, now === order.from ? order.to : now]);
  const own = active[order.from] === undefined ? [[order.from, order.to]] : [];
  return Object.fromEntries([...moved, ...own].filter(([home, now]) => home !== now));
}

/** Those of the orders (oldest first) after which something of these homes, or an account, was active elsewhere than before. */
export function movingOrders(orders: readonly Order[], homes: readonly string[]): readonly Order[] {
  let active: Active = {};
  return orders.filter((order) => {
    const before = active;
    active = after(before, order);
    return accountsIn(order).length > 0 || homes.some((home) => before[home] !== active[home]);
  });
}

export type Standing =
  | {
      readonly kind: 'agreed';
      readonly epoch: number;
      readonly parents: readonly string[];
      readonly active: Active;
      /** Account → the master that it belongs to, of accounts that were moved by themselves. */
      readonly homes: Readonly<Record<string, string>>;
    }
  /** Both keep answering as they did; the verdict is made anew with both views. */
  | { readonly kind: 'conflict'; readonly epoch: number; readonly heads: readonly Order[] };

/** What all orders together say. Two watchers that made the same decision apart agree. */
export function standing(orders: readonly Order[]): Standing {
  const heads = headsOf(orders);
  const epoch = Math.max(0, ...orders.map((order) => order.epoch));
  const wanted = new Set(heads.map((one) => `${one.kind} ${one.from} ${one.to} ${accountsIn(one).join(' ')}`));
  if (wanted.size > 1) return { kind: 'conflict', epoch, heads };
  const line = lineTo(orders, heads[0]);
  const active = line.reduce(after, {});
  const homes = Object.fromEntries(line.flatMap((order) => accountsIn(order).map((account) => [account, order.to])));
  return { kind: 'agreed', epoch, parents: heads.map(orderId), active, homes };
}

/**
 * Which master is active for the pair, and for the accounts that are elsewhere. Accounts in `unprotected` stay at home
 * whatever happens to it.
 */
export function activeOf(
  { active, homes }: Pick<Extract<Standing, { kind: 'agreed' }>, 'active' | 'homes'>,
  first: string,
  unprotected: readonly string[] = [],
): { readonly pair: string; readonly accounts: Readonly<Record<string, string>> } {
  const now = (home: string): string => active[home] ?? home;
  const pair = now(first);
  const accounts = new Map(Object.entries(homes).map(([account, home]) => [account, now(home)]));
  for (const account of unprotected) accounts.set(account, homes[account] ?? first);
  return { pair, accounts: Object.fromEntries([...accounts].filter(([, master]) => master !== pair)) };
}

/** The chain to one head; where two orders were joined both said the same, so the first parent will do. */
function lineTo(orders: readonly Order[], head: Order | undefined): readonly Order[] {
  const byId = new Map(orders.map((order) => [orderId(order), order]));
  const line: Order[] = [];
  const seen = new Set<Order>();
  for (let at = head; at !== undefined && !seen.has(at); at = byId.get(at.parents[0] ?? '')) {
    seen.add(at);
    line.unshift(at);
  }
  return line;
}

/** The order that ends a conflict, or follows an agreement, knowing all heads. */
export function nextOrder(orders: readonly Order[], order: Omit<Order, 'epoch' | 'parents'>): Order {
  const heads = headsOf(orders);
  const epoch = Math.max(0, ...orders.map((one) => one.epoch)) + 1;
  return { ...order, epoch, parents: heads.map(orderId) };
}
