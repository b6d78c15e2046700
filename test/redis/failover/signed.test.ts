import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { bindPublisher } from '../../../src/failover/publish/bind.ts';
import type { Publish } from '../../../src/failover/publish/model.ts';
import { signedZones } from '../../../src/failover/publish/signatures.ts';
import { judgeSigned } from '../../../src/roles/doctor-signatures.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { addresses, open, order, writeZones, zoneNames } from './directory.ts';
import { type Bind, startBind } from './name-servers.ts';

const lacking = missing('named') ?? missing('delv');
const [signed = '', plain = ''] = zoneNames(2);
const { signal } = new AbortController();
let base: TempDir;
let three: Bind;
let four: Bind;
let publish: Publish;

/** A BIND that signs the first zone itself, with keys of its own. */
async function signing(name: string, dir: string): Promise<Bind> {
  const own = join(base.path, name);
  mkdirSync(own, { recursive: true });
  const policy = `dnssec-policy default; inline-signing yes; key-directory "${own}";`;
  const statements = [signed, plain].map(
    (zone) => `zone "${zone}" { type master; file "${dir}/${zone}.db"; ${zone === signed ? policy : ''} };`,
  );
  return await startBind({ name, dir: own, zonesDir: dir, zones: [signed, plain], statements: statements.join('\n') });
}

async function keys(bind: Bind): Promise<readonly string[]> {
  const [heard] = await askAll([{ name: signed, type: 'DNSKEY' }], { ...bind, signal });
  return heard?.kind === 'values' ? heard.values : [];
}

/** What a resolver that checks signatures says, trusting the zone's own key. */
async function validated(bind: Bind): Promise<string> {
  const anchors = (await keys(bind)).map((key) => {
    const [flags = '', algorithm = '', data = ''] = key.split(' ');
    return `"${signed}." static-key ${flags} 3 ${algorithm} "${data}";`;
  });
  const file = join(base.path, 'anchors');
  writeFileSync(file, `trust-anchors { ${anchors.join('\n')} };\n`);
  const args = ['@127.0.0.1', '-p', String(bind.port), '-a', file, `+root=${signed}.`, signed, 'A'];
  const { stdout, stderr } = spawnSync('delv', args, { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

beforeAll(async () => {
  base = tempDir('signed');
  if (lacking !== undefined) return;
  const dirs = ['s3-zones', 's4-zones'].map((name) => join(base.path, name));
  for (const dir of dirs) writeZones(dir, [signed, plain]);
  [three, four] = await Promise.all([signing('s3', dirs[0] ?? ''), signing('s4', dirs[1] ?? '')]);
  const servers = [three, four];
  publish = await open(base.path, dirs[0] ?? '', [bindPublisher({ name: 'bind', servers, rndc: three.rndc })], {
    patienceMs: 1000,
    pushes: 1,
  });
  await vi.waitFor(
    async () => {
      for (const bind of servers) expect(await keys(bind)).not.toEqual([]);
    },
    { timeout: 60_000, interval: 200 },
  );
}, 120_000);
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await publish?.close();
  await Promise.all([three?.running.end('SIGTERM'), four?.running.end('SIGTERM')]);
  base.remove();
});

describe('zones that their name servers sign', () => {
  it('with different keys are named before a switch; unsigned ones are not', async () => {
    const { reports } = await publish.predict(order(1, 'm2'));
    const about = reports.filter(({ report }) => report.kind === 'signed');
    expect(about.map(({ zone }) => zone)).toEqual([signed]);
    expect(about[0]?.report.message).toContain('s3 and s4 sign it with different keys');
  });

  it('are told by the doctor, with what is wrong; each server by itself signs in time', async () => {
    const found = async (servers: readonly Bind[], now = Date.now()) =>
      judgeSigned(2, await signedZones(servers, [signed, plain], now, signal));
    expect(await found([three, four])).toMatchObject([
      { state: 'failed', sentence: expect.stringContaining('s3 and s4 sign it with different keys') },
    ]);
    expect(await found([three])).toMatchObject([
      { state: 'ok', sentence: expect.stringContaining('1 zone is signed') },
    ]);
    const late = await found([three], Date.now() + 60 * 86_400_000);
    expect(late).toMatchObject([{ state: 'failed', sentence: expect.stringContaining('and was not renewed') }]);
    expect(judgeSigned(2, await signedZones([three], [plain], Date.now(), signal))).toMatchObject([
      { state: 'ok', sentence: 'None of 2 zones is signed by its name servers.' },
    ]);
  });

  it('answer a new address that a validating resolver accepts', async () => {
    expect(await validated(three)).toMatch(
      new RegExp(`; fully validated[\\s\\S]*${addresses.m1.replaceAll('.', '\\.')}`),
    );
    await publish.bring(order(1, 'm2'), signal);
    await vi.waitFor(
      async () =>
        expect(await validated(three)).toMatch(
          new RegExp(`; fully validated[\\s\\S]*${addresses.m2.replaceAll('.', '\\.')}`),
        ),
      { timeout: 60_000, interval: 500 },
    );
  }, 120_000);
});
