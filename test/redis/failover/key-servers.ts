import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { askAll } from '../../../src/failover/publish/ask.ts';
import { keyTagOf, wireName } from '../../../src/failover/publish/dnssec.ts';
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

/** The line of a key. */
export function keyLine(letter: string, algorithm = 13): string {
  return `@ IN DNSKEY 257 3 ${algorithm} ${keyData(letter)}`;
}
