import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import type { Simulator } from '../../../src/simulator/index.ts';
import { type Bind, startBind } from '../../redis/failover/name-servers.ts';
import { fault } from '../../support/pair.ts';
import { freePort, missing, type Running, run, untilReady } from '../../support/processes.ts';
import { openStage, type Stage } from './stage.ts';

/** certbot proves a domain to an ACME server (pebble), which asks BIND; every record goes through Tandem. */
const note = missing('certbot') ?? missing('pebble') ?? missing('named');
const zone = 'bob.example';

let stage: Stage;
let dir = '';
let bind: Bind | undefined;
let pebble: Running | undefined;
let acme = 0;

/** What an administrator's hook does, in Node: a record by addzonerecord, away again by its line, the certificate installed. */
const hook = `
import { request } from 'node:https';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
const { TANDEM_PORT, TANDEM_TOKEN, TANDEM_CA, ZONE_FILE, RNDC, CERTBOT_VALIDATION: value, RENEWED_LINEAGE } = process.env;
const zone = '${zone}';
const ca = readFileSync(TANDEM_CA);
function whm(fn, args) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'whm root:' + TANDEM_TOKEN, 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request({ host: '127.0.0.1', port: TANDEM_PORT, path: '/json-api/' + fn, method: 'POST', ca, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (more) => (text += more));
      answer.on('end', () => {
        const body = JSON.parse(text);
        if (body.metadata?.result === 1) resolve(body.data);
        else reject(new Error(fn + ': ' + text));
      });
    });
    sent.on('error', reject);
    sent.end(new URLSearchParams({ 'api.version': '1', ...args }).toString());
  });
}
async function publish() {
  const { payload } = await whm('export_zone_files', { zone });
  writeFileSync(ZONE_FILE, Buffer.from(payload[0].text_b64, 'base64'));
  execFileSync(JSON.parse(RNDC)[0], [...JSON.parse(RNDC).slice(1), 'reload', zone]);
}
if (process.argv[2] === 'auth') {
  await whm('addzonerecord', { domain: zone, name: '_acme-challenge', type: 'TXT', txtdata: value, ttl: '60', class: 'IN' });
  await publish();
}
if (process.argv[2] === 'cleanup') {
  const { zone: [found] } = await whm('dumpzone', { domain: zone });
  const mine = found.record.find((r) => r.type === 'TXT' && r.txtdata === value);
  await whm('removezonerecord', { zone, line: String(mine.Line) });
}
if (process.argv[2] === 'deploy') {
  const file = (name) => readFileSync(RENEWED_LINEAGE + '/' + name, 'utf8');
  await whm('installssl', { domain: zone, crt: file('cert.pem'), key: file('privkey.pem'), cab: file('chain.pem') });
}
`;

beforeAll(async () => {
  if (note !== undefined) return;
  stage = await openStage();
  ({ dir } = stage.pair);
  const zonesDir = join(dir, 'zones');
  mkdirSync(zonesDir);
  const exported = (await stage.whm(`/json-api/export_zone_files?api.version=1&zone=${zone}`)).json();
  const [first] = (exported.data as { payload: { text_b64: string }[] }).payload;
  writeFileSync(join(zonesDir, `${zone}.db`), Buffer.from(first?.text_b64 ?? '', 'base64'));
  bind = await startBind({ name: 'ns', dir: join(dir, 'bind'), zonesDir, zones: [zone] });
  await startPebble(bind.port);
  writeFileSync(join(dir, 'hook.mjs'), hook);
});
afterAll(async () => {
  await pebble?.end('SIGTERM');
  await bind?.running.end('SIGTERM');
  if (note === undefined) await stage.close();
});
afterEach(async () => {
  if (note === undefined) await stage.healed();
});

async function startPebble(dns: number): Promise<void> {
  const { cert, key } = await selfSigned({ names: ['localhost', '127.0.0.1'], days: 1 });
  const at = (name: string) => join(dir, name);
  writeFileSync(at('acme.pem'), cert);
  writeFileSync(at('acme.key'), key, { mode: 0o600 });
  acme = await freePort();
  const own = {
    listenAddress: `127.0.0.1:${acme}`,
    managementListenAddress: `127.0.0.1:${await freePort()}`,
    certificate: at('acme.pem'),
    privateKey: at('acme.key'),
    httpPort: await freePort(),
    tlsPort: await freePort(),
  };
  writeFileSync(at('pebble.json'), JSON.stringify({ pebble: own }));
  const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' };
  pebble = run('pebble', ['-config', at('pebble.json'), '-dnsserver', `127.0.0.1:${dns}`], { env });
  const seen = pebble;
  await untilReady(pebble, async () => seen.output().includes('ACME directory available'));
}

async function certbot(...args: readonly string[]): Promise<void> {
  const step = (name: string) => `${process.execPath} ${join(dir, 'hook.mjs')} ${name}`;
  const folders = ['config', 'work', 'logs'].flatMap((name) => [`--${name}-dir`, join(dir, 'certbot', name)]);
  const hooks = ['--manual-auth-hook', step('auth'), '--manual-cleanup-hook', step('cleanup')];
  const server = ['--server', `https://127.0.0.1:${acme}/dir`, '--deploy-hook', step('deploy')];
  const env = {
    ...process.env,
    REQUESTS_CA_BUNDLE: join(dir, 'acme.pem'),
    TANDEM_PORT: String(stage.web.whm.port),
    TANDEM_TOKEN: stage.rootToken,
    TANDEM_CA: stage.caFile,
    ZONE_FILE: join(dir, 'zones', `${zone}.db`),
    RNDC: JSON.stringify(bind?.rndc ?? []),
  };
  await promisify(execFile)('certbot', [...args, '-n', '--manual', ...hooks, ...server, ...folders], { env });
}

const ask = ['--agree-tos', '-m', `admin@${zone}`, '--preferred-challenges', 'dns', '-d', zone, '-d', `*.${zone}`];

/** The certificate that a simulated master has for the domain. */
function installed(sim: Simulator): string {
  const hosts = Object.values(sim.engine.state.dump()['ssl-hosts'] ?? {});
  return JSON.stringify(hosts);
}

function challenges(sim: Simulator): number {
  const zones = sim.engine.state.dump()['zones']?.[zone];
  return JSON.stringify(zones).split('_acme-challenge').length - 1;
}

const issued = () => new X509Certificate(readFileSync(join(dir, 'certbot', 'config', 'live', zone, 'cert.pem')));

it('gets a certificate for a domain and its wildcard, and leaves no record behind on either master', async (context) => {
  if (note !== undefined) return context.skip(note);
  await certbot('certonly', ...ask);
  expect(issued().subjectAltName).toContain(`DNS:*.${zone}`);
  await vi.waitFor(
    () => {
      expect([challenges(stage.pair.m1), challenges(stage.pair.m2)]).toEqual([0, 0]);
      expect(installed(stage.pair.m1)).toContain(zone);
      expect(installed(stage.pair.m2)).toContain(zone);
    },
    { timeout: 20_000 },
  );
});

/** The lead down tells more than the follower down; both when there is time. */
const downs = Number(process.env['TANDEM_TEST_SEEDS'] ?? 2) > 2 ? (['m1', 'm2'] as const) : (['m1'] as const);

it.each(downs)('renews it with %s down, which follows when it is back', async (id) => {
  const { pair } = stage;
  const before = issued().serialNumber;
  await fault(pair.sims[id] ?? pair.m1, { kind: 'down', function: '*' });
  await certbot('renew', '--force-renewal', '--no-random-sleep-on-renew');
  expect(issued().serialNumber).not.toBe(before);
  await stage.healed();
  await vi.waitFor(
    () => {
      expect([challenges(pair.m1), challenges(pair.m2)]).toEqual([0, 0]);
      expect(installed(pair.m1)).toBe(installed(pair.m2));
    },
    { timeout: 20_000 },
  );
});
