/** Opening a TLS listener, and saying who holds the port when it is taken. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer as createPlain } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { selfSigned } from '../certificates.ts';
import type { Config } from '../config.ts';
import { Invalid } from '../errors.ts';
import type { Lifecycle } from '../lifecycle.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** Where the self-signed certificate lies once it was made. */
export function ownCertificateFile(config: Config): string {
  return join(config.stateDir, 'cert.pem');
}

/** The configured certificate, or a self-signed one that is made once and kept beside the journal. */
export async function tlsOf(config: Config): Promise<Tls> {
  if (config.tls.kind === 'files') return config.tls;
  const files = { cert: ownCertificateFile(config), key: join(config.stateDir, 'cert.key') };
  try {
    return { cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') };
  } catch {
    // Not there yet: the first start makes it.
  }
  const made = await selfSigned({ names: ['localhost', config.portal.host, config.node], days: 825 });
  await mkdir(config.stateDir, { recursive: true });
  await writeFile(files.key, made.key, { mode: 0o600 });
  await writeFile(files.cert, made.cert);
  return made;
}

/** Listens with TLS. Throws Invalid that names the holder of a taken port. */
export function listenTls(
  lifecycle: Lifecycle,
  name: string,
  where: Listening,
  tls: Tls,
  app: RequestListener,
  options: ServerOptions = {},
): Promise<Listening> {
  return listen(lifecycle, name, where, createServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, app));
}

/** Listens without TLS: for loopback only. */
export function listenPlain(
  lifecycle: Lifecycle,
  name: string,
  where: Listening,
  app: RequestListener,
): Promise<Listening> {
  return listen(lifecycle, name, where, createPlain(app));
}

/** Listens with a server that was made already. Throws Invalid that names the holder of a taken port. */
export function listenServer(lifecycle: Lifecycle, name: string, where: Listening, server: Server): Promise<Listening> {
  return listen(lifecycle, name, where, server);
}

type Server = ReturnType<typeof createServer> | ReturnType<typeof createPlain>;

async function listen(lifecycle: Lifecycle, name: string, where: Listening, server: Server): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error);
      void portError(name, where, error.code).then(reject);
    });
    server.listen(where.port, where.host, resolve);
  });
  lifecycle.onClose(name, () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return { host: where.host, port };
}

/**
 * Throws Invalid when nobody can listen there just now: said before anything else is touched. What comes in between
 * is found by the listening itself.
 */
export async function assertFree(name: string, where: Listening): Promise<void> {
  const probe = createPlain();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => void portError(name, where, error.code).then(reject));
    probe.listen(where.port, where.host, () => probe.close(() => resolve()));
  });
}

async function portError(name: string, where: Listening, code: string | undefined): Promise<Invalid> {
  const at = `${where.host}:${where.port}`;
  if (code === 'EACCES')
    return new Invalid(`${name}: this user may not listen on ${at}`, [
      { path: name, message: 'a port below 1024 needs root or a capability' },
    ]);
  const who = (await holderOf(where)) ?? 'another process';
  return new Invalid(`${name}: ${at} is taken by ${who}`, [
    { path: name, message: 'choose another address or port in tandem.yaml, or stop that process' },
  ]);
}

/** 'cpsrvd (pid 123)', read from `ss`; undefined when it cannot be told. The same port of another address is not meant. */
async function holderOf(where: Listening): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ss', ['-Hltnp', `sport = :${where.port}`]);
    const any = ['0.0.0.0', '*', '[::]'];
    const own = new Set([where.host, `[${where.host}]`, ...any].map((host) => `${host}:${where.port}`));
    const line = stdout.split('\n').find((one) => own.has(one.trim().split(/\s+/)[3] ?? ''));
    const found = /users:\(\("([^"]+)",pid=(\d+)/.exec(line ?? '');
    const [, thread = '', pid = ''] = found ?? [];
    return found === null ? undefined : `${await programOf(pid, thread)} (pid ${pid})`;
  } catch {
    // No ss on this machine: the message does without the name.
    return undefined;
  }
}

/** The program's file: a process may call its first thread anything, as Node 24 does ('MainThread'). */
async function programOf(pid: string, thread: string): Promise<string> {
  const file = await readlink(`/proc/${pid}/exe`).catch(() => thread);
  return basename(file.replace(/ \(deleted\)$/, ''));
}
