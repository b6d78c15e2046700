import { messageOf } from '../../errors.ts';
import { inFlight } from '../apply/files.ts';
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
  readonly list?: { readonly file: string; readonly dir: string };
}

/**
 * A zone directory that BIND reads. `rndc reload` looks at every file's time and loads what changed; `rndc reconfig`
 * finds zones that came or went, and no changed ones. Leave `ixfr-from-differences` off: it makes a switch take minutes.
 */
export function bindPublisher(options: BindOptions): Publisher {
  const [command, ...before] = options.rndc;
  const rndc = (args: readonly string[], signal: AbortSignal): Promise<string> =>
    runProgram(command, [...before, ...args], { signal });
  const { oneByOne = 50, list } = options;
  return {
    name: options.name,
    servers: options.servers,
    ...(list === undefined
      ? {}
      : {
          async list(zones: readonly string[], signal: AbortSignal) {
            if (await listFor(list.file, list.dir, zones)) await rndc(['reconfig'], signal);
          },
        }),
    async push(zones, { signal }) {
      if (zones.length > oneByOne) {
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
