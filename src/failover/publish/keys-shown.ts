import { askSigned } from './ask-signed.ts';
import type { LackingKey } from './carry-keys.ts';
import { keyTagOf } from './dnssec.ts';
import type { NameServer } from './publisher.ts';

/** Which keys of a zone the name servers show: a DS record must name none that one of them does not have. */

/** A key by what a DS record says of it. */
export interface KeyName {
  readonly tag: number;
  readonly algorithm: number;
}

/** Where they are not; empty lists: every name server shows all of them. */
export interface KeysShown {
  readonly lacking: readonly { readonly server: string; readonly tag: number }[];
  /** Servers that said nothing. */
  readonly silent: readonly string[];
  /** Why a key could not be given. */
  readonly reasons: readonly LackingKey[];
}

type Asked = Pick<NameServer, 'name' | 'address' | 'port'>;

/** '4711 13'. */
export function keyName({ tag, algorithm }: KeyName): string {
  return `${tag} ${algorithm}`;
}

/** The names of each zone's keys that a server shows; undefined where it says nothing. */
export async function shownAt(
  { address, port }: Asked,
  zones: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string> | undefined>> {
  const heard = await askSigned(
    zones.map((name) => ({ name, type: 'DNSKEY' })),
    { address, port, signal },
  );
  const namesOf = (rdata: readonly Buffer[]): ReadonlySet<string> =>
    new Set(rdata.map((one) => keyName({ tag: keyTagOf(one), algorithm: one[3] ?? 0 })));
  return new Map(zones.map((zone, at) => [zone, heard[at] && namesOf(heard[at].rdata)]));
}

/** Asks every server now. */
export async function keysShown(
  servers: readonly Asked[],
  zone: string,
  keys: readonly KeyName[],
  signal: AbortSignal,
): Promise<KeysShown> {
  const all = await Promise.all(
    servers.map(async (server) => ({ server: server.name, shown: (await shownAt(server, [zone], signal)).get(zone) })),
  );
  const lacking = all.flatMap(({ server, shown }) =>
    keys.flatMap((key) => (shown?.has(keyName(key)) === false ? [{ server, tag: key.tag }] : [])),
  );
  const silent = all.flatMap(({ server, shown }) => (shown === undefined ? [server] : []));
  return { lacking, silent, reasons: [] };
}

/** What a person is told of a zone whose keys are not everywhere; undefined where they are. */
export function whyNotShown(
  zone: string,
  { lacking, silent, reasons }: KeysShown,
  isCarried: boolean,
): string | undefined {
  const [first, mute] = [lacking[0], silent[0]];
  const about = `The keys of ${zone} are not on all name servers yet`;
  if (first !== undefined) {
    const reason = reasons.find((one) => one.zone === zone)?.reason;
    if (reason !== undefined) return `${about}: ${reason}`;
    const next = isCarried
      ? 'It is given to it within a minute; ask again then.'
      : 'It must be given to it by hand; see docs/publishing.md, Signed zones.';
    return `${about}: ${first.server} does not have key ${first.tag}. ${next}`;
  }
  return mute === undefined ? undefined : `Whether ${mute} has the keys of ${zone} is not known: it does not answer.`;
}
