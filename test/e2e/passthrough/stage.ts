import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type Addresses, startWeb } from '../../../src/roles/web.ts';
import { heal, type PairOptions, quick, root, startPair, type TestPair } from '../../support/pair.ts';
import { freePort } from '../../support/processes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  json(): Record<string, unknown> & { data: never; metadata: never };
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly port?: number;
}

/** Tandem's two ports before two simulated masters: everything real but the masters. */
export interface Stage {
  readonly pair: TestPair;
  readonly web: Addresses;
  readonly caFile: string;
  readonly ca: string;
  readonly rootToken: string;
  /** As the token of root on WHM's port, unless told otherwise. */
  whm(path: string, ask?: Ask): Promise<Answer>;
  cpanel(path: string, ask?: Ask): Promise<Answer>;
  /** Does an action and waits until all masters have it. */
  perform(action: string, params: Record<string, unknown>): Promise<void>;
  /** Takes the faults off both masters and waits until both are known to be reachable. */
  healed(): Promise<void>;
  close(): Promise<void>;
}

export function form(values: Readonly<Record<string, string>>): Ask {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(values).toString(),
  };
}

function send(ca: string, port: number, path: string, ask: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, ca, method: ask.method ?? 'GET', headers: { ...ask.headers } };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, text, json: () => JSON.parse(text) });
      });
    });
    sent.on('error', reject);
    sent.end(ask.body);
  });
}

/** Starts it with a package, an account `bob` that root owns, and a token of root. */
export async function openStage(
  own: Pick<PairOptions, 'each'> & { readonly timing?: Record<string, unknown> } = {},
): Promise<Stage> {
  const [portal, metrics, whmPort, cpanelPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const host = '127.0.0.1';
  const { timing, ...each } = own;
  const pair = await startPair({
    ...each,
    config: {
      timing: { ...quick, waitSeconds: 30, ...timing },
      portal: { host, port: portal },
      metrics: { host, port: metrics },
      passthrough: { host, whmPort, cpanelPort },
    },
  });
  const web = await startWeb(pair.core, 'test');
  const caFile = join(pair.dir, 'state', 'cert.pem');
  const ca = await readFile(caFile, 'utf8');
  const { token } = await pair.core.auth.tokenCreate({ owner: 'root', label: 'test', acl: ['all'] });
  const authorization = `whm root:${token}`;
  async function perform(action: string, params: Record<string, unknown>): Promise<void> {
    const accepted = await pair.core.operations.accept({ action, params, actor: root, door: 'system' });
    const ended = await pair.core.operations.wait(accepted.id, 'final', 30_000);
    if (ended.state !== 'done') throw new Error(`${action} ended as ${ended.state}: ${JSON.stringify(ended.legs)}`);
  }
  await perform('package.add', { name: 'gold', quotaMb: 1000 });
  await perform('account.create', { account: 'bob', domain: 'bob.example', plan: 'gold' });
  return {
    pair,
    web,
    ca,
    caFile,
    rootToken: token,
    perform,
    whm: (path, ask = {}) =>
      send(ca, ask.port ?? web.whm.port, path, { ...ask, headers: { authorization, ...ask.headers } }),
    cpanel: (path, ask = {}) => send(ca, ask.port ?? web.cpanel.port, path, ask),
    async healed() {
      await Promise.all([heal(pair.m1), heal(pair.m2)]);
      await vi.waitFor(async () => {
        const { masters } = await pair.core.reads.status();
        expect(masters.map((m) => m.state)).toEqual(['reachable', 'reachable']);
      }, 20_000);
    },
    close: () => pair.close(),
  };
}
