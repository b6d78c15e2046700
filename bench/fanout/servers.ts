import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned } from '../../src/certificates.ts';
import type { LoggedCall } from './call-log.ts';
import { type Child, startChild } from './child.ts';

export interface ServerArgs {
  readonly cert: string;
  readonly key: string;
  readonly answerMs: number;
}

export type ServerMessage =
  | { readonly kind: 'reset' }
  | { readonly kind: 'count' }
  | { readonly kind: 'log'; readonly file: string };

export type ServerReply =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'log' }
  | { readonly kind: 'count'; readonly effects: number; readonly mostBusy: number };

/** How a client finds and trusts one of the servers. */
export interface Target {
  readonly id: string;
  readonly hostname: string;
  readonly port: number;
  readonly ca: string;
}

export interface BenchServer {
  readonly target: Target;
  reset(): Promise<void>;
  count(): Promise<{ readonly effects: number; readonly mostBusy: number }>;
  /** Every call since the last reset, in the order of the answers. */
  log(): Promise<readonly LoggedCall[]>;
  stop(): Promise<void>;
}

async function startServer(id: string, dir: string, answerMs: number): Promise<BenchServer> {
  const hostname = `${id}.bench.example`;
  const { cert, key } = await selfSigned({ names: [hostname], days: 1 });
  const args: ServerArgs = { cert, key, answerMs };
  const child: Child<ServerMessage, ServerReply> = startChild('./server-process.ts', args);
  const { port } = await child.next('ready');
  async function ask<K extends ServerReply['kind']>(message: ServerMessage, kind: K) {
    const reply = child.next(kind);
    child.send(message);
    return reply;
  }
  return {
    target: { id, hostname, port, ca: cert },
    reset: async () => void (await ask({ kind: 'reset' }, 'reset')),
    count: () => ask({ kind: 'count' }, 'count'),
    async log() {
      const file = join(dir, `log-${id}.json`);
      await ask({ kind: 'log', file }, 'log');
      return JSON.parse(readFileSync(file, 'utf8')) as readonly LoggedCall[];
    },
    stop: () => child.end(),
  };
}

/** Two servers, each in its own process, as data centres are. */
export function startServers(dir: string, answerMs: number): Promise<readonly BenchServer[]> {
  return Promise.all(['m1', 'm2'].map((id) => startServer(id, dir, answerMs)));
}

/** Changes that have been made on all servers together. */
export async function effects(servers: readonly BenchServer[]): Promise<number> {
  const counts = await Promise.all(servers.map((server) => server.count()));
  return counts.reduce((sum, count) => sum + count.effects, 0);
}
