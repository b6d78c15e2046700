import { messageOf } from '../../errors.ts';
import { oneByOne } from '../../one-by-one.ts';
import type { ZoneKey } from '../../whm/zone-keys.ts';
import { inFlight, listZones } from '../apply/files.ts';
import { askSigned } from './ask-signed.ts';
import { keysIn, removeKey, signingLines, writeKey } from './bind-keys.ts';
import { keyTagOf } from './dnssec.ts';
import { ProviderRefused } from './powerdns-api.ts';
import { runProgram } from './program.ts';
import type { NameServer, Publisher, PushFailure } from './publisher.ts';
import { listFor } from './zone-list.ts';

export interface BindOptions {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** The program and what comes before the command: [`rndc`, `-c`, `/etc/bind/rndc.conf`]. */
  readonly rndc: readonly [string, ...string[]];
  /** Up to so many zones are loaded one by one; above, all at once, which BIND does in the background. */
  readonly oneByOne?: number;
  /** File with a zone statement for each zone, included by named.conf. Without it zones are listed by hand. */
  readonly list?: ZoneList;
}

interface ZoneList {
  readonly file: string;
  /** Of the zones. */
  readonly dir: string;
  /** Folder of masters' keys, which BIND reads and writes too; undefined: no key is taken. */
  readonly keys?: string | undefined;
}

type Rndc = (args: readonly string[], signal: AbortSignal) => Promise<string>;

/** A server that signs a zone with keys of its own keeps them: under another policy it would drop them. */
async function refuseForeign(
  servers: readonly NameServer[],
  { zone }: ZoneKey,
  own: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, address, port } of servers) {
    const [heard] = await askSigned([{ name: zone, type: 'DNSKEY' }], { address, port, signal });
    const foreign = heard?.rdata.map(keyTagOf).find((tag) => !own.includes(tag));
    if (heard === undefined) throw new ProviderRefused(`${name} does not say which keys of ${zone} it has`);
    if (foreign !== undefined) throw new ProviderRefused(`${name} signs ${zone} with a key of its own, ${foreign}`);
  }
}

/** The list of zones and the keys that they are signed with: both stand in one file. */
function lister({ servers }: BindOptions, list: ZoneList, rndc: Rndc): Pick<Publisher, 'list' | 'importKey'> {
  // Whoever writes the list last must have seen all zones and all keys.
  const run = oneByOne();
  const { file, dir, keys } = list;
  async function write(zones: readonly string[], signal: AbortSignal): Promise<void> {
    const signing = keys === undefined ? undefined : signingLines(keys, await keysIn(keys));
    if (await listFor(file, dir, zones, signing)) await rndc(['reconfig'], signal);
  }
  async function take(folder: string, key: ZoneKey, secret: string, signal: AbortSignal): Promise<void> {
    const there = (await keysIn(folder)).get(key.zone) ?? [];
    const own = there.map(({ tag }) => tag);
    const { zones } = await listZones(dir);
    if (own.includes(key.tag)) return await write(zones, signal);
    await refuseForeign(servers, key, own, signal);
    await writeKey(folder, { key, secret, there }, Date.now());
    try {
      await write(zones, signal);
    } catch (error) {
      // A list that BIND cannot read would keep it from starting the next time.
      await removeKey(folder, key);
      await write(zones, signal);
      throw error;
    }
    // A zone that is signed already looks for other keys once an hour.
    if (own.length > 0) await rndc(['loadkeys', key.zone], signal);
  }
  return {
    list: (zones, signal) => run(() => write(zones, signal)),
    ...(keys === undefined
      ? {}
      : {
          importKey: (key: ZoneKey, secret: string, signal: AbortSignal) => run(() => take(keys, key, secret, signal)),
        }),
  };
}

/**
 * A zone directory that BIND reads. `rndc reload` looks at every file's time and loads what changed; `rndc reconfig`
 * finds zones that came or went, and no changed ones. Leave `ixfr-from-differences` off: it makes a switch take minutes.
 */
export function bindPublisher(options: BindOptions): Publisher {
  const [command, ...before] = options.rndc;
  const rndc: Rndc = (args, signal) => runProgram(command, [...before, ...args], { signal });
  const { oneByOne: few = 50, list } = options;
  return {
    name: options.name,
    servers: options.servers,
    ...(list === undefined ? {} : lister(options, list, rndc)),
    async push(zones, { signal }) {
      if (zones.length > few) {
        await rndc(['reload'], signal);
        return [];
      }
      const failures: PushFailure[] = [];
      await inFlight(zones, 4, async ({ zone }) => {
        await rndc(['reload', zone], signal).catch((error: unknown) => {
          // The other zones must be loaded all the same.
          failures.push({ zone, reason: messageOf(error) });
        });
      });
      return failures;
    },
  };
}
