import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseZone } from '../zone/parse.ts';
import { runProgram } from './program.ts';
import type { NameServer, Publisher } from './publisher.ts';
import { pushEach, type WantedZone } from './push-zones.ts';
import { changesBetween, type RecordSet, recordSets } from './record-sets.ts';

export interface Rfc2136Options {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** The primary that takes updates. */
  readonly primary: { readonly address: string; readonly port: number };
  /** TSIG (RFC 8945). */
  readonly key: { readonly name: string; readonly algorithm: string; readonly secret: string } | undefined;
  readonly isMasters: (address: string) => boolean;
  readonly nsupdate?: string;
  readonly dig?: string;
}

function removal({ name, type }: RecordSet): string {
  return `update delete ${name} IN ${type}\n`;
}

function addition({ name, type, ttl, data }: RecordSet): string {
  return data.map((one) => `update add ${name} ${ttl} IN ${type} ${one}\n`).join('');
}

/** The input of nsupdate for one zone: each set replaced whole, and the serial that the file has. */
export function updateScript(
  wanted: Pick<WantedZone, 'apex' | 'soa'>,
  changes: { readonly upsert: readonly RecordSet[]; readonly remove: readonly RecordSet[] },
): string {
  const { apex, soa } = wanted;
  return [
    `zone ${apex}\n`,
    ...changes.remove.map(removal),
    ...changes.upsert.map((set) => removal(set) + addition(set)),
    soa === undefined ? '' : addition(soa),
    'send\n',
  ].join('');
}

/** Dynamic updates (RFC 2136), signed, by BIND's own nsupdate; what is there is read by a transfer. */
export function rfc2136Publisher(options: Rfc2136Options): Publisher {
  const { primary, key, nsupdate = 'nsupdate', dig = 'dig' } = options;
  let folder: Promise<string> | undefined;
  const keyArgs = async (): Promise<readonly string[]> => {
    if (key === undefined) return [];
    folder ??= mkdtemp(join(tmpdir(), 'tandem-tsig-')).then(async (dir) => {
      // On a command line everybody could read it.
      const text = `key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };\n`;
      await writeFile(join(dir, 'key'), text, { mode: 0o600 });
      return dir;
    });
    return ['-k', join(await folder, 'key')];
  };
  const transfer = async (wanted: WantedZone, signal: AbortSignal): Promise<readonly RecordSet[]> => {
    const args = ['+noall', '+answer', '+onesoa', ...(await keyArgs()), '-p', String(primary.port), 'AXFR'];
    const text = await runProgram(dig, [...args, wanted.apex, `@${primary.address}`], { signal });
    const parsed = parseZone(text, wanted.zone);
    if (!parsed.ok) throw new Error(`the transfer of ${wanted.zone} failed: ${text.trim().slice(0, 200)}`);
    return recordSets(parsed.zone);
  };
  return {
    name: options.name,
    servers: options.servers,
    async push(zones, pushing) {
      return await pushEach(zones, pushing, {
        width: 8,
        isMasters: options.isMasters,
        async work(wanted) {
          const changes =
            wanted.scope === 'everything'
              ? changesBetween(await transfer(wanted, pushing.signal), wanted.sets, wanted.apex)
              : { upsert: wanted.sets, remove: [] };
          const stdin = `server ${primary.address} ${primary.port}\n${updateScript(wanted, changes)}`;
          await runProgram(nsupdate, [...(await keyArgs()), '-t', '10'], { signal: pushing.signal, stdin });
        },
      });
    },
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
