import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ZoneKey } from '../../whm/zone-keys.ts';
import { inFlight } from '../apply/files.ts';
import { runProgram } from './program.ts';
import type { NameServer, Publisher, PushFailure } from './publisher.ts';
import { listFor } from './zone-list.ts';

export interface PowerDnsBindOptions {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** The program and what comes before the command: [`pdns_control`, `--socket-dir=/run/pdns`]. */
  readonly control: readonly [string, ...string[]];
  /** The same of `pdnsutil`, which writes keys; undefined: no key is taken in here. */
  readonly util?: readonly [string, ...string[]] | undefined;
  /** Zones a call. */
  readonly perCall?: number;
  readonly list?: { readonly file: string; readonly dir: string };
}

/** 'cust.example: [rejected] …' → the zone and the words. */
export function rejections(output: string): readonly PushFailure[] {
  return output.split('\n').flatMap((line) => {
    const found = /^\s*([^\s:]+?)\.?:\s*(?:\[rejected\]|.*\brejected\b)\s*(.*)$/i.exec(line);
    return found === null ? [] : [{ zone: found[1] ?? '', reason: (found[2] ?? '').trim() || 'rejected' }];
  });
}

/** 'shop.example  CSK  Act Pub 256  ECDSAP256SHA256 1  cryptokeys  59297': the last number is the key's tag. */
function hasKey(listed: string, { zone, tag }: ZoneKey): boolean {
  return listed.split('\n').some((line) => {
    const told = /\scryptokeys\s+(\d+)/.exec(line)?.[1];
    return line.split(/\s/)[0]?.replace(/\.$/, '') === zone && Number(told) === tag;
  });
}

/** The key lies in a file of its own for as long as it is read. */
async function importByUtil(
  [command, ...before]: readonly [string, ...string[]],
  key: ZoneKey,
  secret: string,
  signal: AbortSignal,
): Promise<void> {
  const util = (...args: string[]): Promise<string> => runProgram(command, [...before, ...args], { signal });
  if (hasKey(await util('list-keys', key.zone), key)) return;
  const dir = await mkdtemp(join(tmpdir(), 'tandem-key-'));
  try {
    const file = join(dir, 'key');
    await writeFile(file, secret, { mode: 0o600 });
    await util('import-zone-key', key.zone, file, 'active', key.type);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * A zone directory that PowerDNS reads by its bind backend, cPanel's default. Only `bind-reload-now`, in calls of a few
 * hundred zones: `reload` parses each zone at its next question, and under load the questions that wait make the server
 * end itself (seen with 4.7.3). A zone that is refused goes on being served as it was.
 */
export function powerDnsBindPublisher(options: PowerDnsBindOptions): Publisher {
  const [command, ...before] = options.control;
  const control = (args: readonly string[], signal: AbortSignal): Promise<string> =>
    runProgram(command, [...before, ...args], { signal, timeoutMs: 120_000 });
  const { perCall = 300, list, util } = options;
  return {
    name: options.name,
    servers: options.servers,
    ...(list === undefined
      ? {}
      : {
          async list(zones: readonly string[], signal: AbortSignal) {
            if (await listFor(list.file, list.dir, zones)) await control(['rediscover'], signal);
          },
        }),
    ...(util === undefined
      ? {}
      : {
          async importKey(key: ZoneKey, secret: string, signal: AbortSignal) {
            await importByUtil(util, key, secret, signal);
            // It remembers for half a minute that it had no such key.
            await control(['purge', `${key.zone}$`], signal);
          },
        }),
    async push(zones, { signal }) {
      const failures: PushFailure[] = [];
      const calls = Array.from({ length: Math.ceil(zones.length / perCall) }, (_, at) =>
        zones.slice(at * perCall, (at + 1) * perCall),
      );
      await inFlight(calls, 1, async (some) => {
        const output = await control(['bind-reload-now', ...some.map(({ zone }) => zone)], signal);
        failures.push(...rejections(output));
      });
      // Answers of before the load would be given for as long as the packet cache keeps them.
      if (zones.length > 0) await control(['purge'], signal);
      return failures;
    },
  };
}
