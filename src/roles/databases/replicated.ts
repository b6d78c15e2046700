/** Clients of masters whose databases replicate. */
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { openPair } from '../../dbsync/pair.ts';
import { replicatedClient } from '../../dbsync/panel-calls.ts';
import { hasPostgres, pgPairOf } from '../../dbsync/postgres/pair.ts';
import { lettingGoClient } from '../../dbsync/postgres/panel-calls.ts';
import type { Lifecycle } from '../../lifecycle.ts';
import type { Logger } from '../../log.ts';
import type { WhmClient } from '../../whm/client.ts';

type Clients = ReadonlyMap<string, WhmClient>;

/** Clients that know of replication, of masters whose database servers are configured. */
export function replicated(clients: Clients, config: Config, log: Logger, lifecycle: Lifecycle): Clients {
  return withPostgres(withMariadb(clients, config, log, lifecycle), config, log);
}

function withMariadb(clients: Clients, config: Config, log: Logger, lifecycle: Lifecycle): Clients {
  if (config.masters.every((one) => one.mariadb === undefined)) return clients;
  const pair = openPair(config);
  lifecycle.onClose('databases', () => pair.close());
  const folder = join(config.stateDir, 'dbsync', 'aside');
  return new Map(
    [...clients].map(([id, client]) => {
      const server = pair.servers.find((one) => one.side.id === id);
      const other = clients.get(pair.servers.find((one) => one.side.id !== id)?.side.id ?? '');
      if (server === undefined || other === undefined) return [id, client];
      return [id, replicatedClient(client, { server, other, folder, log })];
    }),
  );
}

function withPostgres(clients: Clients, config: Config, log: Logger): Clients {
  if (!hasPostgres(config)) return clients;
  const servers = pgPairOf(config);
  return new Map(
    [...clients].map(([id, client]) => {
      const server = servers.find((one) => one.side.id === id);
      return [id, server === undefined ? client : lettingGoClient(client, { server, clock: systemClock, log })];
    }),
  );
}
