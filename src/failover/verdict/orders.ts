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
  if (order.account !== undefined) return active;
  if (order.kind === 'return') {
    return Object.fromEntries(Object.entries(active).filter(([home, now]) => home !== order.to || now !== order.from));
  }
  const moved = Object.entries(active).map(([home, now]) => [home, now === order.from ? order.to : now]);
  const own = active[order.from] === undefined ? [[order.from, order.to]] : [];
  return Object.fromEntries([...moved, ...own].filter(([home, now]) => home !== now));
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
  const wanted = new Set(heads.map(({ kind, from, to, account = '' }) => `${kind} ${from} ${to} ${account}`));
  if (wanted.size > 1) return { kind: 'conflict', epoch, heads };
  const line = lineTo(orders, heads[0]);
  const active = line.reduce(after, {});
  const homes = Object.fromEntries(line.flatMap(({ account, to }) => (account === undefined ? [] : [[account, to]])));
  return { kind: 'agreed', epoch, parents: heads.map(orderId), active, homes };
}

/** Which master is active for the pair, and for the accounts that are elsewhere. */
export function activeOf(
  { active, homes }: Pick<Extract<Standing, { kind: 'agreed' }>, 'active' | 'homes'>,
  first: string,
): { readonly pair: string; readonly accounts: Readonly<Record<string, string>> } {
  const now = (home: string): string => active[home] ?? home;
  const pair = now(first);
  const accounts = Object.entries(homes)
    .map(([account, home]) => [account, now(home)] as const)
    .filter(([, master]) => master !== pair);
  return { pair, accounts: Object.fromEntries(accounts) };
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
