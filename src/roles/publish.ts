/** Publishing as configured: the zone directory, its ledger, and every way to the name servers. */
import { systemClock } from '../clock.ts';
import type { PublishConfig, PublishServer, PublishSource } from '../config-publish.ts';
import { inlinePlanner, type Planner, threadPlanner } from '../failover/apply/planner.ts';
import { type MoveConfig, rulesOf } from '../failover/apply/rules.ts';
import { bindPublisher } from '../failover/publish/bind.ts';
import { cpanelDnsPublisher } from '../failover/publish/cpanel-dns.ts';
import type { Publish } from '../failover/publish/model.ts';
import { openPublish } from '../failover/publish/open-publish.ts';
import { powerDnsApiPublisher } from '../failover/publish/powerdns-api.ts';
import { powerDnsBindPublisher } from '../failover/publish/powerdns-bind.ts';
import type { Publisher } from '../failover/publish/publisher.ts';
import { rfc2136Publisher } from '../failover/publish/rfc2136.ts';
import { defaultLimits } from '../failover/safety.ts';
import type { Logger } from '../log.ts';
import { openWhmClient, type WhmClient } from '../whm/client.ts';

/** The moves that the configuration wants. */
export function movesOfConfig(config: PublishConfig): MoveConfig {
  const { masters, pairs, stays, ttl, home } = config;
  return { masters, pairs, stays, ttlAtMost: ttl, home };
}

/** Arguments of a program, of which there is at least one. */
function programOf([first = '', ...rest]: readonly string[]): readonly [string, ...string[]] {
  return [first, ...rest];
}

/** A line to a server's WHM; the caller closes it. */
export function clientOf(given: Omit<PublishSource, 'dns'>, log: Logger): WhmClient {
  const { id, hostname, connect, port, user, token, tls } = given;
  const credentials = { kind: 'token', user, token } as const;
  const target = {
    id,
    hostname,
    port,
    credentials,
    tls,
    concurrency: 4,
    ...(connect === undefined ? {} : { connect }),
  };
  return openWhmClient(target, { log });
}

async function publisherOf(
  server: PublishServer,
  config: PublishConfig,
  isMasters: (key: string) => boolean,
  log: Logger,
): Promise<Publisher> {
  const servers = server.answers.map((one) => ({ ...one, keepsSerial: true }));
  const common = { name: server.name, servers, isMasters };
  const listOf = (file: string | undefined, keys?: string) =>
    file === undefined ? {} : { list: { file, dir: config.zones, keys } };
  switch (server.kind) {
    case 'bind':
      return bindPublisher({
        ...common,
        rndc: programOf(server.rndc),
        ...listOf(server.list, server.keyDirectory),
      });
    case 'powerdns':
      return powerDnsBindPublisher({
        ...common,
        control: programOf(server.control),
        util: programOf(server.util),
        ...listOf(server.list),
      });
    case 'rfc2136':
      return rfc2136Publisher({ ...common, primary: server, key: server.key });
    case 'powerdns-api': {
      const { url, apiKey: key, serverId } = server;
      return powerDnsApiPublisher({ ...common, url, key, serverId, clock: systemClock });
    }
    case 'route53': {
      const { accessKeyId, secret: secretAccessKey, url } = server;
      // Large, and complains about old versions of Node: only those who use it load it.
      const { route53Publisher } = await import('../failover/publish/route53.ts');
      return route53Publisher({ ...common, accessKeyId, secretAccessKey, ...(url === undefined ? {} : { url }) });
    }
    case 'cloudflare': {
      const { token, url } = server;
      const { cloudflarePublisher } = await import('../failover/publish/cloudflare.ts');
      return cloudflarePublisher({ ...common, token, ...(url === undefined ? {} : { url }) });
    }
    case 'cpanel': {
      return cpanelDnsPublisher({ ...common, clients: [clientOf({ ...server, id: server.name }, log)] });
    }
  }
}

function plannerOf(config: PublishConfig, moves: MoveConfig): Planner {
  return config.threads === 0 ? inlinePlanner(moves) : threadPlanner(moves, config.threads);
}

/** Opens publishing; the caller closes it. Throws FolderTaken when another process works on the zones. */
export async function openPublishing(config: PublishConfig, log: Logger): Promise<Publish> {
  const moves = movesOfConfig(config);
  const { owners } = rulesOf(moves);
  const isMasters = (key: string): boolean => owners.has(key);
  const publishers = await Promise.all(config.servers.map((server) => publisherOf(server, config, isMasters, log)));
  return await openPublish({
    dir: config.zones,
    stateDir: config.stateDir,
    accountsFile: config.accounts,
    planner: plannerOf(config, moves),
    publishers,
    limits: { ...defaultLimits, brakeShare: config.brakeShare },
    others: config.others,
    resolver: config.resolver,
    sources: config.sources.map(({ dns, ...one }) => ({ master: one.id, client: clientOf(one, log), dns })),
    pullMs: config.pullMs,
    home: config.home,
    patienceMs: config.patienceMs,
    guardMs: config.guardMs,
    carriesKeys: config.keys,
    ...(config.ahead ? { ahead: config.masters.map(({ id }) => id) } : {}),
    clock: systemClock,
    ticks: () => performance.now(),
    log,
  });
}
