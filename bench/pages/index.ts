/** How soon the portal's pages answer with 10,000 accounts on the masters: the first byte, and the whole page. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { visitor } from '../../test/support/browser-less.ts';
import { freePort } from '../../test/support/processes.ts';
import { type Child, startChild } from '../fanout/child.ts';
import { type Master, startMaster } from '../passthrough/index.ts';
import { type Bench, type BenchOptions, type BenchResult, median, quantile, rounded, table } from '../result.ts';
import type { PagesArgs, PagesReply } from './tandem-process.ts';

type Nothing = { kind: 'nothing' };

const pages = [
  '/accounts',
  '/accounts?q=a99',
  '/accounts/a5000',
  '/search?q=a777',
  '/operations',
  '/packages',
  '/masters',
  '/audit',
  '/actions/account.create',
  '/functions',
] as const;

interface Timed {
  readonly firstMs: number;
  readonly wholeMs: number;
  readonly bytes: number;
}

interface Site {
  readonly port: number;
  readonly ca: string;
  readonly cookie: string;
  readonly agent: Agent;
}

function timed(site: Site, path: string): Promise<Timed> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const { port, ca, cookie, agent } = site;
    const sent = request({ host: '127.0.0.1', port, ca, path, agent, headers: { cookie } }, (answer) => {
      let firstMs = 0;
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        if (firstMs === 0) firstMs = performance.now() - begun;
        bytes += chunk.length;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve({ firstMs, wholeMs: performance.now() - begun, bytes });
        else reject(new Error(`${path} answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function startTandem(dir: string, masters: readonly Master[], password: string) {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const [portal, metrics, whmPort, cpanelPort] = ports;
  const host = '127.0.0.1';
  const configFile = join(dir, 'tandem.yaml');
  const settings = {
    ...{ node: 'bench', stateDir: join(dir, 'state'), masters: masters.map((one) => one.settings) },
    ...{ portal: { host, port: portal }, metrics: { host, port: metrics }, passthrough: { host, whmPort, cpanelPort } },
  };
  writeFileSync(configFile, stringify(settings));
  const args: PagesArgs = { configFile, password };
  const child: Child<Nothing, PagesReply> = startChild('../pages/tandem-process.ts', args);
  return { child, ready: await child.next('ready') };
}

async function signIn(ready: PagesReply, password: string): Promise<Site> {
  const person = visitor(`https://127.0.0.1:${ready.port}`, ready.ca);
  await person.get('/sign-in');
  const page = await person.post('/sign-in', { name: 'ana', password });
  if (page.status !== 303) throw new Error(`nobody could sign in: ${page.status}`);
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return { port: ready.port, ca: ready.ca, cookie, agent: new Agent({ keepAlive: true, maxSockets: 1 }) };
}

async function measured(site: Site, rounds: number): Promise<ReadonlyMap<string, Timed[]>> {
  const found = new Map<string, Timed[]>(pages.map((path) => [path, []]));
  // Round by round, so that the machine's moods meet all pages alike.
  for (let round = 0; round < rounds; round += 1)
    for (const path of pages) found.get(path)?.push(await timed(site, path));
  return found;
}

function report(found: ReadonlyMap<string, Timed[]>, options: BenchOptions, accounts: number): BenchResult {
  const all = [...found.values()].flat();
  const lines = [...found].map(([path, times]) => [
    path,
    ...[0.5, 0.95].map((share) =>
      quantile(
        times.map((one) => one.firstMs),
        share,
      ).toFixed(1),
    ),
    quantile(
      times.map((one) => one.wholeMs),
      0.5,
    ).toFixed(1),
    String(Math.round((times[0]?.bytes ?? 0) / 1024)),
  ]);
  options.say(table([['', 'first byte p50 ms', 'p95 ms', 'whole p50 ms', 'kB'], ...lines]));
  const slowest = Math.max(...[...found.values()].map((times) => median(times.map((one) => one.firstMs))));
  return {
    first_byte_ms_p50: rounded(median(all.map((one) => one.firstMs))),
    first_byte_ms_p50_slowest_page: rounded(slowest),
    whole_ms_p50: rounded(median(all.map((one) => one.wholeMs))),
    accounts,
    pages: pages.length,
    rounds: found.get('/accounts')?.length ?? 0,
    faults: 0,
  };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const accounts = Number(options.settings['accounts'] ?? 10_000);
  const password = randomBytes(18).toString('base64url');
  const stops: (() => Promise<void>)[] = [];
  try {
    const masters = await Promise.all(['m1', 'm2'].map((id) => startMaster(id, options.dir, accounts)));
    stops.push(...masters.map((one) => () => one.child.end()));
    const { child, ready } = await startTandem(options.dir, masters, password);
    stops.push(() => child.end());
    const site = await signIn(ready, password);
    // The first page of a fresh process compiles views and waits for the first list.
    for (const path of pages) await timed(site, path);
    const found = await measured(site, options.quick ? 8 : 40);
    site.agent.destroy();
    return report(found, options, accounts);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

export const pagesBench: Bench = {
  about: 'first byte and whole page of the portal’s ten main pages, 10,000 accounts',
  run,
};
