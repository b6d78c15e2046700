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
  /** Of zones that a server answers as their files say: why a resolver that checks signatures refuses them all the same. */
  refused(zones: readonly FreshZone[], server: NameServer): Promise<ReadonlyMap<string, string>>;
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

type Asking = Pick<SettleOptions, 'signal' | 'refused'>;

/** How many zones are asked about to see whether it is worth asking about all. */
const sample = 40;

interface Looked {
  readonly fresh: readonly FreshZone[];
  readonly stale: readonly Stale[];
}

/** What a server answers by serial and address alone. */
async function answersOf(zones: readonly FreshZone[], server: NameServer, signal: AbortSignal): Promise<Looked> {
  const asked = zones.map((zone) => questionsFor(zone, server));
  const { address, port } = server;
  const heard = await askAll(asked.flat(), { address, port, signal });
  let at = 0;
  const judged = zones.map((zone, nth) => {
    const count = asked[nth]?.length ?? 0;
    const why = judgeAnswers(zone, server, heard.slice(at, at + count));
    at += count;
    return { zone, why };
  });
  const fresh = judged.flatMap(({ zone, why }) => (why === undefined ? [zone] : []));
  return { fresh, stale: judged.flatMap(({ zone, why }) => (why === undefined ? [] : [{ zone, why }])) };
}

/** Those whose signatures are refused. */
async function bogusOf(
  zones: readonly FreshZone[],
  server: NameServer,
  { signal, refused }: Asking,
): Promise<readonly Stale[]> {
  const bogus = signal.aborted ? new Map<string, string>() : await refused(zones, server);
  return zones.flatMap((zone) => {
    const why = bogus.get(zone.zone);
    return why === undefined ? [] : [{ zone, why }];
  });
}

async function staleOf(zones: readonly FreshZone[], server: NameServer, asking: Asking): Promise<readonly Stale[]> {
  const { fresh, stale } = await answersOf(zones, server, asking.signal);
  return [...stale, ...(await bogusOf(fresh, server, asking))];
}

/** The stale ones among these; when a sample is all stale, the rest is taken to be so without asking. */
async function stillStale(zones: readonly Stale[], server: NameServer, asking: Asking): Promise<readonly Stale[]> {
  if (zones.length <= 2 * sample)
    return await staleOf(
      zones.map(({ zone }) => zone),
      server,
      asking,
    );
  const stride = Math.floor(zones.length / sample);
  const some = zones.filter((_, at) => at % stride === 0);
  const old = await staleOf(
    some.map(({ zone }) => zone),
    server,
    asking,
  );
  // A server loads in an order of its own, so one fresh zone is reason enough to look at all.
  if (old.length === some.length) return zones;
  return await staleOf(
    zones.map(({ zone }) => zone),
    server,
    asking,
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

type Waited = ReadonlyMap<NameServer, readonly Stale[]>;

/** Asks about all of them, so that what is said of each is what it answers now. */
async function everyReason(stale: Waited, asking: Asking): Promise<Waited> {
  const entries = await Promise.all(
    [...stale].map(async ([server, old]) => {
      const zones = old.map(({ zone }) => zone);
      return [server, await staleOf(zones, server, asking)] as const;
    }),
  );
  return new Map(entries.filter(([, old]) => old.length > 0));
}

/** Asks again and again until nothing is stale, or nothing changed for as long as patience lasts. */
async function wait(first: Waited, options: SettleOptions): Promise<Waited> {
  const { clock, ticks, patienceMs, signal } = options;
  let stale = first;
  let least = Number.POSITIVE_INFINITY;
  let since = ticks();
  let pause = 20;
  while (!signal.aborted) {
    const entries = await Promise.all(
      [...stale].map(async ([server, old]) => [server, await stillStale(old, server, options)] as const),
    );
    stale = new Map(entries.filter(([, old]) => old.length > 0));
    const count = [...stale.values()].reduce((sum, old) => sum + old.length, 0);
    if (count === 0) break;
    if (count < least) since = ticks();
    least = Math.min(least, count);
    if (ticks() - since > patienceMs) return await everyReason(stale, options);
    await clock.sleep(pause, signal);
    pause = Math.min(pause * 1.5, 500);
  }
  return stale;
}

interface First {
  /** What is not known to be fresh. */
  readonly stale: Waited;
  /** What answers as it should, but whose signatures are not checked. */
  readonly unchecked: ReadonlyMap<NameServer, readonly FreshZone[]>;
}

/** Before anything was pushed. Signatures are checked after that: no push waits for what must be looked up first. */
async function firstLook(publisher: Publisher, zones: readonly FreshZone[], options: SettleOptions): Promise<First> {
  const changed = zones.filter(({ zone }) => options.changed.has(zone)).map(certain);
  const others = zones.filter(({ zone }) => !options.changed.has(zone));
  const looked = await Promise.all(
    publisher.servers.map(async (server) => [server, await answersOf(others, server, options.signal)] as const),
  );
  return {
    stale: new Map(looked.map(([server, { stale }]) => [server, [...changed, ...stale]])),
    unchecked: new Map(looked.map(([server, { fresh }]) => [server, fresh])),
  };
}

/** Adds those whose signatures are refused to those that are stale. */
async function withBogus(stale: Waited, unchecked: First['unchecked'], asking: Asking): Promise<Waited> {
  const found = await Promise.all(
    [...unchecked].map(async ([server, zones]) => [server, await bogusOf(zones, server, asking)] as const),
  );
  const all = new Map(stale);
  for (const [server, bogus] of found) if (bogus.length > 0) all.set(server, [...(all.get(server) ?? []), ...bogus]);
  return all;
}

function certain(zone: FreshZone): Stale {
  return { zone, why: `has not yet loaded ${zone.zone}` };
}

function zonesIn(stale: Waited): readonly FreshZone[] {
  return [...new Map([...stale.values()].flat().map(({ zone }) => [zone.zone, zone])).values()];
}

/** Without those that a server refused in so many words, or that cannot be asked about: waiting does not help. */
function worthWaiting(stale: Waited, publisher: Publisher, refused: ReadonlyMap<string, PushFailure>): Waited {
  const isWorth = ({ zone: { zone } }: Stale): boolean => !refused.has(zone) && publisher.canAsk?.(zone) !== false;
  const entries = [...stale].map(([server, old]) => [server, old.filter(isWorth)] as const);
  return new Map(entries.filter(([, old]) => old.length > 0));
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
    const done = await work();
    steps.push({ name: `${name} ${publisher.name}`, seconds: (ticks() - begun) / 1000 });
    return done;
  };
  /** Answers what kept the push from happening at all. */
  const push = async (old: readonly FreshZone[]): Promise<string | undefined> => {
    for (const { zone } of old) failures.delete(zone);
    try {
      for (const one of await publisher.push(old, { signal, all, scope })) failures.set(one.zone, one);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  const first = await timed('look at', () => firstLook(publisher, zones, options));
  let { stale, unchecked } = first;
  let trouble: string | undefined;
  const checkRest = async (): Promise<void> => {
    stale = await withBogus(stale, unchecked, options);
    unchecked = new Map();
  };
  let old = publisher.servers.length === 0 ? zones.filter(({ zone }) => options.changed.has(zone)) : zonesIn(stale);
  if (old.length === 0) {
    await checkRest();
    old = zonesIn(stale);
  }
  for (let round = 0; round < options.pushes && old.length > 0 && !signal.aborted; round++) {
    trouble = await timed('load', () => push(old));
    stale = await timed('ask', () => wait(worthWaiting(stale, publisher, failures), options));
    await checkRest();
    old = [...new Set([...zonesIn(stale), ...old.filter(({ zone }) => failures.has(zone))])];
  }
  const stragglers = [...stale].flatMap(([server, late]) => (late.length === 0 ? [] : [stragglerOf(server, late)]));
  if (failures.size > 0 || (trouble !== undefined && stragglers.length === 0)) {
    const [first] = [...failures.values()];
    const examples = [...failures.keys()].slice(0, 10);
    const sentence = trouble ?? `${publisher.name} refused ${first?.zone}: ${first?.reason}`;
    stragglers.push({ server: publisher.name, zones: failures.size || old.length, examples, sentence });
  }
  const said = stragglers.map((one) => {
    return trouble === undefined || one.sentence === trouble ? one : { ...one, sentence: `${one.sentence} ${trouble}` };
  });
  return { stragglers: said, failures: [...failures.values()], steps };
}
