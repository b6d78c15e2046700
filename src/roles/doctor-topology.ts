/** `tandem doctor` on the way names go: who pushes to whom, and which faults switch by themselves. */
import { z } from 'zod';
import type { MasterConfig } from '../config.ts';
import type { PublishConfig, PublishServer } from '../config-publish.ts';
import type { WatchersConfig } from '../config-watchers.ts';
import { faultTable, faultText } from '../failover/verdict/fault-table.ts';
import { placesOfKind, weaknesses } from '../failover/verdict/topology.ts';
import type { Logger } from '../log.ts';
import { whm } from '../whm/call.ts';
import type { WhmClient } from '../whm/client.ts';
import type { Outcome } from '../whm/outcome.ts';
import type { DoctorCheck } from './doctor-judge.ts';
import { clientOf } from './publish.ts';

const trust = z.object({ has_trust: z.coerce.number() });
const limitMs = 10_000;

type Named = Pick<MasterConfig, 'id' | 'name' | 'hostname'>;

/**
 * What a server's word on another one means. WHM tells no list of a DNS cluster's members; whether it shares records
 * with one host can be asked (`cluster_member_has_trust_with`).
 */
export function judgeCluster(check: string, asked: string, about: string, outcome: Outcome): DoctorCheck {
  const parsed = outcome.kind === 'done' ? trust.safeParse(outcome.data) : undefined;
  if (parsed?.success !== true) {
    const why = outcome.kind === 'done' ? 'its answer is not understood' : outcome.reason;
    return {
      check,
      state: 'warning',
      sentence: `Whether ${asked} shares records with ${about} cannot be told: ${why}`,
    };
  }
  if (parsed.data.has_trust === 0)
    return { check, state: 'ok', sentence: `${asked} shares no records with ${about} in a DNS cluster.` };
  return {
    check,
    state: 'failed',
    sentence: `${asked} shares records with ${about} in a DNS cluster: what one master writes reaches the public by itself, past every order.`,
    hint: 'Take it out of the cluster in WHM › DNS Cluster, on both sides. Tandem alone publishes zones.',
  };
}

async function ask(client: WhmClient, host: string): Promise<Outcome> {
  return client.call(whm('cluster_member_has_trust_with', { host }), { deadlineMs: limitMs });
}

/** Masters must not push to each other. Those that do not answer at all are told of elsewhere. */
async function betweenMasters(
  masters: readonly Named[],
  clients: ReadonlyMap<string, WhmClient>,
): Promise<readonly DoctorCheck[]> {
  const found = await Promise.all(
    masters.flatMap((one) =>
      masters
        .filter(({ id }) => id !== one.id)
        .map(async (other) => {
          const client = clients.get(one.id);
          const outcome = client === undefined ? undefined : await ask(client, other.hostname);
          if (outcome === undefined || outcome.kind === 'not-sent') return [];
          return [judgeCluster(`dns cluster ${one.id}/${other.id}`, one.name, other.name, outcome)];
        }),
    ),
  );
  return found.flat();
}

async function dnsOnly(
  server: Extract<PublishServer, { kind: 'cpanel' }>,
  masters: readonly Named[],
  log: Logger,
): Promise<readonly DoctorCheck[]> {
  const client = clientOf({ ...server, id: server.name }, log);
  try {
    return await Promise.all(
      masters.map(async ({ id, name, hostname }) =>
        judgeCluster(`dns cluster ${server.name}/${id}`, server.name, name, await ask(client, hostname)),
      ),
    );
  } finally {
    await client.close();
  }
}

/** Which faults switch by themselves in this topology and which only warn, in a sentence each. */
export function judgeFaults({ places }: Pick<WatchersConfig, 'places'>): readonly DoctorCheck[] {
  const topology = { places };
  const active = placesOfKind(topology, 'master')[0]?.id;
  const rows = faultTable(topology).filter((row) => row.hurts && row.active === active);
  const of = (outcome: string): string =>
    rows
      .filter((row) => row.outcome === outcome)
      .map(({ fault }) => faultText(fault))
      .join('; ');
  const [switches, warns] = [of('switches'), of('warns')];
  const weak = weaknesses(topology);
  const check = 'faults';
  const byItself = switches === '' ? 'No fault switches by itself.' : `Switches by itself: ${switches}.`;
  return [
    { check, state: switches === '' ? 'failed' : 'ok', sentence: byItself },
    ...(warns === ''
      ? []
      : [
          {
            check,
            state: 'warning',
            sentence: `Only warns a person: ${warns}.`,
            hint: weak[0] ?? 'See: tandem failover faults',
          } as const,
        ]),
    ...weak.map((sentence): DoctorCheck => ({ check, state: 'warning', sentence })),
  ];
}

/** All of it. `publish`: what this machine publishes, when it does. */
export async function doctorTopology(
  { masters, watchers }: { readonly masters: readonly MasterConfig[]; readonly watchers?: WatchersConfig },
  clients: ReadonlyMap<string, WhmClient>,
  publish: PublishConfig | undefined,
  log: Logger,
): Promise<readonly DoctorCheck[]> {
  const servers = publish?.servers.flatMap((one) => (one.kind === 'cpanel' ? [one] : [])) ?? [];
  const [between, outside] = await Promise.all([
    betweenMasters(masters, clients),
    Promise.all(servers.map((server) => dnsOnly(server, masters, log))),
  ]);
  return [...between, ...outside.flat(), ...(watchers === undefined ? [] : judgeFaults(watchers))];
}
