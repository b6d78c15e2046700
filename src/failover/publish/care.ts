import { listZones } from '../apply/files.ts';
import { readAccounts } from './account-map.ts';
import { standingOrder } from './guard-work.ts';
import { readMemory } from './memory.ts';
import type { CareWish, Outcome } from './model.ts';
import { apply, note, type Opened, settleAll } from './run.ts';
import { outcomeOf } from './say.ts';

/** Changes no address: the change brake is not asked, and the order that counts stays the same. */
export async function careZones(opened: Opened, wish: CareWish, signal: AbortSignal): Promise<Outcome> {
  const { deps, memoryFile } = opened;
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(memoryFile)]);
  const order = standingOrder(memory, wish.at);
  const { care, only } = wish;
  const rest = { isReal: true, care, brake: () => [], ...(only === undefined ? {} : { only }) };
  const applied = await apply(opened, order, accounts, rest, signal);
  note(opened, applied);
  const changed = new Set(applied.zones.filter(({ isChanged }) => isChanged).map(({ zone }) => zone));
  const names = (await listZones(deps.dir)).zones;
  const settling = { changed, scope: 'everything', names } as const;
  const settled = applied.kind === 'written' ? await settleAll(opened, applied, settling, signal) : [];
  return outcomeOf(order, applied, settled, signal.aborted);
}
