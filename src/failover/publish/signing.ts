import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { chunks } from '../apply/apply.ts';
import { askSigned } from './ask-signed.ts';
import { isUncheckable, whyBogus } from './dnssec.ts';
import type { FreshZone, NameServer } from './publisher.ts';
import { type Found, findSigned, type Judged, type Looking } from './signatures.ts';
import { type Kept, type Known, notKept } from './signed-file.ts';

/**
 * What is known of signed zones before a switch, so that it need not be asked in its way: whether one may be switched, and
 * after it, whether a resolver that checks would believe what each name server answers.
 */
export interface Signing {
  /** Looks at these zones now. What a silent server would have said stays as it was known. */
  look(zones: readonly string[], signal: AbortSignal): Promise<void>;
  /** The first look, unless there was one, also by an earlier process. Ends with the signal, whoever looks. */
  ensure(zones: readonly string[], signal: AbortSignal): Promise<void>;
  /** Forgets zones that do not exist any more. */
  forget(zones: Iterable<string>): void;
  /** Forgets all but these. */
  keepOnly(zones: ReadonlySet<string>): void;
  /** Why a zone must not be moved; undefined where it may. Who asks leaves it alone where it must not. */
  obstacle(zone: string): string | undefined;
  /** Zones that were left alone and may be moved now, until they are `brought`. */
  freed(): readonly string[];
  brought(zones: Iterable<string>): void;
  /** Zones that must not be moved, and why. */
  obstacles(): readonly { readonly zone: string; readonly reason: string }[];
  /** What a person should know, zones that need a hand first. */
  reports(zones: readonly string[]): readonly (Judged & { readonly zone: string })[];
  /** Zone → why a checking resolver refuses this server's answer; only zones that are signed and of which it does. */
  refused(zones: readonly FreshZone[], server: NameServer, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

/** Keys that differ for less than this may be about to be changed on one server after the other. */
const lastingMs = 60_000;
const chunkSize = 100;

/** That nobody checks is known from above. */
function isUnsigned(one: Found | undefined): boolean {
  return one?.ds !== undefined && isUncheckable(one.ds);
}

function checkable(zones: readonly FreshZone[], known: ReadonlyMap<string, Known>): readonly FreshZone[] {
  // Without a DS record that resolvers know nobody checks; a name with escapes is no question that can be put.
  return zones.filter(({ zone, probe }) => {
    const one = known.get(zone);
    return one?.isSound === true && !isUnsigned(one) && probe !== undefined;
  });
}

async function checkSome(
  zones: readonly FreshZone[],
  server: NameServer,
  known: ReadonlyMap<string, Known>,
  now: number,
  signal: AbortSignal,
): Promise<readonly (readonly [string, string])[]> {
  const questions = zones.flatMap(({ zone, probe }) => [
    { name: zone, type: 'DNSKEY' } as const,
    { name: probe?.name.replace(/\.$/, '') ?? zone, type: probe?.type ?? 'A' } as const,
  ]);
  const { address, port } = server;
  const heard = await askSigned(questions, { address, port, signal });
  return zones.flatMap(({ zone, probe }, at): readonly (readonly [string, string])[] => {
    const [keys, answer] = [heard[2 * at], heard[2 * at + 1]];
    if (keys === undefined || answer === undefined) return [[zone, `tells no signatures of ${zone}`]];
    const why = whyBogus(zone, keys, answer, known.get(zone)?.ds, now);
    const about = `answers ${probe?.name} ${probe?.type} so that resolvers that check refuse it`;
    return why === undefined ? [] : [[zone, `${about}: ${why}`]];
  });
}

interface Looked {
  readonly found: ReadonlyMap<string, Found>;
  /** Zones of which some server said nothing. */
  readonly mute: ReadonlySet<string>;
}

function sinceOf({ isSound }: Found, before: Known | undefined, now: number): number {
  if (isSound) return 0;
  return before?.isSound === false ? before.since : now;
}

function learn(known: Map<string, Known>, zones: readonly string[], { found, mute }: Looked, now: number): void {
  for (const zone of zones) {
    const [one, before] = [found.get(zone), known.get(zone)];
    // A server that is away says nothing against the zone, and nothing for it.
    // That nobody above vouches for its keys is known all the same.
    if (mute.has(zone) && before !== undefined && one?.isSound !== false && !isUnsigned(one)) continue;
    if (one === undefined) known.delete(zone);
    else known.set(zone, { ...one, since: sinceOf(one, before, now) });
  }
}

/** Ends when the work does, or with the signal. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = new AbortController();
  const over = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: aborted.signal });
  });
  try {
    await Promise.race([work, over]);
  } finally {
    aborted.abort();
  }
}

/** Opens with what was kept. */
export function openSigning(looking: Looking, clock: Pick<Clock, 'now'>, kept: Kept = notKept): Signing {
  const known = new Map<string, Known>(kept.known?.map((one) => [one.zone, one]));
  const left = new Set<string>();
  let isKnown = kept.known !== undefined;
  let first: Promise<void> | undefined;

  async function look(zones: readonly string[], signal: AbortSignal): Promise<void> {
    if (looking.servers.length === 0 || zones.length === 0) return;
    const { signed, unknown } = await findSigned(looking, zones, signal, (zone) => known.get(zone)?.ds);
    if (signal.aborted) {
      // It ended before anything was known: the next one looks.
      first = undefined;
      return;
    }
    isKnown = true;
    const found = new Map(signed.map((one) => [one.zone, one]));
    learn(known, zones, { found, mute: new Set(unknown) }, clock.now());
    await kept.keep(known);
  }

  const isObstacle = ({ isSound, since }: Known): boolean => !isSound && clock.now() - since >= lastingMs;
  const signing: Signing = {
    look: (zones, signal) => {
      const looked = look(zones, signal);
      first ??= looked;
      return looked;
    },
    async ensure(zones, signal) {
      if (!isKnown) await untilAborted(first ?? signing.look(zones, signal), signal);
    },
    forget(zones) {
      for (const zone of zones) {
        known.delete(zone);
        left.delete(zone);
      }
    },
    keepOnly(zones) {
      signing.forget([...known.keys(), ...left].filter((zone) => !zones.has(zone)));
    },
    obstacle(zone) {
      const one = known.get(zone);
      if (one === undefined || !isObstacle(one)) return undefined;
      left.add(zone);
      return one.report.message;
    },
    freed: () =>
      [...left].filter((zone) => {
        const one = known.get(zone);
        return one === undefined || !isObstacle(one);
      }),
    brought(zones) {
      for (const zone of zones) left.delete(zone);
    },
    obstacles: () =>
      [...known.values()].filter(isObstacle).map(({ zone, report }) => ({ zone, reason: report.message })),
    reports(zones) {
      const all = zones.flatMap((zone) => known.get(zone) ?? []);
      return all
        .toSorted((a, b) => Number(a.isSound) - Number(b.isSound))
        .map(({ zone, report, isSound }) => ({ zone, report, isSound }));
    },
    async refused(zones, server, signal) {
      const refused = new Map<string, string>();
      for (const some of chunks(checkable(zones, known), chunkSize)) {
        const found = await checkSome(some, server, known, clock.now(), signal);
        for (const [zone, why] of found) refused.set(zone, why);
        // Signatures cost a tenth of a millisecond each; the checks must have their turn.
        await nextTurn();
      }
      return refused;
    },
  };
  return signing;
}
