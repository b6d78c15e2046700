import { messageOf } from '../../errors.ts';
import { oneByOne } from '../../one-by-one.ts';
import type { WhmCall } from '../../whm/call.ts';
import { askWhmKey, askWhmKeys, readWhmKey, readWhmKeys, type WhmKey } from '../../whm/zone-keys.ts';
import { chunks } from '../apply/apply.ts';
import { listZones } from '../apply/files.ts';
import { readAccounts } from './account-map.ts';
import { askKeys } from './ask-signed.ts';
import { standingOrder } from './guard-work.ts';
import { type KeyName, type KeysShown, keyName, keysShown, shownAt } from './keys-shown.ts';
import { ProviderRefused } from './powerdns-api.ts';
import type { Publisher } from './publisher.ts';
import { type Source, zonesAt } from './pull.ts';
import { activeOf, type Opened } from './run.ts';

/**
 * Keys that a master made for a zone (cPanel's *DNSSEC*) are given to the name servers, which sign with them: a customer
 * shows their DS record at the registrar, and then resolvers refuse whatever is not signed so. Taken from the account's
 * active master alone, and only ever added: a key that somebody still relies on is never removed.
 */

/** A key that a name server does not show. */
export interface LackingKey {
  readonly zone: string;
  readonly reason: string;
}

const perCall = 100;
const plainName = /^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)+$/;

async function read<T>(
  { client, master }: Source,
  call: WhmCall,
  meaning: (data: unknown) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  const outcome = await client.call(call, { signal });
  if (outcome.kind !== 'done') throw new ProviderRefused(`${master}: ${call.fn}: ${outcome.reason}`);
  const found = meaning(outcome.data);
  // Without what it answered: that may be the key.
  if (found === undefined) throw new ProviderRefused(`${master}: ${call.fn} answered something unknown`);
  return found;
}

/** Those of the zones that the master signs, where its own DNS server can be asked; all that it has where not. */
async function maybeSigned(source: Source, zones: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  if (source.dns === undefined) {
    // One that it does not have would be refused, and the others with it.
    const there = new Set(await zonesAt(source, signal));
    return zones.filter((zone) => there.has(zone));
  }
  const heard = await askKeys(zones, { ...source.dns, signal });
  return zones.filter((_, at) => heard[at]?.kind === 'values');
}

async function keysAt(source: Source, zones: readonly string[], signal: AbortSignal): Promise<readonly WhmKey[]> {
  const keys: WhmKey[] = [];
  for (const some of chunks(await maybeSigned(source, zones, signal), perCall)) {
    const found = await read(source, askWhmKeys(some), readWhmKeys, signal);
    keys.push(...found.filter(({ zone }) => some.includes(zone)));
  }
  return keys;
}

/** Which keys one of the publisher's servers does not show. A server that is silent lacks nothing that is known. */
async function lackingAt(
  publisher: Publisher,
  keys: readonly WhmKey[],
  signal: AbortSignal,
): Promise<readonly { readonly key: WhmKey; readonly server: string }[]> {
  const zones = [...new Set(keys.map(({ zone }) => zone))];
  const shown = await Promise.all(publisher.servers.map((server) => shownAt(server, zones, signal)));
  return keys.flatMap((key) => {
    const at = shown.findIndex((one) => one.get(key.zone)?.has(keyName(key)) === false);
    return at < 0 ? [] : [{ key, server: publisher.servers[at]?.name ?? '' }];
  });
}

async function give(source: Source, publisher: Publisher, key: WhmKey, signal: AbortSignal): Promise<void> {
  const secret = await read(source, askWhmKey(key), readWhmKey, signal);
  await publisher.importKey?.(key, secret, signal);
}

interface Supplying {
  readonly opened: Opened;
  readonly source: Source;
  readonly publisher: Publisher;
  /** What was given at earlier looks. */
  readonly given: Set<string>;
}

/** Gives one key; answers why the server cannot have it. */
async function supplyOne(
  { opened, source, publisher, given }: Supplying,
  key: WhmKey,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { zone, tag } = key;
  if (publisher.importKey === undefined) return ': give it there by hand.';
  try {
    await give(source, publisher, key, signal);
  } catch (error) {
    return `, nor takes: ${messageOf(error)}`;
  }
  const id = `${publisher.name} ${zone} ${tag}`;
  // A server remembers for a while that it had no such key.
  if (given.has(id)) return ', though it was given.';
  given.add(id);
  opened.deps.log.info({ zone, tag, master: source.master, publisher: publisher.name }, 'key of a zone was given');
  return undefined;
}

/** One publisher. What cannot be given is answered, with the reason. */
async function supply(
  supplying: Supplying,
  keys: readonly WhmKey[],
  signal: AbortSignal,
): Promise<readonly LackingKey[]> {
  const { source, publisher } = supplying;
  const lacking: LackingKey[] = [];
  for (const { key, server } of await lackingAt(publisher, keys, signal)) {
    const why = await supplyOne(supplying, key, signal);
    const about = `${source.master} signs it with key ${key.tag}, which ${server} does not have`;
    if (why !== undefined) lacking.push({ zone: key.zone, reason: `${about}${why}` });
  }
  return lacking;
}

/** What is carried, and what was. */
export interface CarryOptions {
  /** What was given at earlier looks. */
  readonly given?: Set<string>;
  /** One zone alone. */
  readonly only?: string;
}

/** One look at every master. A master that cannot be asked is named in the log, and asked again. */
export async function carryKeys(
  opened: Opened,
  signal: AbortSignal,
  { given = new Set(), only }: CarryOptions = {},
): Promise<readonly LackingKey[]> {
  const { deps } = opened;
  const listed = (await listZones(deps.dir)).zones;
  const zones = only === undefined ? listed : listed.filter((zone) => zone === only);
  const [accounts, order] = await Promise.all([readAccounts(deps.accountsFile), opened.standing()]);
  const current = activeOf(standingOrder({ order }, deps.clock.now()), accounts);
  const lacking: LackingKey[] = [];
  for (const source of deps.sources ?? []) {
    // A name becomes a program's argument.
    const own = zones.filter((zone) => plainName.test(zone) && (current(zone) || deps.home) === source.master);
    try {
      const keys = await keysAt(source, own, signal);
      if (keys.length === 0) continue;
      for (const publisher of deps.publishers)
        lacking.push(...(await supply({ opened, source, publisher, given }, keys, signal)));
    } catch (error) {
      if (!signal.aborted)
        deps.log.warn({ master: source.master, reason: messageOf(error) }, 'keys of a master cannot be read');
    }
  }
  return lacking;
}

/** With the master's own DNS server one question a zone tells whether there is a key; without it WHM tells each zone's. */
const everyMs = 30_000;
const slowMs = 300_000;

/** Keys of masters on their way: one look at a time, so that none is given twice. */
export interface KeyCarrier {
  /** Looks until the signal aborts. */
  keep(signal: AbortSignal): Promise<void>;
  /** What is lacking, as last looked at. */
  lacking(): readonly LackingKey[];
  /** Whether every name server shows these keys; gives what is lacking first, and waits a moment for it. */
  shown(zone: string, keys: readonly KeyName[], signal: AbortSignal): Promise<KeysShown>;
}

/** How often it is looked for a key that was just given: BIND and PowerDNS sign within a second. */
const waitMs = 250;
const waits = 12;

/** Whether masters' keys are given to the name servers at all. */
export function carriesKeys({ sources = [], carriesKeys: isOn = false }: Opened['deps']): boolean {
  return isOn && sources.length > 0;
}

export function openKeyCarrier(opened: Opened): KeyCarrier {
  const { deps } = opened;
  const { sources = [], clock, log } = deps;
  const servers = [...deps.publishers.flatMap((one) => one.servers), ...(deps.others ?? [])];
  const pause = sources.every(({ dns }) => dns !== undefined) ? everyMs : slowMs;
  const given = new Set<string>();
  const run = oneByOne();
  let lacking: readonly LackingKey[] = [];
  return {
    async keep(signal) {
      while (carriesKeys(deps) && !signal.aborted) {
        try {
          lacking = await run(() => carryKeys(opened, signal, { given }));
        } catch (error) {
          log.warn({ reason: messageOf(error) }, 'keys of zones could not be looked at');
        }
        await clock.sleep(pause, signal);
      }
    },
    lacking: () => lacking,
    async shown(zone, keys, signal) {
      let found = await keysShown(servers, zone, keys, signal);
      if (found.lacking.length === 0 || !carriesKeys(deps)) return found;
      const reasons = await run(() => carryKeys(opened, signal, { only: zone }));
      for (let n = 0; n < waits && reasons.length === 0 && found.lacking.length > 0; n++) {
        if (n > 0) await clock.sleep(waitMs, signal);
        found = await keysShown(servers, zone, keys, signal);
      }
      return { ...found, reasons };
    },
  };
}
