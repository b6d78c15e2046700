import type { Report } from '../zone/model.ts';
import { askAll, type Heard } from './ask.ts';
import { askDs, askKeys } from './ask-signed.ts';
import { areUnknown, type Ds, isNamedBy, isUncheckable } from './dnssec.ts';
import type { NameServer } from './publisher.ts';

/** Which zones their name servers sign, and whether all of them do so with the same keys (RFC 4034, DNSKEY). */

/** What a name server holds of a zone's keys: '' for none, undefined where it did not say. */
function keysOf(heard: Heard | undefined): string | undefined {
  if (heard?.kind === 'values') return [...heard.values].sort().join(' ');
  return heard?.kind === 'refused' && heard.code === 'EMPTY' ? '' : undefined;
}

interface Held {
  readonly server: string;
  readonly heard: Heard | undefined;
}

/** What a person should know of one zone's signatures before a switch. */
export interface Judged {
  readonly report: Report;
  /** False: resolvers that check may refuse answers. */
  readonly isSound: boolean;
}

/** What is said of a signed zone. */
export function signedReport(zone: string, message: string): Report {
  return { kind: 'signed', line: 1, name: `${zone}.`, message };
}

/** Keys ('flags algorithm base64') as they go over the wire. */
function rdataOf(heard: Heard | undefined): readonly Buffer[] {
  if (heard?.kind !== 'values') return [];
  return heard.values.map((value) => {
    const [flags = '', algorithm = '', data = ''] = value.split(' ');
    const head = Buffer.from([Number(flags) >> 8, Number(flags) & 255, 3, Number(algorithm)]);
    return Buffer.concat([head, Buffer.from(data, 'base64')]);
  });
}

/** Whether one of these keys is named by a DS record. */
function isNamed(zone: string, heard: Heard | undefined, ds: readonly Ds[]): boolean {
  return rdataOf(heard).some((key) => ds.some((one) => isNamedBy(zone, key, one)));
}

/** Why nobody checks a zone that is signed; undefined where somebody does. */
function whyUnchecked(held: readonly Held[], ds: readonly Ds[] | undefined): string | undefined {
  if (ds?.length === 0)
    return 'Its name servers sign it, but no DS record is shown above it: nobody checks, so any address is believed.';
  const isUnknown = ds === undefined ? areUnknown(held.flatMap(({ heard }) => rdataOf(heard))) : isUncheckable(ds);
  return isUnknown
    ? 'Its name servers sign it with algorithms that resolvers do not know: nobody checks, so any address is believed.'
    : undefined;
}

/** undefined where nobody signs the zone. `ds`: what the zone above shows; undefined where nobody said. Pure. */
export function judgeKeys(zone: string, held: readonly Held[], ds?: readonly Ds[]): Judged | undefined {
  const known = held.flatMap(({ server, heard }) => {
    const keys = keysOf(heard);
    return keys === undefined ? [] : [{ server, keys }];
  });
  const [first] = known;
  if (first === undefined || known.every(({ keys }) => keys === '')) return undefined;
  const unchecked = whyUnchecked(held, ds);
  if (unchecked !== undefined) return { report: signedReport(zone, unchecked), isSound: true };
  const bare = known.filter(({ keys }) => keys === '').map(({ server }) => server);
  if (bare.length > 0) {
    const message = `It is signed, but not by ${bare.join(', ')}: resolvers that check refuse what is answered there. Sign it there with the same keys.`;
    return { report: signedReport(zone, message), isSound: false };
  }
  const other = known.find(({ keys }) => keys !== first.keys);
  if (other !== undefined) {
    const message = `${first.server} and ${other.server} sign it with different keys: resolvers that check may refuse either. Give both the same keys before the DS record is shown.`;
    return { report: signedReport(zone, message), isSound: false };
  }
  if (ds !== undefined && !held.some(({ heard }) => isNamed(zone, heard, ds))) {
    const message =
      'The DS record that is shown above it names none of its keys: resolvers that check refuse every answer. Show the DS record of the key that signs.';
    return { report: signedReport(zone, message), isSound: false };
  }
  const message = 'Its name servers sign it, all with the same keys: a new address is signed as it is loaded.';
  return { report: signedReport(zone, message), isSound: true };
}

/** A signature that ends sooner was not renewed in time: name servers do so days ahead. */
const soonMs = 2 * 86_400_000;

/** How one zone's signatures stand. */
export interface SignedZone {
  readonly zone: string;
  readonly isSound: boolean;
  readonly message: string;
  /** When the first of its signatures ends, milliseconds since 1970; undefined where no server told. */
  readonly until: number | undefined;
}

/** What the servers' signatures say beside their keys. `ends`: by server, seconds since 1970. Pure. */
export function judgeRenewal(
  keys: Judged,
  ends: readonly { readonly server: string; readonly heard: Heard | undefined }[],
  now: number,
): Omit<SignedZone, 'zone'> {
  const told = ends.flatMap(({ server, heard }) =>
    heard?.kind === 'values' ? heard.values.map((value) => ({ server, at: Number(value) * 1000 })) : [],
  );
  const [first] = told.toSorted((a, b) => a.at - b.at);
  const until = first?.at;
  if (!keys.isSound) return { isSound: false, message: keys.report.message, until };
  const mute = ends.find(({ heard }) => heard?.kind === 'refused' && heard.code === 'EMPTY');
  if (mute !== undefined)
    return { isSound: false, message: `It has keys, but ${mute.server} answers without a signature.`, until };
  if (first === undefined) return { isSound: false, message: 'No name server told its signatures.', until };
  const date = new Date(first.at).toISOString().slice(0, 16).replace('T', ' ');
  if (first.at - now > soonMs) return { isSound: true, message: `Signed until ${date} and renewed before.`, until };
  const message = `The signature of ${first.server} ${first.at < now ? 'ended' : 'ends'} on ${date} and was not renewed: resolvers that check refuse it from then on.`;
  return { isSound: false, message, until };
}

/** Where keys are looked up, and who knows what the zones above say of them. */
export interface Looking {
  readonly servers: readonly Pick<NameServer, 'name' | 'address' | 'port'>[];
  readonly resolver?: { readonly address: string; readonly port: number } | undefined;
}

/** A signed zone as it was found. */
export interface Found extends Judged {
  readonly zone: string;
  /** What the zone above shows; none: nobody checks; undefined: not known. */
  readonly ds: readonly Ds[] | undefined;
}

function heldAt(
  { servers }: Looking,
  heard: readonly (readonly Heard[])[],
  at: number,
): readonly { readonly server: string; readonly heard: Heard | undefined }[] {
  return servers.map(({ name: server }, nth) => ({ server, heard: heard[nth]?.[at] }));
}

/**
 * Every zone that a name server signs, and those of which some server said nothing. `lastDs`: what the zone above was
 * known to say, which stands while the resolver says nothing.
 */
export async function findSigned(
  looking: Looking,
  zones: readonly string[],
  signal: AbortSignal,
  lastDs: (zone: string) => Found['ds'] = () => undefined,
): Promise<{ readonly signed: readonly Found[]; readonly unknown: readonly string[] }> {
  const { servers, resolver } = looking;
  const keys = await Promise.all(
    servers.map(({ address, port }) => askKeys(zones, { address, port, signal, tries: 2 })),
  );
  const maybe = zones.flatMap((zone, at) => {
    const held = heldAt(looking, keys, at);
    return judgeKeys(zone, held) === undefined ? [] : [{ zone, held }];
  });
  const names = maybe.map(({ zone }) => zone);
  const above = resolver === undefined ? [] : await askDs(names, { ...resolver, signal, tries: 2 });
  const signed = maybe.flatMap(({ zone, held }, at) => {
    const ds = above[at] ?? lastDs(zone);
    const judged = judgeKeys(zone, held, ds);
    return judged === undefined ? [] : [{ zone, ds, ...judged }];
  });
  const unknown = zones.filter((_, at) => heldAt(looking, keys, at).some(({ heard }) => keysOf(heard) === undefined));
  return { signed, unknown };
}

/** Zones that nobody signs though the zones above them say so. */
async function brokenZones(
  { resolver }: Looking,
  unsigned: readonly string[],
  signal: AbortSignal,
): Promise<readonly SignedZone[]> {
  if (resolver === undefined) return [];
  const above = await askDs(unsigned, { ...resolver, signal, tries: 2 });
  const message =
    'A DS record is shown above it, but no name server signs it: resolvers that check refuse every answer. Sign it with the key that the record names, or take the record away.';
  return unsigned
    .filter((_, at) => !isUncheckable(above[at] ?? []))
    .map((zone) => ({ zone, isSound: false, message, until: undefined }));
}

/** Every zone that a name server signs or should, those that need a hand first. Servers that do not answer say nothing. */
export async function signedZones(
  looking: Looking,
  zones: readonly string[],
  now: number,
  signal: AbortSignal,
): Promise<readonly SignedZone[]> {
  const { signed, unknown } = await findSigned(looking, zones, signal);
  const other = new Set([...signed.map(({ zone }) => zone), ...unknown]);
  const broken = await brokenZones(
    looking,
    zones.filter((zone) => !other.has(zone)),
    signal,
  );
  const questions = signed.map(({ zone: name }) => ({ name, type: 'RRSIG' }) as const);
  const ends = await Promise.all(
    looking.servers.map(({ address, port }) => askAll(questions, { address, port, signal, tries: 2 })),
  );
  const judged = signed.map((found, at) => ({
    zone: found.zone,
    ...judgeRenewal(found, heldAt(looking, ends, at), now),
  }));
  return [...broken, ...judged].toSorted((a, b) => Number(a.isSound) - Number(b.isSound));
}
