/** The other end of a keeper: a process that makes everything ready, and waits until it is its turn. */
import { once } from 'node:events';
import type { Lifecycle } from '../lifecycle.ts';
import type { KeeperWord, KeptWord } from './keeper.ts';

/** Marks a child of a keeper on its command line. */
export const KEPT = '--kept';

/** Whether this process was started by a keeper. */
export function isKept(argv: readonly string[]): boolean {
  return argv.includes(KEPT) && process.send !== undefined;
}

function tell(word: KeptWord): void {
  // Without its keeper it ends anyhow.
  process.send?.(word, () => {});
}

async function heard<K extends KeeperWord['kind']>(kind: K, signal: AbortSignal) {
  for (;;) {
    const [word]: unknown[] = await once(process, 'message', { signal });
    // Only our keeper is at the other end.
    const said = word as KeeperWord;
    if (said.kind === kind) return said as Extract<KeeperWord, { kind: K }>;
  }
}

/**
 * Prepares at once, begins when the keeper says so. When the keeper goes away, however that happens, everything is
 * closed in good order: none of its children outlives it for long.
 */
export async function beKept<T>(
  lifecycle: Lifecycle,
  prepare: (redisUrl: string | undefined) => Promise<T>,
  begin: (prepared: T) => Promise<unknown>,
): Promise<void> {
  const { signal } = lifecycle;
  const onOrphaned = (): void => void lifecycle.closeAll().then(() => process.exit(0));
  process.once('disconnect', onOrphaned);
  // Its keeper went while the program was loaded, when nobody listened yet.
  if (!process.connected) return onOrphaned();
  try {
    const { redis } = await heard('prepare', signal);
    const prepared = await prepare(redis ?? undefined);
    const begins = heard('begin', signal);
    tell({ kind: 'prepared' });
    await begins;
    await begin(prepared);
    tell({ kind: 'working' });
  } catch (error) {
    // Whoever is told to stop while it waits has nothing to complain of.
    if (signal.aborted) return;
    // The channel alone would keep this process, which has nothing left to do but to say why.
    process.removeListener('disconnect', onOrphaned);
    if (process.connected) process.disconnect();
    throw error;
  }
}
