import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { askAll } from './ask.ts';
import { judgeAnswers, questionsFor } from './judge-answers.ts';
import type { Step, Straggler } from './model.ts';
import type { FreshZone, NameServer, Publisher, PushFailure, PushOptions } from './publisher.ts';

/** Pushes and asks until every name server answers as the files say, or until it is plain that some do not. */

export interface SettleOptions extends Pick<PushOptions, 'signal' | 'scope'> {
  readonly all: number;
  /** Zones that are surely old at the servers; the others are asked about before anything is pushed. */
  readonly changed: ReadonlySet<string>;
  /** Without any progress for so long, what is missing is pushed again. */
  readonly patienceMs: number;
  readonly pushes: number;
  readonly clock: Clock;
  readonly ticks: () => number;
}

export interface Settled {
  readonly stragglers: readonly Straggler[];
  readonly failures: readonly PushFailure[];
  readonly steps: readonly Step[];
}

interface Stale {
  readonly zone: FreshZone;
  readonly why: string;
}

/** How many zones are asked about to see whether it is worth asking about all. */
const sample = 40;

async function staleOf(
  zones: readonly FreshZone[],
  server: NameServer,
  signal: AbortSignal,
): Promise<readonly Stale[]> {
  const asked = zones.map((zone) => questionsFor(zone, server));
  const { address, port } = server;
  const heard = await askAll(asked.flat(), { address, port, signal });
  let at = 0;
  return zones.flatMap((zone, nth) => {
    const count = asked[nth]?.length ?? 0;
    const why = judgeAnswers(zone, server, heard.slice(at, at + count));
    at += count;
    return why === undefined ? [] : [{ zone, why }];
  });
}

/** The stale ones among these; when a sample is all stale, the rest is taken to be so without asking. */
async function stillStale(zones: readonly Stale[], server: NameServer, signal: AbortSignal): Promise<readonly Stale[]> {
  if (zones.length <= 2 * sample)
    return await staleOf(
      zones.map(({ zone }) => zone),
      server,
      signal,
    );
  const stride = Math.floor(zones.length / sample);
  const some = zones.filter((_, at) => at % stride === 0);
  const old = await staleOf(
    some.map(({ zone }) => zone),
    server,
    signal,
  );
  // A server loads in an order of its own, so one fresh zone is reason enough to look at all.
  if (old.length === some.length) return zones;
  return await staleOf(
    zones.map(({ zone }) => zone),
    server,
    signal,
  );
}

function stragglerOf(server: NameServer, stale: readonly Stale[]): Straggler {
  return {
    server: server.name,
    zones: stale.length,
    examples: stale.slice(0, 10).map(({ zone }) => zone.zone),
    sentence: `${server.name} ${stale[0]?.why ?? 'is behind'}.`,
  };
}

interface Waited {
  readonly stale: ReadonlyMap<NameServer, readonly Stale[]>;
}

/** Asks again and again until nothing is stale, or nothing changed for as long as patience lasts. */
async function wait(first: Waited['stale'], options: SettleOptions): Promise<Waited['stale']> {
  const { clock, ticks, patienceMs, signal } = options;
  let stale = first;
  let least = Number.POSITIVE_INFINITY;
  let since = ticks();
  let pause = 20;
  while (!signal.aborted) {
    const entries = await Promise.all(
      [...stale].map(async ([server, old]) => [server, await stillStale(old, server, signal)] as const),
    );
    stale = new Map(entries.filter(([, old]) => old.length > 0));
    const count = [...stale.values()].reduce((sum, old) => sum + old.length, 0);
    if (count === 0) break;
    if (count < least) since = ticks();
    least = Math.min(least, count);
    if (ticks() - since > patienceMs) break;
    await clock.sleep(pause, signal);
    pause = Math.min(pause * 1.5, 500);
  }
  return stale;
}

/** One publisher: pushes what is old, waits until its servers answer, pushes the rest again. */
export async function settle(
  publisher: Publisher,
  zones: readonly FreshZone[],
  options: SettleOptions,
): Promise<Settled> {
  const { signal, scope, all, ticks } = options;
  const steps: Step[] = [];
  const failures = new Map<string, PushFailure>();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const begun = ticks();
    try {
      return await work();
    } finally {
      steps.push({ name: `${name} ${publisher.name}`, seconds: (ticks() - begun) / 1000 });
    }
  };
  const certain = (zone: FreshZone): Stale => ({ zone, why: `has not yet loaded ${zone.zone}` });
  let old = zones.filter(({ zone }) => options.changed.has(zone));
  const others = zones.filter(({ zone }) => !options.changed.has(zone));
  const behind = new Map<NameServer, readonly Stale[]>();
  if (others.length > 0) {
    await timed('look at', async () => {
      for (const server of publisher.servers) behind.set(server, await staleOf(others, server, signal));
    });
    const more = new Set([...behind.values()].flat().map(({ zone }) => zone));
    old = [...old, ...more];
  }
  if (old.length === 0) return { stragglers: [], failures: [], steps };
  let stale: Waited['stale'] = new Map(
    publisher.servers.map((server) => [
      server,
      [...old.filter(({ zone }) => options.changed.has(zone)).map(certain), ...(behind.get(server) ?? [])],
    ]),
  );
  let trouble: string | undefined;
  for (let round = 0; round < options.pushes && !signal.aborted; round++) {
    try {
      await timed('load', async () => {
        for (const one of await publisher.push(old, { signal, all, scope })) failures.set(one.zone, one);
      });
      trouble = undefined;
    } catch (error) {
      trouble = messageOf(error);
    }
    stale = await timed('ask', () => wait(stale, options));
    if (stale.size === 0) break;
    old = [...new Set([...stale.values()].flat().map(({ zone }) => zone))];
  }
  const stragglers = [...stale].map(([server, late]) => stragglerOf(server, late));
  const said =
    trouble === undefined ? stragglers : stragglers.map((one) => ({ ...one, sentence: `${one.sentence} ${trouble}` }));
  if (publisher.servers.length === 0 && trouble !== undefined) {
    said.push({ server: publisher.name, zones: old.length, examples: [], sentence: trouble });
  }
  return { stragglers: said, failures: [...failures.values()], steps };
}
