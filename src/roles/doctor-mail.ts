/** `tandem doctor` on the masters as senders of mail: after a switch the other one's address sends for everybody. */
import { promises } from 'node:dns';
import { isIPv6 } from 'node:net';
import type { PublishConfig } from '../config-publish.ts';
import { messageOf } from '../errors.ts';
import { dial } from '../failover/checks/dial.ts';
import { addressOf } from '../failover/zone/address.ts';
import { counted, type DoctorCheck } from './doctor-judge.ts';

const check = 'mail';
const waitMs = 4000;

/** What is known of one address that sends mail. */
export interface Sender {
  readonly master: string;
  readonly address: string;
  /** Names that its address has; undefined where nobody said. */
  readonly names: readonly string[] | undefined;
  /** Those of them that lead back to the address. */
  readonly back: readonly string[];
  /** What its mail server calls itself; undefined where it cannot be reached from here. */
  readonly helo: string | undefined;
  /** Block lists that name the address. */
  readonly listed: readonly string[];
}

type Lookup = Pick<promises.Resolver, 'resolvePtr' | 'resolve4' | 'resolve6'>;

/** None where there is no such name; throws where nobody answers. */
async function none<T>(work: Promise<T[]>): Promise<readonly T[]> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === promises.NOTFOUND || code === promises.NODATA) return [];
    throw error;
  }
}

/** '192.0.2.7' → '7.2.0.192', IPv6 by its hexadecimal digits: as block lists are asked. */
export function backwards(address: string): string {
  if (!isIPv6(address)) return address.split('.').reverse().join('.');
  const groups = (addressOf(address)?.key ?? '').split(':').map((group) => group.padStart(4, '0'));
  return [...groups.join('')].reverse().join('.');
}

/** The first word of a mail server's greeting, or nothing. */
async function heloOf(host: string, port: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(waitMs);
  try {
    const said = await dial({ host, port }, { signal }, (line) => line.read((bytes) => bytes.includes(10)));
    return /^220[ -]([^\s]+)/.exec(said.toString('latin1'))?.[1]?.toLowerCase();
  } catch {
    // A closed port from here proves nothing about what others reach.
    return undefined;
  }
}

async function look(
  lookup: Lookup,
  { master, address, port, lists }: { master: string; address: string; port: number; lists: readonly string[] },
): Promise<Sender> {
  const same = (one: string): boolean => addressOf(one)?.key === addressOf(address)?.key;
  const leadsBack = async (name: string): Promise<boolean> =>
    (await none(isIPv6(address) ? lookup.resolve6(name) : lookup.resolve4(name))).some(same);
  // Not `reverse`: that would look into this machine's own /etc/hosts first.
  const zone = isIPv6(address) ? 'ip6.arpa' : 'in-addr.arpa';
  const names = await none(lookup.resolvePtr(`${backwards(address)}.${zone}`)).catch(() => undefined);
  const back: string[] = [];
  for (const name of names ?? []) if (await leadsBack(name).catch(() => false)) back.push(name.toLowerCase());
  const listed: string[] = [];
  for (const list of lists) {
    const found = await none(lookup.resolve4(`${backwards(address)}.${list}`)).catch(() => []);
    // Other answers are the list's way to say that it does not answer this resolver.
    if (found.some((one) => one.startsWith('127.0.0.'))) listed.push(list);
  }
  return { master, address, names, back, helo: await heloOf(address, port), listed };
}

/** What is wrong with a sender's names, as the end of a sentence. */
function naming({ names, back, helo }: Pick<Sender, 'names' | 'back' | 'helo'>): string | undefined {
  const [name] = back;
  if (names === undefined) return 'was not told its name (PTR) by the resolver.';
  if (names.length === 0) return 'has no name (PTR): many refuse its mail.';
  if (name === undefined) return `is called ${names.join(', ')}, which does not lead back to it.`;
  if (helo === undefined || back.includes(helo)) return undefined;
  return `is called ${name}, and its mail server says ${helo}.`;
}

/** What is wrong with one sender. Pure. */
export function judgeSender({ master, address, names, back, helo, listed }: Sender): readonly DoctorCheck[] {
  const who = `${master}’s ${address}`;
  const bad = (sentence: string, hint: string): DoctorCheck => ({ check, state: 'warning', sentence, hint });
  const hint =
    'Whoever gave the address sets it; the name must lead back to the address, and be what Exim calls itself.';
  const wrong = naming({ names, back, helo });
  return [
    ...(wrong === undefined ? [] : [bad(`${who} ${wrong}`, hint)]),
    ...listed.map(
      (list): DoctorCheck => ({
        check,
        state: 'failed',
        sentence: `${who} is on the block list ${list}.`,
        hint: 'Find out what it sent, then ask the list to take it off. Until then a switch to it loses mail.',
      }),
    ),
  ];
}

/** Where mail servers listen; tests have another port. */
export interface MailOptions {
  readonly port?: number;
}

/** Looks at every address in `pairs`. Nothing where no resolver is configured. */
export async function doctorMail(
  publish: Pick<PublishConfig, 'pairs' | 'resolver' | 'blockLists'> | undefined,
  { port = 25 }: MailOptions = {},
): Promise<readonly DoctorCheck[]> {
  if (publish?.resolver === undefined) return [];
  const { address: host, port: at } = publish.resolver;
  const lookup = new promises.Resolver({ timeout: 1500, tries: 2 });
  lookup.setServers([isIPv6(host) ? `[${host}]:${at}` : `${host}:${at}`]);
  const senders = publish.pairs.flatMap((pair) => Object.entries(pair));
  const lists = publish.blockLists;
  try {
    const all = await Promise.all(senders.map(([master, address]) => look(lookup, { master, address, port, lists })));
    const found = all.flatMap(judgeSender);
    if (found.length > 0) return found;
    const asked =
      lists.length === 0
        ? '; no block list is configured'
        : ` and stand on none of ${counted(lists.length, 'block list')}`;
    return [
      {
        check,
        state: 'ok',
        sentence: `${counted(all.length, 'address', 'addresses')} that send mail have names that lead back to them${asked}.`,
      },
    ];
  } catch (error) {
    return [{ check, state: 'warning', sentence: `The senders of mail cannot be looked at: ${messageOf(error)}` }];
  }
}
