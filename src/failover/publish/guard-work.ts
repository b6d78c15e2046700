import { listZones } from '../apply/files.ts';
import { readAccounts } from './account-map.ts';
import { askAll } from './ask.ts';
import { type Memory, readMemory } from './memory.ts';
import type { PublishOrder } from './model.ts';
import type { Publisher } from './publisher.ts';
import { GaveWay } from './row.ts';
import { apply, note, type Opened, settleAll } from './run.ts';

/** The serials that the name servers answer now, by zone. */
export async function answeredSerials(
  publishers: readonly Publisher[],
  zones: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const serials = new Map<string, number[]>();
  const servers = publishers.flatMap((one) => one.servers).filter(({ keepsSerial }) => keepsSerial);
  const questions = zones.map((name) => ({ name, type: 'SOA' }) as const);
  const all = await Promise.all(servers.map(({ address, port }) => askAll(questions, { address, port, signal })));
  for (const heard of all) {
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

/** Zones that somebody else wrote are brought to the last order, with a serial that is ahead, and published. Throws GaveWay. */
export async function guardWork(opened: Opened, { touched, gone }: Found, signal: AbortSignal): Promise<void> {
  const { deps, seen, signing, ready } = opened;
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(opened.memoryFile)]);
  const order = standingOrder(memory, deps.clock.now());
  const serials = await answeredSerials(deps.publishers, [...touched], signal);
  if (signal.aborted) throw new GaveWay();
  const rest = { isReal: true, brake: () => [], only: touched, touched, serials } as const;
  const applied = await apply(opened, order, accounts, rest, signal);
  if (applied.kind !== 'written') throw new Error(applied.failure ?? applied.kind);
  note(opened, applied);
  for (const zone of gone) seen.delete(zone);
  signing.forget(gone);
  ready?.forget(gone);
  const names = (await listZones(deps.dir)).zones;
  const settled = await settleAll(opened, applied, { changed: touched, scope: 'everything', names }, signal);
  if (signal.aborted) {
    // Perhaps no server was told: they are found again.
    for (const zone of touched) seen.delete(zone);
    throw new GaveWay();
  }
  const late = settled.flatMap(({ stragglers }) => stragglers.map(({ sentence }) => sentence));
  const { zones, changed, left } = applied.counts;
  deps.log.info({ zones, changed, left, gone: gone.size, late }, 'zones that somebody else wrote were published');
}
