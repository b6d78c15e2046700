import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import type { WhmClient } from '../../whm/client.ts';
import { chunks } from '../apply/apply.ts';
import { listZones, replaceFile } from '../apply/files.ts';
import { readAccounts } from './account-map.ts';
import { askAll } from './ask.ts';
import { ProviderRefused } from './powerdns-api.ts';
import type { Opened } from './run.ts';
import { takeZones, textAt } from './take.ts';

/**
 * Takes what a master itself wrote (a customer's edit in cPanel, a certificate's validation, DKIM) from the account's
 * active master. A text is taken when it changed since it was last seen there, so that a master that becomes active
 * publishes nothing by that alone. What a master no longer has stays published.
 */

export interface Source {
  readonly master: string;
  readonly client: WhmClient;
  /** The master's own DNS server, asked for all serials at once; without it every zone's text is read each time. */
  readonly dns: { readonly address: string; readonly port: number } | undefined;
}

/** What was last seen of a zone at one master. */
interface Sight {
  readonly serial?: number | undefined;
  readonly hash: string;
}

/** Kept over a restart, so that what was edited meanwhile is found. */
interface Seen {
  readonly file: string;
  readonly zones: Map<string, Sight>;
}

const sights = z.record(z.string(), z.object({ serial: z.number().optional(), hash: z.string() }));

async function openSeen(stateDir: string, master: string): Promise<Seen> {
  const file = join(stateDir, `seen-${master}.json`);
  const text = (await textAt(file)) ?? '{}';
  return { file, zones: new Map(Object.entries(sights.parse(JSON.parse(text)))) };
}

async function remember({ file, zones }: Seen, fresh: ReadonlyMap<string, Sight>): Promise<void> {
  for (const [zone, sight] of fresh) zones.set(zone, sight);
  if (fresh.size > 0) await replaceFile(file, `${JSON.stringify(Object.fromEntries(zones))}\n`);
}

const listed = z.object({ zone: z.array(z.object({ domain: z.string() })) });
const exported = z.object({ payload: z.array(z.object({ zone: z.string(), text_b64: z.base64() })) });
const domains = z.object({ domains: z.array(z.object({ domain: z.string(), user: z.string() })) });
const perCall = 50;
const plainName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;

async function read<T>(
  { client, master }: Source,
  call: WhmCall,
  shape: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const outcome = await client.call(call, { signal });
  if (outcome.kind !== 'done') throw new ProviderRefused(`${master}: ${call.fn}: ${outcome.reason}`);
  return shape.parse(outcome.data);
}

function hashOf(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('base64');
}

/** The zones that a master has. A name becomes a file's: nothing that a master says may leave the directory. */
export async function zonesAt(source: Source, signal: AbortSignal): Promise<readonly string[]> {
  const { zone } = await read(source, whm('listzones'), listed, signal);
  return zone.map(({ domain }) => domain.toLowerCase()).filter((name) => plainName.test(name));
}

/** Zones of the master that may have changed, with their serials where its DNS server told them. */
async function candidates(
  source: Source,
  seen: Seen,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number | undefined>> {
  const names = await zonesAt(source, signal);
  if (source.dns === undefined) return new Map(names.map((name) => [name, undefined]));
  const heard = await askAll(
    names.map((name) => ({ name, type: 'SOA' })),
    { ...source.dns, signal },
  );
  const changed = names.flatMap((name, at): [string, number | undefined][] => {
    const one = heard[at];
    const serial = one?.kind === 'serial' ? one.serial : undefined;
    const before = seen.zones.get(name);
    return before !== undefined && before.serial === serial ? [] : [[name, serial]];
  });
  return new Map(changed);
}

interface Looked {
  /** Texts that are other than when they were last seen. */
  readonly texts: ReadonlyMap<string, string>;
  readonly sights: ReadonlyMap<string, Sight>;
}

async function look(source: Source, seen: Seen, signal: AbortSignal): Promise<Looked> {
  const names = await candidates(source, seen, signal);
  const texts = new Map<string, string>();
  const fresh = new Map<string, Sight>();
  const all = [...names.keys()];
  for (let at = 0; at < all.length; at += perCall) {
    const some = all.slice(at, at + perCall);
    const args = Object.fromEntries(some.map((name, nth) => [`zone-${nth}`, name]));
    const { payload } = await read(source, whm('export_zone_files', args), exported, signal);
    for (const { zone, text_b64 } of payload) {
      const text = Buffer.from(text_b64, 'base64').toString('latin1');
      const sight = { serial: names.get(zone), hash: hashOf(text) };
      const before = seen.zones.get(zone);
      if (!some.includes(zone) || (before?.hash === sight.hash && before.serial === sight.serial)) continue;
      if (before?.hash !== sight.hash) texts.set(zone, text);
      fresh.set(zone, sight);
    }
  }
  return { texts, sights: fresh };
}

/** Adds what the master knows of accounts to the file; a zone whose account is known keeps it until the master says other. */
async function learnAccounts(
  opened: Opened,
  source: Source,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const file = opened.deps.accountsFile;
  const known = await readAccounts(file);
  const told = await read(source, whm('get_domain_info'), domains, signal);
  const merged = new Map([...known, ...told.domains.map(({ domain, user }) => [domain.toLowerCase(), user] as const)]);
  const isSame = merged.size === known.size && [...merged].every(([zone, account]) => known.get(zone) === account);
  if (!isSame) {
    const lines = [...merged].sort().map(([zone, account]) => `${zone}: ${account}\n`);
    await replaceFile(file, lines.join(''));
  }
  return merged;
}

export interface PullDeps {
  readonly sources: readonly Source[];
  readonly everyMs: number;
  /** Runs with no other run at the same time. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Tells for a zone and its account which master is active; asked anew each time. */
  active(): Promise<(zone: string, account: string | undefined) => string>;
  /** Serials that name servers answer. */
  answered(zones: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly number[]>>;
}

/** So many zones are taken in one turn. */
const atOnce = 200;

/** One look at one master. The first one ever only takes note, but for zones that are not published at all. */
async function turn(opened: Opened, source: Source, seen: Seen, pulling: PullDeps, signal: AbortSignal): Promise<void> {
  const isFirst = seen.zones.size === 0;
  const { texts, sights: fresh } = await look(source, seen, signal);
  if (fresh.size === 0) return;
  const accounts = await learnAccounts(opened, source, signal);
  const wantedNow = async (): Promise<readonly string[]> => {
    const there = new Set(isFirst ? (await listZones(opened.deps.dir)).zones : []);
    const activeOf = await pulling.active();
    return [...texts.keys()].filter(
      (zone) => activeOf(zone, accounts.get(zone)) === source.master && !(isFirst && there.has(zone)),
    );
  };
  // Asked before its turn comes: no order waits for a name server that says nothing.
  const asked = await wantedNow();
  const serials = await pulling.answered(asked, signal);
  const taken = new Set<string>();
  // Some at a time: an order waits for one piece of a master's ten thousand zones at most.
  for (const some of chunks(asked, atOnce)) {
    if (signal.aborted) return;
    await pulling.exclusive(async () => {
      const wanted = new Set(await wantedNow());
      const zones = some.filter((zone) => wanted.has(zone));
      await takeZones(
        opened,
        source.master,
        new Map(zones.map((zone) => [zone, texts.get(zone) ?? ''])),
        serials,
        signal,
      );
      for (const zone of zones) taken.add(zone);
    });
  }
  const late = await pulling.exclusive(async () => new Set((await wantedNow()).filter((zone) => !taken.has(zone))));
  // An order made this master active meanwhile: the next look takes those.
  await remember(seen, new Map([...fresh].filter(([zone]) => !late.has(zone))));
}

/** Looks at every master until the signal aborts; one that cannot be asked is asked again. */
export async function pullZones(opened: Opened, pulling: PullDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, stateDir } = opened.deps;
  const follow = async (source: Source): Promise<void> => {
    const seen = await openSeen(stateDir, source.master);
    let trouble = '';
    while (!signal.aborted) {
      try {
        await turn(opened, source, seen, pulling, signal);
        trouble = '';
      } catch (error) {
        const reason = messageOf(error);
        // Said once: a master that is down is down for hours. Nothing was noted as seen, so nothing is missed.
        if (reason !== trouble && !signal.aborted)
          log.warn({ master: source.master, reason }, 'zones of a master cannot be read');
        trouble = reason;
      }
      await clock.sleep(pulling.everyMs, signal);
    }
  };
  await Promise.all(pulling.sources.map(follow));
}
