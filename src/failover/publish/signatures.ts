import type { Report } from '../zone/model.ts';
import { askAll, type Heard } from './ask.ts';
import type { NameServer, Publisher } from './publisher.ts';

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

/** undefined where nobody signs the zone. Pure. */
export function judgeKeys(zone: string, held: readonly Held[]): Judged | undefined {
  const known = held.flatMap(({ server, heard }) => {
    const keys = keysOf(heard);
    return keys === undefined ? [] : [{ server, keys }];
  });
  const [first] = known;
  if (first === undefined || known.every(({ keys }) => keys === '')) return undefined;
  const about = { kind: 'signed', line: 1, name: `${zone}.` } as const;
  const bare = known.filter(({ keys }) => keys === '').map(({ server }) => server);
  if (bare.length > 0) {
    const message = `It is signed, but not by ${bare.join(', ')}: resolvers that check refuse what is answered there. Sign it there with the same keys.`;
    return { report: { ...about, message }, isSound: false };
  }
  const other = known.find(({ keys }) => keys !== first.keys);
  if (other !== undefined) {
    const message = `${first.server} and ${other.server} sign it with different keys: resolvers that check may refuse either. Give both the same keys before the DS record is shown.`;
    return { report: { ...about, message }, isSound: false };
  }
  const message = 'Its name servers sign it, all with the same keys: a new address is signed as it is loaded.';
  return { report: { ...about, message }, isSound: true };
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

/** Every zone that a name server signs, those that need a hand first. Servers that do not answer say nothing. */
export async function signedZones(
  servers: readonly Pick<NameServer, 'name' | 'address' | 'port'>[],
  zones: readonly string[],
  now: number,
  signal: AbortSignal,
): Promise<readonly SignedZone[]> {
  const ask = (type: 'DNSKEY' | 'RRSIG', names: readonly string[]) =>
    Promise.all(
      servers.map(({ address, port }) =>
        askAll(
          names.map((name) => ({ name, type })),
          { address, port, signal, tries: 2 },
        ),
      ),
    );
  const held = (heard: readonly (readonly Heard[])[], at: number) =>
    servers.map(({ name: server }, nth) => ({ server, heard: heard[nth]?.[at] }));
  const keys = await ask('DNSKEY', zones);
  const signed = zones.flatMap((zone, at) => {
    const judged = judgeKeys(zone, held(keys, at));
    return judged === undefined ? [] : [{ zone, judged }];
  });
  const ends = await ask(
    'RRSIG',
    signed.map(({ zone }) => zone),
  );
  return signed
    .map(({ zone, judged }, at) => ({ zone, ...judgeRenewal(judged, held(ends, at), now) }))
    .toSorted((a, b) => Number(a.isSound) - Number(b.isSound));
}

/** Asks every name server for every zone's keys; those that do not answer say nothing. What is not sound comes first. */
export async function signatureReports(
  publishers: readonly Publisher[],
  zones: readonly string[],
  signal: AbortSignal,
): Promise<readonly { readonly zone: string; readonly report: Report }[]> {
  const servers: readonly NameServer[] = publishers.flatMap((one) => one.servers);
  const questions = zones.map((name) => ({ name, type: 'DNSKEY' }) as const);
  const heard = await Promise.all(
    servers.map(({ address, port }) => askAll(questions, { address, port, signal, tries: 2 })),
  );
  const judged = zones.flatMap((zone, at) => {
    const held = servers.map(({ name }, nth) => ({ server: name, heard: heard[nth]?.[at] }));
    const one = judgeKeys(zone, held);
    return one === undefined ? [] : [{ zone, ...one }];
  });
  const sorted = [...judged.filter(({ isSound }) => !isSound), ...judged.filter(({ isSound }) => isSound)];
  return sorted.map(({ zone, report }) => ({ zone, report }));
}
