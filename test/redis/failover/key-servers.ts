import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import { expect, vi } from 'vitest';
import { askAll, askPackets } from '../../../src/failover/publish/ask.ts';
import { keyTagOf, wireName } from '../../../src/failover/publish/dnssec.ts';
import type { NameServer } from '../../../src/failover/publish/publisher.ts';
import { freePort } from '../../support/processes.ts';
import { type Bind, startBind } from './name-servers.ts';

/** BINDs that show keys which stand in their files, and the zone above with its DS records: no signatures. */

const { signal } = new AbortController();

/** A key's data as base64, one for each letter; of 64 octets, as ECDSA's on P-256 are. */
export function keyData(letter: string): string {
  return Buffer.alloc(64, letter).toString('base64');
}

/** A DS record's line that names this key. */
export function dsLine(zone: string, letter: string, algorithm = 13): string {
  const rdata = Buffer.concat([Buffer.from([1, 1, 3, algorithm]), Buffer.from(keyData(letter), 'base64')]);
  const digest = createHash('sha256').update(wireName(zone)).update(rdata).digest('hex');
  return `${zone}. IN DS ${keyTagOf(rdata)} ${algorithm} 2 ${digest}`;
}

let serial = 1;

export interface KeyServer {
  readonly server: Bind;
  /** Replaces the zone's own lines, and waits until they are answered. */
  say(zone: string, lines: readonly string[]): Promise<void>;
}

/** A BIND with these zones and nothing special in them. */
export async function keyServer(base: string, name: string, zones: readonly string[]): Promise<KeyServer> {
  const zonesDir = join(base, `${name}-zones`);
  mkdirSync(zonesDir, { recursive: true });
  const write = (zone: string, lines: readonly string[]): void => {
    const text = `$TTL 60\n@ IN SOA ns.${zone}. root ${serial} 60 60 600 60\n@ IN NS ns.${zone}.\nns IN A 127.0.0.1\n`;
    writeFileSync(join(zonesDir, `${zone}.db`), `${text}${lines.join('\n')}\n`);
  };
  for (const zone of zones) write(zone, []);
  const server = await startBind({ name, dir: join(base, name), zonesDir, zones });
  return {
    server,
    async say(zone, lines) {
      serial += 1;
      write(zone, lines);
      const [program, ...args] = server.rndc;
      execFileSync(program, [...args, 'reload', zone], { stdio: 'pipe' });
      await vi.waitFor(async () => {
        const [heard] = await askAll([{ name: zone, type: 'SOA' }], { ...server, signal });
        expect(heard).toEqual({ kind: 'serial', serial });
      });
    },
  };
}

/** What stands before a server: over UDP it answers the first record alone, cut off; over TCP as the server does. */
export async function cutServer(server: Bind): Promise<NameServer & { close(): void }> {
  const port = await freePort();
  const udp = createSocket('udp4', async (bytes, { port: back, address }) => {
    const { id = 0, questions = [] } = decode(bytes);
    const [asked] = questions;
    const [packet] = await askPackets([{ name: asked?.name ?? '', type: 'DNSKEY' }], { ...server, signal });
    const answers = (packet?.answers ?? []).slice(0, 1);
    udp.send(encode({ type: 'response', id, flags: TRUNCATED_RESPONSE, questions, answers }), back, address);
  });
  const tcp = createServer((socket) => {
    const on = connect(server.port, '127.0.0.1');
    socket.on('error', () => on.destroy());
    on.on('error', () => socket.destroy());
    socket.pipe(on).pipe(socket);
  });
  await Promise.all([once(udp.bind(port, '127.0.0.1'), 'listening'), once(tcp.listen(port, '127.0.0.1'), 'listening')]);
  return {
    ...{ name: 'cut', address: '127.0.0.1', port, keepsSerial: true },
    close() {
      udp.close();
      tcp.close();
    },
  };
}

/** The line of a key. */
export function keyLine(letter: string, algorithm = 13): string {
  return `@ IN DNSKEY 257 3 ${algorithm} ${keyData(letter)}`;
}
