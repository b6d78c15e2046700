/** The demo's own BIND on S3 and S4: a real name server for each watcher, ended with the demo. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Unreachable } from '../../errors.ts';
import { askAll } from '../../failover/publish/ask.ts';
import type { Lifecycle } from '../../lifecycle.ts';

/** BIND's own programs, where distributions put them. */
export interface BindPrograms {
  readonly named: string;
  readonly rndc: string;
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return undefined;
}

/** undefined where BIND is not installed. */
export async function findBind(): Promise<BindPrograms | undefined> {
  const places = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/sbin'];
  const [named, rndc] = await Promise.all(
    ['named', 'rndc'].map((name) => firstOf(places.map((dir) => join(dir, name)))),
  );
  return named === undefined || rndc === undefined ? undefined : { named, rndc };
}

export interface NameServerOptions extends BindPrograms {
  /** Own files, absolute. */
  readonly dir: string;
  /** Zone statements, which the watcher keeps. */
  readonly list: string;
  readonly address: string;
  readonly port: number;
  readonly control: { readonly host: string; readonly port: number };
}

function configOf({ dir, list, address, port, control }: NameServerOptions, key: string): string {
  return `${key}
controls { inet ${control.host} port ${control.port} allow { 127.0.0.0/8; } keys { "demo"; }; };
options {
  directory "${dir}"; pid-file none; session-keyfile "${dir}/session.key"; lock-file none;
  listen-on port ${port} { ${address}; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; allow-transfer { none; }; notify no;
};
zone "demo.invalid" { type master; file "${dir}/demo.invalid.db"; };
include "${list}";
`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(hard);
}

/** Starts BIND and waits until it answers. Answers how to steer it. Throws Unreachable with its own last words. */
export async function startNameServer(options: NameServerOptions, lifecycle: Lifecycle): Promise<readonly string[]> {
  const { dir, address, port, control } = options;
  await mkdir(dir, { recursive: true });
  const key = `key "demo" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };`;
  const conf = join(dir, 'named.conf');
  const rndcConf = join(dir, 'rndc.conf');
  const soa = '$TTL 60\n@ IN SOA ns. demo. 1 60 60 60 60\n@ IN NS ns.\n';
  const server = `options { default-key "demo"; default-server ${control.host}; default-port ${control.port}; };`;
  await Promise.all([
    writeFile(options.list, '', { flag: 'a' }),
    writeFile(join(dir, 'demo.invalid.db'), soa),
    writeFile(conf, configOf(options, key), { mode: 0o600 }),
    writeFile(rndcConf, `${key}\n${server}\n`, { mode: 0o600 }),
  ]);
  const child = spawn(options.named, ['-g', '-n', '1', '-c', conf], { stdio: ['ignore', 'ignore', 'pipe'] });
  lifecycle.onClose(`name server ${address}:${port}`, () => stop(child));
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  });
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
  const end = Date.now() + 30_000;
  while (!(await Promise.race([answers(address, port), failed]))) {
    if (child.exitCode !== null || Date.now() > end)
      throw new Unreachable(
        `BIND on ${address}:${port} does not answer: ${said.trim().split('\n').slice(-3).join(' ')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [options.rndc, '-c', rndcConf];
}

async function answers(address: string, port: number): Promise<boolean> {
  const { signal } = new AbortController();
  const ask = { address, port, signal, tries: 1, timeoutMs: 1000 };
  const [heard] = await askAll([{ name: 'demo.invalid', type: 'SOA' }], ask);
  return heard?.kind === 'serial';
}
