/** Two simulated masters behind the whole of Tandem: worker, portal, JSON API and passthrough on ports of their own. */
import { execFile } from 'node:child_process';
import { request } from 'node:https';
import { type Browser, chromium } from 'playwright-core';
import { tlsOf } from '../../src/roles/listen.ts';
import { startWeb } from '../../src/roles/web.ts';
import { type PairOptions, startPair, type TestPair } from './pair.ts';
import { password } from './portal.ts';
import { freePort } from './processes.ts';

export const chromiumPath = '/usr/bin/chromium-headless-shell';

export interface Doors extends TestPair {
  readonly portalUrl: string;
  readonly whmUrl: string;
  /** Tandem's own certificate, PEM. */
  readonly certificate: string;
  /** Of root, for the passthrough and the JSON API. */
  readonly token: string;
}

/** Ana, an owner, may sign in with the tests' password. */
export async function startDoors(options: PairOptions = {}): Promise<Doors> {
  const [portal, whmPort, cpanelPort, metrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const pair = await startPair({
    ...options,
    config: {
      // Its name is for passkeys, which are bound to none that is an address. Nobody undoes anything: it begins at once.
      portal: { host: '127.0.0.1', port: portal, url: `https://localhost:${portal}`, undoSeconds: 0 },
      passthrough: { host: '127.0.0.1', whmPort, cpanelPort },
      metrics: { host: '127.0.0.1', port: metrics },
      ...options.config,
    },
  });
  await startWeb(pair.core, '0.0.0');
  await pair.core.auth.personAdd({ name: 'ana', role: 'owner', password });
  const { token } = await pair.core.auth.tokenCreate({ owner: 'root', label: 'doors', acl: ['all'] });
  const { cert } = await tlsOf(pair.config);
  return {
    ...pair,
    portalUrl: `https://127.0.0.1:${portal}`,
    whmUrl: `https://127.0.0.1:${whmPort}`,
    certificate: cert,
    token,
  };
}

/**
 * Debian's Chromium as it is without windows, which needs half as much of the processor as one whose window is hidden,
 * and without anything that it does for itself. No page lives long enough to earn back what optimizing its scripts costs.
 */
export function startBrowser(): Promise<Browser> {
  const flags = 'no-sandbox disable-gpu disable-quic no-first-run disable-background-networking';
  const more = 'disable-component-update disable-sync js-flags=--no-opt,--no-maglev';
  return chromium.launch({
    executablePath: chromiumPath,
    args: `${flags} ${more}`.split(' ').map((flag) => `--${flag}`),
  });
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program run to its end; its exit code is an answer, not a failure. */
export function finished(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: 50_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One request of the JSON API with root's token. */
export function askApi(doors: Doors, method: string, path: string, body?: object): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${doors.token}`, 'content-type': 'application/json' };
    const sent = request(
      new URL(`/api/v1${path}`, doors.portalUrl),
      { method, ca: doors.certificate, headers },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: res.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? '' : JSON.stringify(body));
  });
}
