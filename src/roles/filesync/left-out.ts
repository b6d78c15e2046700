/** Accounts whose files do not travel, by their own word or their package's: the agents are brought to know. */
import { askAgent } from '../../filesync/remote.ts';
import type { FilesState, Watched } from '../../filesync/watch.ts';

const askMs = 5000;
/** More go with the next turn. */
const mostAtOnce = 50;

/** What an agent has to be told so that exactly these accounts are left out. Pure. */
export function differing(
  off: readonly string[],
  wanted: ReadonlySet<string>,
): readonly (readonly ['on' | 'off', string])[] {
  const now = new Set(off.map((unit) => unit.slice(unit.indexOf('/') + 1)));
  return [
    ...[...wanted].filter((name) => !now.has(name)).map((name) => ['off', name] as const),
    ...[...now].filter((name) => !wanted.has(name)).map((name) => ['on', name] as const),
  ];
}

/** Tells the agents that answer. Throws what `wanted` throws, and Unreachable for one that does not answer any more. */
export async function tellLeftOut(
  watched: readonly Watched[],
  state: FilesState,
  wanted: () => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set(await wanted());
  for (const { id, way } of watched) {
    const report = state.masters.find((one) => one.id === id)?.report;
    if (report === null || report === undefined) continue;
    for (const rest of differing(report.off, names).slice(0, mostAtOnce)) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
      await askAgent(way, { verb: 'account', rest: [...rest] }, limit);
    }
  }
}
