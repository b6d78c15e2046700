import { extentOf, type ZoneNow } from '../apply/apply.ts';
import { listZones } from '../apply/files.ts';
import { readAccounts } from './account-map.ts';
import { learned, vetoesFor } from './brake.ts';
import { type Memory, readMemory, writeMemory } from './memory.ts';
import type { BringOptions, Outcome, Prediction, PublishOrder, ZonePointer } from './model.ts';
import { apply, note, type Opened, settleAll } from './run.ts';
import { outcomeOf } from './say.ts';

function pointers(zones: readonly ZoneNow[], accounts: ReadonlyMap<string, string>): readonly ZonePointer[] {
  return zones
    .filter(({ home, to }) => home !== to)
    .map(({ zone, home, to, away }) => ({ zone, account: accounts.get(zone), home, pointsAt: to, changes: away }));
}

/** Makes every zone match the order. */
export async function bring(
  opened: Opened,
  order: PublishOrder,
  signal: AbortSignal,
  options: BringOptions,
): Promise<Outcome> {
  const { deps, memoryFile } = opened;
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(memoryFile)]);
  const { only, confirmed = false } = options;
  const isBraked = !confirmed && only === undefined;
  const applied = await apply(
    opened,
    order,
    accounts,
    {
      isReal: true,
      brake: (extent) => (isBraked ? vetoesFor(memory, extent, deps.limits) : []),
      ...(only === undefined ? {} : { only }),
    },
    signal,
  );
  note(opened, applied);
  const changed = new Set(applied.zones.filter(({ isChanged }) => isChanged).map(({ zone }) => zone));
  const names = (await listZones(deps.dir)).zones;
  const settling = { changed, scope: 'addresses', names } as const;
  const settled = applied.kind === 'written' ? await settleAll(opened, applied, settling, signal) : [];
  const outcome = outcomeOf(order, applied, settled, signal.aborted);
  const remembered: Memory = {
    ...memory,
    last: outcome,
    lastAt: deps.clock.now(),
    ...(applied.kind === 'written' && only === undefined
      ? {
          order: order,
          moved: pointers(applied.zones, accounts),
          left: applied.left,
          zones: applied.counts.zones,
          expected: learned(memory, extentOf(applied.zones, applied.counts.zones)),
        }
      : {}),
  };
  await writeMemory(memoryFile, remembered);
  return outcome;
}

/** So many signed zones are named one by one. */
const mostSigned = 1000;

/** What must be looked up for a prediction; no order waits for it. */
export async function lookAhead(
  { deps, signing }: Opened,
  only: ReadonlySet<string> | undefined,
  signal: AbortSignal,
): Promise<void> {
  await signing.look(only === undefined ? (await listZones(deps.dir)).zones : [...only], signal);
}

/** What the order would do, by what is known. */
export async function predict(
  opened: Opened,
  order: PublishOrder,
  only: ReadonlySet<string> | undefined,
): Promise<Prediction> {
  const { deps, memoryFile } = opened;
  const begun = deps.ticks();
  const { signal } = new AbortController();
  const [accounts, memory] = await Promise.all([readAccounts(deps.accountsFile), readMemory(memoryFile)]);
  const listed = only === undefined ? (await listZones(deps.dir)).zones : [...only];
  const applied = await apply(
    opened,
    order,
    accounts,
    {
      isReal: false,
      brake: (extent) => (only === undefined ? vetoesFor(memory, extent, deps.limits) : []),
      ...(only === undefined ? {} : { only }),
    },
    signal,
  );
  const signed = opened.signing.reports(listed);
  const extent = extentOf(applied.zones, applied.counts.zones);
  const known = [...extent.away.keys()].flatMap((master) => memory.expected[master]?.values ?? []);
  if (only === undefined && applied.vetoes.length === 0 && applied.kind === 'written') {
    await writeMemory(memoryFile, { ...memory, zones: extent.zones, expected: learned(memory, extent) });
  }
  const { counts, left, vetoes } = applied;
  const reports = [...signed.slice(0, mostSigned), ...applied.reports];
  const expected = known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
  return { counts, left, reports, vetoes, expected, seconds: (deps.ticks() - begun) / 1000 };
}
