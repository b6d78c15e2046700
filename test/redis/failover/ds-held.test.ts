import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lookAtKeys } from '../../../src/failover/commands/keys.ts';
import { commandSchema } from '../../../src/failover/control/schema.ts';
import { type AskMaster, whyHeld } from '../../../src/failover/portal/keys-held.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { whm } from '../../../src/whm/call.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { get } from '../passthrough/ask.ts';
import { type Desk, openDesk, statusOf } from '../passthrough/desk.ts';
import { open, writeZones } from './directory.ts';
import { type KeyMaster, startKeyMaster } from './key-master.ts';
import { type Bind, startBind } from './name-servers.ts';

/** M1 is a simulator that makes keys; S3 and S4 watchers with a BIND each; programs ask the passthrough for DS records. */

const lacking = missing('named');
const zone = 'bob.example';
const path = `/json-api/fetch_ds_records_for_domains?api.version=1&domain=${zone}`;
let base: TempDir;
let master: KeyMaster;
let desk: Desk;
const binds: Bind[] = [];
const watchers = new Map<string, Publish | undefined>();

/** A watcher with its own directory and BIND. */
async function watcher(id: string, carriesKeys: boolean): Promise<Publish> {
  const own = join(base.path, id);
  const [dir, keys] = [join(own, 'zones'), join(own, 'keys')];
  mkdirSync(keys, { recursive: true });
  writeZones(dir, [zone]);
  const bind =
    binds.find(({ name }) => name === id) ?? (await startBind({ name: id, dir: own, zonesDir: dir, zones: [zone] }));
  if (!binds.includes(bind)) binds.push(bind);
  const list = { file: join(own, 'zones.conf'), dir, keys };
  const publisher = bindPublisher({ name: id, servers: [bind], rndc: bind.rndc, list });
  const sources = [{ master: 'm1', client: master.line(), dns: undefined }];
  return await open(own, dir, [publisher], { sources, carriesKeys });
}

beforeAll(async () => {
  base = tempDir('ds-held');
  if (lacking !== undefined) return;
  master = await startKeyMaster({ id: 'm1', base: base.path, listen: '127.0.1.1', zones: [zone] });
  // Watchers are asked as over the network: by what the door would let in.
  const askAll = (command: unknown) =>
    Promise.all(
      [...watchers].map(async ([id, publish]) => {
        const parsed = commandSchema.parse(command);
        if (publish === undefined || parsed.command !== 'keys') return { id, said: 'connection refused' };
        return { id, said: await lookAtKeys({ publish }, parsed) };
      }),
    );
  const ask: AskMaster = (call) => master.client.call(call);
  desk = await openDesk({
    reads: {
      call: async (call) => ({ outcome: await ask(call), master: 'm1' }),
      order: async () => ['m1'],
      status: async () => statusOf(false),
      accounts: async () => ({ rows: [], readAt: '', from: 'm1' }),
    },
    on: (_, call) => ask(call),
    whyKeysHeld: (zones, through) => whyHeld({ askAll }, zones, through),
  });
}, 60_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await desk?.close();
  await master?.close();
  await Promise.all([...watchers.values()].map((one) => one?.close()));
  await Promise.all(binds.map(({ running }) => running.end('SIGTERM')));
  base.remove();
});

async function reason(from = path): Promise<string> {
  const { metadata } = (await get(desk, from)) as { metadata: { result: number; reason: string } };
  return metadata.result === 1 ? 'shown' : metadata.reason;
}

describe('DS records that a master made keys for', () => {
  it('are shown while there are no keys, and where nobody publishes', async () => {
    watchers.set('s3', await watcher('s3', false));
    watchers.set('s4', await watcher('s4', false));
    expect(await reason()).toBe('shown');
  });

  it('are held back with a sentence while a name server does not have the key', async () => {
    await master.call('enable_dnssec_for_domains', { domain: zone, algo_num: 13, key_setup: 'simple' });
    const words =
      /^The DS records are not shown yet\. The keys of bob\.example are not on all name servers yet: s3 does not have key \d+\. It must be given to it by hand/;
    expect(await reason()).toMatch(words);
    // The other ways to the same record, and to the key that it is made of.
    expect(await reason(`${path}&tandem.master=m1`)).toMatch(words);
    const uapi = (fn: string, more = ''): string =>
      `/json-api/uapi_cpanel?api.version=1&cpanel.user=bob&cpanel.module=DNSSEC&cpanel.function=${fn}&domain=${zone}${more}`;
    for (const one of [uapi('fetch_ds_records'), uapi('export_zone_dnskey', '&key_id=1')])
      expect(JSON.stringify(await get(desk, one))).toContain('not shown yet');
    const batch = `/json-api/batch?api.version=1&command=${encodeURIComponent(`fetch_ds_records_for_domains?domain=${zone}`)}`;
    expect(JSON.stringify(await get(desk, batch))).toContain('not shown yet');
  });

  it('are held back while one watcher has given the key and the other is silent, or has not', async () => {
    await watchers.get('s3')?.close();
    watchers.set('s3', await watcher('s3', true));
    expect(await reason()).toMatch(/s4 does not have key/);
    const s4 = watchers.get('s4');
    watchers.set('s4', undefined);
    expect(await reason()).toMatch(/is not known: the watcher s4 does not answer\.$/);
    watchers.set('s4', s4);
  });

  it('are shown once all have it: asking gives it', async () => {
    await watchers.get('s4')?.close();
    watchers.set('s4', await watcher('s4', true));
    expect(await reason()).toBe('shown');
    expect(JSON.stringify(await get(desk, path))).toMatch(/"digest":"[0-9a-f]{64}"/);
  });

  it('are held back while a name server is silent', async () => {
    const [first] = binds;
    await first?.running.end('SIGTERM');
    expect(await reason()).toMatch(/Whether s3 has the keys of bob\.example is not known: it does not answer\.$/);
  });

  it('of nobody’s zone are the master’s to refuse', async () => {
    const other = await master.client.call(whm('fetch_ds_records_for_domains', { domain: 'no.example' }));
    expect(other.kind).toBe('refused');
    expect(await reason(path.replace(zone, 'no.example'))).not.toContain('not shown yet');
  });
});
