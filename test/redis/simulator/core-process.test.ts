import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { simCommand } from '../../../src/simulator/cli.ts';
import { buildScript } from '../../support/process-node.ts';
import { type Client, client } from './core-client.ts';

interface Ready {
  readonly whmUrl: string;
  readonly controlUrl: string;
  readonly rootToken: string;
}

let dir: string;
const children: ChildProcess[] = [];
const clients: Client[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tandem-sim-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const one of clients.splice(0)) one.close();
  rmSync(dir, { recursive: true, force: true });
});

function exited(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

async function start(): Promise<{ readonly child: ChildProcess; readonly ready: Ready; readonly http: Client }> {
  const { script } = await buildScript('core-child');
  const flags = ['--id', 'm1', '--state', dir, '--whm-port', '0', '--cpanel-port', '0'];
  const child = spawn(process.execPath, [script, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('the simulator ended before it was ready')));
  });
  const http = client(readFileSync(join(dir, 'cert.pem'), 'utf8'));
  clients.push(http);
  return { child, ready: JSON.parse(line), http };
}

function create(http: Client, ready: Ready, user: string): Promise<unknown> {
  const args = { 'api.version': '1', username: user, domain: `${user}.example`, password: 'Str0ng-Pass-1!' };
  const headers = { authorization: `whm root:${ready.rootToken}`, 'content-type': 'application/x-www-form-urlencoded' };
  return http.call(`${ready.whmUrl}/json-api/createacct`, new URLSearchParams(args).toString(), { headers });
}

test('killed, it forgets nothing that it answered, and numbers effects on', async () => {
  const first = await start();
  for (const user of ['amy', 'bob', 'cid']) await create(first.http, first.ready, user);
  first.child.kill('SIGKILL');
  await exited(first.child);
  const second = await start();
  expect(second.ready.rootToken).toBe(first.ready.rootToken);
  await create(second.http, second.ready, 'dee');
  const read = async (what: string): Promise<unknown> =>
    (await fetch(`${second.ready.controlUrl}/_sim/${what}`)).json();
  const { accounts } = (await read('state')) as { accounts: Readonly<Record<string, unknown>> };
  expect(Object.keys(accounts)).toEqual(['amy', 'bob', 'cid', 'dee']);
  expect(await read('effects')).toMatchObject({
    effects: ['amy', 'bob', 'cid', 'dee'].map((account, i) => ({ n: i + 1, account })),
  });
  second.child.kill('SIGTERM');
  expect(await exited(second.child)).toBe(0);
});

test('bad flags are named and nothing is started', async () => {
  let [said, heard] = ['', ''];
  const io = {
    stdout: { write: (text: string) => (said += text) },
    stderr: { write: (text: string) => (heard += text) },
    signal: AbortSignal.abort(),
  };
  expect(await simCommand(['--id', 'm1'], io)).toBe(2);
  expect(heard).toContain('state');
  expect(await simCommand(['--id', 'm1', '--state', dir, '--seats', 'many'], io)).toBe(2);
  expect(heard).toContain('seats');
  expect(await simCommand(['--colour'], io)).toBe(2);
  expect(said).toBe('');
});
