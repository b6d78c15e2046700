/** A full cPanel/WHM server, as pure code sees it: no credentials, no connection. */
export interface Master {
  /** Stable id, stored in the journal: 'm1'. */
  readonly id: string;
  /** Short name for people: 'M1'. */
  readonly name: string;
  /** The data centre it stands in. */
  readonly site: string;
  /** Its own host name. */
  readonly hostname: string;
  /** Main shared IPv4 address. */
  readonly address: string;
  /** First label of the names that stay on this master: 'www1'. Absent where no domain has such names. */
  readonly ownLabel?: string;
  /** There where Tandem knows of its PostgreSQL; nothing in it is of use to pure code. */
  readonly postgres?: object;
}

/** An address on each master that stands for the same thing: master id → address. */
export interface AddressPair {
  readonly addresses: Readonly<Record<string, string>>;
  /** 'shared' for an address that many accounts use, 'dedicated' for one given to a single account. */
  readonly use: 'shared' | 'dedicated';
}

/** The masters and what differs between them. A list: nothing may assume that there are two. */
export interface Masters {
  readonly list: readonly Master[];
  /** Throws RangeError for an unknown id: a programming error, since ids come from configuration. */
  get(id: string): Master;
  /** The counterpart on `to` of an address known on any master; an unknown address is returned unchanged. */
  translate(address: string, to: string): string;
  /** Whether the address belongs to any master. */
  owns(address: string): boolean;
  /** Every address that mail may be sent from, of all masters, in order. */
  readonly sendingAddresses: readonly string[];
  readonly pairs: readonly AddressPair[];
}

/** The same masters, each with a label for names that no switch moves: www1 for the first, www2 for the second. */
export function withOwnLabels<M extends Master>(list: readonly M[]): readonly (M & { readonly ownLabel: string })[] {
  return list.map((master, at) => ({ ...master, ownLabel: `www${at + 1}` }));
}

/** Builds the translation once. The masters' main addresses are always a shared pair. */
export function mastersOf(list: readonly Master[], pairs: readonly AddressPair[] = []): Masters {
  const main: AddressPair = { use: 'shared', addresses: Object.fromEntries(list.map((m) => [m.id, m.address])) };
  const all = [main, ...pairs];
  const byAddress = new Map<string, AddressPair>();
  for (const pair of all) for (const address of Object.values(pair.addresses)) byAddress.set(address, pair);
  const byId = new Map(list.map((m) => [m.id, m]));
  return {
    list,
    pairs: all,
    get(id) {
      const master = byId.get(id);
      if (master === undefined) throw new RangeError(`no master is called ${id}`);
      return master;
    },
    translate: (address, to) => byAddress.get(address)?.addresses[to] ?? address,
    owns: (address) => byAddress.has(address),
    sendingAddresses: list.map((m) => m.address),
  };
}
