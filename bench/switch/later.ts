import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { chunks } from '../../src/failover/apply/apply.ts';
import { askAll } from '../../src/failover/publish/ask.ts';
import type { Publish } from '../../src/failover/publish/model.ts';
import { createLogger } from '../../src/log.ts';
import { batchOf } from '../../src/whm/batch.ts';
import { type WhmCall, whm } from '../../src/whm/call.ts';
import { openWhmClient, type WhmClient } from '../../src/whm/client.ts';
import type { MasterArgs, MasterReply } from '../drift/master-process.ts';
import { type Child, startChild } from '../fanout/child.ts';
import { type BenchOptions, rounded } from '../result.ts';
import { type Kind, publisherOf, serve, startBind } from './servers.ts';
import { openZones } from './ways.ts';
import { from, makeZones, to, zoneName, zoneText } from './zones.ts';

/**
 * What changes while nothing is ordered, with many zones: from a foreign hand's write, and from a master's own record,
 * until the name server answers with it.
 */

export interface LaterSizes {
  readonly zones: number;
  /** Changes of each kind, one after the other. */
  readonly tries: number;
}

/** What it took. */
export interface Later {
  readonly zones: number;
  /** The longest of single changes one after the other, at home and while all zones are away from it, seconds. */
  readonly guard: number;
  readonly guardPowerDns: number;
  /** The longest of single records written on a master, until a name server answers with it. */
  readonly pull: number;
  /** All zones of a master that none was known of. */
  readonly pullAll: number;
}

const { signal } = new AbortController();

async function answered(port: number, name: string, address: string): Promise<boolean> {
  const [heard] = await askAll([{ name, type: 'A' }], { address: '127.0.0.1', port, signal, timeoutMs: 500 });
  return heard?.kind === 'values' && heard.values.includes(address);
}

/** Seconds until every name is answered so. */
async function secondsUntil(port: number, names: readonly string[], address: string): Promise<number> {
  const begun = performance.now();
  for (const name of names) {
    while (!(await answered(port, name, address))) {
      if (performance.now() - begun > 300_000) throw new Error(`${name} is not answered as ${address}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return (performance.now() - begun) / 1000;
}

/** Each change waits for the one before: the longest is told. */
async function longest(count: number, change: (at: number) => Promise<number>): Promise<number> {
  let most = 0;
  for (let at = 0; at < count; at++) most = Math.max(most, await change(at));
  return most;
}

/** Edits and new files by a foreign hand, by turns, while all zones are at home or away; their names are the master's, their answers the active one's. */
function foreignHand(
  { zones, tries }: LaterSizes,
  { dir, port }: { readonly dir: string; readonly port: number },
  where: 'home' | 'away',
): Promise<number> {
  const [mark, expected] = where === 'home' ? ['late', from.four] : ['later', to.four];
  // A single one each is an edit at home and a new file away from it.
  const first = where === 'home' ? 1 : 0;
  return longest(tries, async (at) => {
    if (at % 2 === first) {
      const zone = `${mark}${at}.example`;
      writeFileSync(join(dir, `${zone}.db`), zoneText(zone));
      return await secondsUntil(port, [zone], expected);
    }
    const zone = zoneName((at * 997) % zones);
    appendFileSync(join(dir, `${zone}.db`), `${mark}\t60\tIN\tA\t${from.four}\n`);
    return await secondsUntil(port, [`${mark}.${zone}`], expected);
  });
}

async function guarded<T>(publish: Publish, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const guarding = publish.guard(stop.signal);
  try {
    return await work();
  } finally {
    stop.abort();
    await guarding;
    await publish.close();
  }
}

async function guardLater({ dir, say }: BenchOptions, kind: Kind, sizes: LaterSizes): Promise<number> {
  const { zones } = sizes;
  const [files, own] = [join(dir, `guard-${kind}`), join(dir, `guard-${kind}-server`)];
  const served = await serve(kind, own, files, makeZones(files, zones));
  const { port, running } = served;
  const rest = { publishers: [publisherOf(served, own, files)], ahead: ['m1', 'm2'], threads: 1 };
  try {
    const publish = await openZones({ dir: files, state: join(dir, `guard-${kind}-state`), ...rest });
    return await guarded(publish, async () => {
      // What stands there at the beginning is taken as it is: no edit may come before that.
      await publish.ahead(signal);
      const home = await foreignHand(sizes, { dir: files, port }, 'home');
      const order = { epoch: 1, node: 's3', parents: [], instant: Date.now(), active: { pair: 'm2', accounts: {} } };
      await publish.bring(order, signal, { confirmed: true });
      const away = await foreignHand(sizes, { dir: files, port }, 'away');
      say(`${zones} zones, ${kind}: a foreign change ${home.toFixed(2)} s, while all are away ${away.toFixed(2)} s`);
      return rounded(Math.max(home, away), 2);
    });
  } finally {
    await running.end('SIGKILL');
  }
}

/** A simulated master in a process of its own, with so many accounts of one zone each, and BIND as its DNS server. */
interface Master {
  readonly client: WhmClient;
  /** Of its DNS server. */
  readonly port: number;
  /** Where its zones point. */
  readonly address: string;
  readonly zones: readonly string[];
  /** A customer writes a record: in the zone, and from then on in the master's own answers. */
  write(zone: string, name: string): Promise<void>;
  close(): Promise<void>;
}

const recordAddress = '203.0.113.9';
const accountsAtOnce = 100;
const exported = z.object({ payload: z.array(z.object({ zone: z.string(), text_b64: z.base64() })) });

async function done(client: WhmClient, call: WhmCall): Promise<unknown> {
  const outcome = await client.call(call, { deadlineMs: 600_000 });
  if (outcome.kind !== 'done') throw new Error(`${call.fn}: ${outcome.reason}`);
  return outcome.data;
}

/** The master's texts of these zones, into its DNS server's directory. */
async function copyZones(client: WhmClient, zones: readonly string[], dir: string): Promise<void> {
  const args = Object.fromEntries(zones.map((one, at) => [`zone-${at}`, one]));
  const { payload } = exported.parse(await done(client, whm('export_zone_files', args)));
  for (const { zone, text_b64 } of payload) writeFileSync(join(dir, `${zone}.db`), Buffer.from(text_b64, 'base64'));
}

async function furnish(client: WhmClient, zones: readonly string[], dir: string): Promise<void> {
  mkdirSync(dir);
  for (const some of chunks(zones, accountsAtOnce)) {
    const account = { password: 'Sturdy-horse-42-q', dkim: 0 };
    const calls = some.map((domain) => whm('createacct', { username: domain.split('.')[0] ?? '', domain, ...account }));
    await done(client, batchOf(calls));
    await copyZones(client, some, dir);
  }
}

async function startMaster({ dir, say }: BenchOptions, count: number): Promise<Master> {
  const args: MasterArgs = { id: 'm1', listen: '127.0.1.1', stateDir: join(dir, 'm1') };
  const child: Child<{ readonly kind: 'stop' }, MasterReply> = startChild('../drift/master-process.ts', args);
  const { whmUrl, rootToken, ca } = await child.next('ready');
  const { hostname: connect, port } = new URL(whmUrl);
  const credentials = { kind: 'token', user: 'root', token: rootToken } as const;
  const target = { id: 'm1', hostname: 'm1.example.net', connect, port: Number(port), credentials, concurrency: 4 };
  const log = createLogger({ level: 'silent', redact: [] });
  const client = openWhmClient({ ...target, tls: { kind: 'ca', pem: ca } }, { log });
  const files = join(dir, 'm1-zones');
  const zones = Array.from({ length: count }, (_, at) => `a${String(at).padStart(5, '0')}.example`);
  await furnish(client, zones, files);
  say(`${count} accounts on a master`);
  const bind = await startBind(join(dir, 'm1-bind'), files, zones, false);
  const [rndc, ...before] = bind.rndc;
  return {
    client,
    port: bind.port,
    address: args.listen,
    zones,
    async write(zone, name) {
      const record = {
        domain: zone,
        name: `${name}.${zone}.`,
        class: 'IN',
        ttl: 60,
        type: 'A',
        address: recordAddress,
      };
      await done(client, whm('addzonerecord', record));
      await copyZones(client, [zone], files);
      execFileSync(rndc, [...before, 'reload', zone], { stdio: 'ignore' });
    },
    async close() {
      await client.close();
      await bind.running.end('SIGKILL');
      await child.end();
    },
  };
}

async function pullLater(
  options: BenchOptions,
  { zones, tries }: LaterSizes,
): Promise<Pick<Later, 'pull' | 'pullAll'>> {
  const { dir, say } = options;
  const master = await startMaster(options, zones);
  const [files, own] = [join(dir, 'pull'), join(dir, 'pull-server')];
  const served = await serve('bind', own, files, makeZones(files, 1));
  const { port, running } = served;
  const sources = [{ master: 'm1', client: master.client, dns: { address: '127.0.0.1', port: master.port } }];
  const rest = { publishers: [publisherOf(served, own, files)], sources, ahead: ['m1', 'm2'], threads: 1 };
  try {
    const publish = await openZones({ dir: files, state: join(dir, 'pull-state'), ...rest });
    return await guarded(publish, async () => {
      const all = await secondsUntil(port, master.zones, master.address);
      say(`${zones} zones of a master, none of them known: answered after ${all.toFixed(2)} s`);
      const one = await longest(tries, async (at) => {
        const zone = master.zones[(at * 997) % zones] ?? '';
        await master.write(zone, `late${at}`);
        return await secondsUntil(port, [`late${at}.${zone}`], recordAddress);
      });
      say(`${zones} zones: a record that the master wrote ${one.toFixed(2)} s`);
      return { pull: rounded(one, 2), pullAll: rounded(all, 2) };
    });
  } finally {
    await running.end('SIGKILL');
    await master.close();
  }
}

/** Each by itself. */
export async function laterOf(options: BenchOptions, sizes: LaterSizes): Promise<Later> {
  const guard = await guardLater(options, 'bind', sizes);
  const guardPowerDns = await guardLater(options, 'powerdns', sizes);
  return { zones: sizes.zones, guard, guardPowerDns, ...(await pullLater(options, sizes)) };
}
