import { listZones } from '../apply/files.ts';
import { readAccounts } from './account-map.ts';
import { askAll } from './ask.ts';
import { type Memory, readMemory } from './memory.ts';
import type { PublishOrder } from './model.ts';
import type { Publisher } from './publisher.ts';
import { apply, note, type Opened, settleAll } from './run.ts';

/** The serials that the name servers answer now, by zone. */
export async function answeredSerials(
  publishers: readonly Publisher[],
  zones: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const serials = new Map<string, number[]>();
  const servers = publishers.flatMap((one) => one.servers).filter(({ keepsSerial }) => keepsSerial);
  for (const { address, port } of servers) {
    const heard = await askAll(
      zones.map((name) => ({ name, type: 'SOA' })),
      { address, port, signal },
    );
    for (const [at, zone] of zones.entries()) {
      const one = heard[at];
      if (one?.kind === 'serial') serials.set(zone, [...(serials.get(zone) ?? []), one.serial]);
    }
  }
  return serials;
}

/** The last order at this moment; before any, every zone stays where it is. */
export function standingOrder(memory: Pick<Memory, 'order'>, now: number): PublishOrder {
  const first = { epoch: 0, node: '', parents: [], instant: 0, active: { pair: '', accounts: {} } };
  const order = memory.order ?? first;
  return { ...order, instant: Math.max(order.instant, now) };
}

export interface Found {
  readonly touched: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** Zones that somebody else wrote are brought to the last order, with a serial that is ahead, and published. */
export async function guardWork(opened: Opened, { touched, gone }: Found, signal: AbortSignal): Promise<void> {
  const { deps, seen } = opened;
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(opened.memoryFile)]);
  const order = standingOrder(memory, deps.clock.now());
  const serials = await answeredSerials(deps.publishers, [...touched], signal);
  const rest = { isReal: true, brake: () => [], only: touched, touched, serials } as const;
  const applied = await apply(opened, order, accounts, rest, signal);
  if (applied.kind !== 'written') throw new Error(applied.failure ?? applied.kind);
  note(opened, applied);
  for (const zone of gone) seen.delete(zone);
  const names = (await listZones(deps.dir)).zones;
  const settled = await settleAll(opened, applied, { changed: touched, scope: 'everything', names }, signal);
  const late = settled.flatMap(({ stragglers }) => stragglers.map(({ sentence }) => sentence));
  const { zones, changed, left } = applied.counts;
  deps.log.info({ zones, changed, left, gone: gone.size, late }, 'zones that somebody else wrote were published');
}
