/** Clients of masters whose databases replicate. */
import type { Config } from '../../config.ts';
import type { Lifecycle } from '../../lifecycle.ts';
import type { Logger } from '../../log.ts';
import type { WhmClient } from '../../whm/client.ts';

type Clients = ReadonlyMap<string, WhmClient>;

/** The same clients, or, where masters have a database server configured, ones that know of replication. */
export async function withReplication(
  clients: Clients,
  config: Config,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<Clients> {
  if (config.masters.every((one) => one.mariadb === undefined && one.postgres === undefined)) return clients;
  // What speaks to database servers is large; who has none does not load it.
  const { replicated } = await import('./replicated.ts');
  return replicated(clients, config, log, lifecycle);
}
