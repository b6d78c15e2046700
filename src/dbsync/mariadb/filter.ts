/** What a server leaves out of what it receives: cPanel's own schemas, accounts that are cut off, unfinished copies. */
import type { Server } from './connect.ts';
import { readDetached, readPending } from './observe.ts';
import { hasSetting, ignoredTables } from './settings.ts';

/**
 * Makes the server's filter what its notes say, and answers whether it was not; then replication is stopped. A server that
 * restarted has that of its file, which knows neither of accounts that are cut off nor of a copy that is half.
 */
export async function keepFilter(server: Server): Promise<boolean> {
  const value = ignoredTables([...(await readDetached(server)), ...(await readPending(server))]);
  const name = 'replicate_wild_ignore_table';
  const [row] = await server.rows('SHOW GLOBAL VARIABLES LIKE ?', [name]);
  if (hasSetting({ name, value, reason: '', restart: false }, row?.['Value'] ?? '')) return false;
  await server.rows('STOP SLAVE');
  await server.rows('SET GLOBAL replicate_wild_ignore_table = ?', [value]);
  return true;
}
