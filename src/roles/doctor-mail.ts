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

/** 'yes', 'no', or why it could not be asked: that is neither. */
export type Answer = 'yes' | 'no' | Unasked;

export interface Unasked {
  readonly why: string;
}

/** What is known of one address that sends mail. */
export interface Sender {
  readonly master: string;
  readonly address: string;
  /** Names that its address has, and whether each leads back to it. */
  readonly names: readonly { readonly name: string; readonly leadsBack: Answer }[] | Unasked;
  /** What its mail server calls itself; undefined where it cannot be reached from here. */
  readonly helo: string | undefined;
  /** Whether each block list names the address. */
  readonly lists: readonly { readonly list: string; readonly isListed: Answer }[];
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

/** Why a question was not answered, in few words. */
function unasked(error: unknown): Unasked {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === promises.TIMEOUT) return { why: 'no answer came' };
  return { why: code === '' ? messageOf(error) : `the resolver says ${code}` };
}

/** What a list says of an address: 127.0.0.2 and above name it (RFC 5782); all else is its way to refuse a resolver. */
function listing(found: readonly string[]): Answer {
  if (found.length === 0) return 'no';
  if (found.some((one) => one.startsWith('127.0.0.') && one !== '127.0.0.1')) return 'yes';
  return { why: `it answers ${found.join(', ')}, which names nobody` };
}

/** Every list names these two, so that one can tell a list that works from one that has ended. */
const testEntries = ['2.0.0.127', backwards('::ffff:127.0.0.2')];

/** Asks block lists; whether a list works at all is asked once. */
function openLists(lookup: Lookup): (list: string, address: string) => Promise<Answer> {
  const ask = async (name: string): Promise<Answer> =>
    none(lookup.resolve4(name)).then(listing, (error: unknown) => unasked(error));
  const works = async (list: string): Promise<Answer> => {
    let said: Answer = 'no';
    for (const entry of testEntries) {
      said = await ask(`${entry}.${list}`);
      if (said === 'yes') return said;
    }
    return said;
  };
  const known = new Map<string, Promise<Answer>>();
  return async (list, address) => {
    const said = await ask(`${backwards(address)}.${list}`);
    if (said !== 'no') return said;
    const working = known.get(list) ?? works(list);
    known.set(list, working);
    const is = await working;
    if (is === 'yes') return 'no';
    return is === 'no' ? { why: 'it does not name its own test entry, and may have ended' } : is;
  };
}

interface Asking {
  readonly lookup: Lookup;
  readonly listed: ReturnType<typeof openLists>;
  readonly port: number;
  readonly lists: readonly string[];
}

async function look(
  { lookup, listed, port, lists }: Asking,
  { master, address }: { readonly master: string; readonly address: string },
): Promise<Sender> {
  const same = (one: string): boolean => addressOf(one)?.key === addressOf(address)?.key;
  const leadsBack = async (name: string): Promise<Answer> =>
    none(isIPv6(address) ? lookup.resolve6(name) : lookup.resolve4(name)).then(
      (found) => (found.some(same) ? 'yes' : 'no'),
      unasked,
    );
  // Not `reverse`: that would look into this machine's own /etc/hosts first.
  const zone = isIPv6(address) ? 'ip6.arpa' : 'in-addr.arpa';
  const found = await none(lookup.resolvePtr(`${backwards(address)}.${zone}`)).catch(unasked);
  const names =
    'why' in found
      ? found
      : await oneAfterOther(found, async (name) => ({ name: name.toLowerCase(), leadsBack: await leadsBack(name) }));
  const said = await oneAfterOther(lists, async (list) => ({ list, isListed: await listed(list, address) }));
  return { master, address, names, helo: await heloOf(address, port), lists: said };
}

async function oneAfterOther<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<readonly U[]> {
  const done: U[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

/** What is wrong with a sender's names, as the end of a sentence. */
function naming({ names, helo }: Pick<Sender, 'names' | 'helo'>): string | undefined {
  if ('why' in names) return `could not be asked about its name (PTR): ${names.why}.`;
  if (names.length === 0) return 'has no name (PTR): many refuse its mail.';
  const back = names.filter(({ leadsBack }) => leadsBack === 'yes').map(({ name }) => name);
  const [name] = back;
  const open = names.flatMap(({ name: one, leadsBack }) =>
    typeof leadsBack === 'object' ? [{ name: one, why: leadsBack.why }] : [],
  );
  const doubt = open.find((one) => name === undefined || one.name === helo);
  if (doubt !== undefined)
    return `is called ${doubt.name}, and whether that leads back to it could not be asked: ${doubt.why}.`;
  if (name === undefined)
    return `is called ${names.map((one) => one.name).join(', ')}, which does not lead back to it.`;
  if (helo === undefined || back.includes(helo)) return undefined;
  return `is called ${name}, and its mail server says ${helo}.`;
}

function ofList(who: string, list: string, isListed: Answer): readonly DoctorCheck[] {
  if (isListed === 'no') return [];
  if (isListed === 'yes')
    return [
      {
        check,
        state: 'failed',
        sentence: `${who} is on the block list ${list}.`,
        hint: 'Find out what it sent, then ask the list to take it off. Until then a switch to it loses mail.',
      },
    ];
  return [
    {
      check,
      state: 'warning',
      sentence: `${who}: the block list ${list} could not be asked: ${isListed.why}.`,
      hint: 'Many lists refuse public resolvers: ask through one of your own. Take a list out of blockLists that has ended.',
    },
  ];
}

/** What is wrong with one sender. Pure. */
export function judgeSender({ master, address, names, helo, lists }: Sender): readonly DoctorCheck[] {
  const who = `${master}’s ${address}`;
  const hint =
    'Whoever gave the address sets it; the name must lead back to the address, and be what Exim calls itself.';
  const wrong = naming({ names, helo });
  return [
    ...(wrong === undefined ? [] : [{ check, state: 'warning', sentence: `${who} ${wrong}`, hint } as const]),
    ...lists.flatMap(({ list, isListed }) => ofList(who, list, isListed)),
  ];
}

/** Of whom it is not known what they call themselves, as the end of a sentence. */
function unheard(senders: readonly Sender[]): string {
  const mute = senders.filter(({ helo }) => helo === undefined).map(({ master, address }) => `${master}’s ${address}`);
  return mute.length === 0 ? '' : `; what the mail server says could not be asked of ${mute.join(', ')}`;
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
    const asking = { lookup, listed: openLists(lookup), port, lists };
    const all = await Promise.all(senders.map(([master, address]) => look(asking, { master, address })));
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
        sentence: `${counted(all.length, 'address', 'addresses')} that send mail have names that lead back to them${asked}${unheard(all)}.`,
      },
    ];
  } catch (error) {
    return [{ check, state: 'warning', sentence: `The senders of mail cannot be looked at: ${messageOf(error)}` }];
  }
}
