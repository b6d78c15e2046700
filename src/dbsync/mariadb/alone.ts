/** Locks in the servers, so that two processes do not change one pair. */
import { Refused } from '../../errors.ts';
import { oneValue } from './apply-context.ts';
import type { Server } from './connect.ts';
import { lockName } from './lock-name.ts';

/** 'pair': whatever changes the pair; 'panel': a call of cPanel's for which a server applies nothing. */
const locks = { pair: 'tandem.dbsync', panel: 'tandem.panel' } as const;

/**
 * Runs `work` while this process alone does such a thing: a lock on each server that ends with its connection. Throws
 * Refused when another process has it.
 */
export async function alone<T>(
  servers: readonly Server[],
  work: () => Promise<T>,
  options: { readonly lock: keyof typeof locks; readonly waitSeconds: number } = { lock: 'pair', waitSeconds: 2 },
): Promise<T> {
  const [first, ...rest] = servers;
  if (first === undefined) return await work();
  return await first.session(async (session) => {
    const name = await lockName(session, locks[options.lock]);
    if ((await oneValue(session, 'SELECT GET_LOCK(?, ?)', [name, options.waitSeconds])) !== '1')
      throw new Refused(`${first.side.name}: another Tandem is changing this pair.`, {
        hint: 'Wait until it has ended, then try again.',
      });
    return await alone(rest, work, options);
  });
}
