import type { Answer, DecodedPacket } from 'dns-packet';
import { addressOf } from '../zone/address.ts';
import { type AskOptions, askAll, askPackets, type Heard } from './ask.ts';
import type { Ds, SignedSet } from './dnssec.ts';
import type { Got } from './question.ts';

/** Asks a name server for records with their signatures, over TCP where they do not fit. */

/** What is asked: a record set and its signatures, or what the zone above vouches for. */
export interface SignedQuestion {
  /** Without the closing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'DNSKEY' | 'DS';
}

const numbers = { A: 1, AAAA: 28, DNSKEY: 48, DS: 43 } as const;

function bytesOf(one: Answer): readonly Buffer[] {
  switch (one.type) {
    case 'A':
      return [Buffer.from(String(one.data).split('.').map(Number))];
    case 'AAAA': {
      const groups = (addressOf(String(one.data))?.key ?? '').split(':');
      return [Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')];
    }
    case 'DNSKEY': {
      const { flags, algorithm, key } = one.data;
      return [Buffer.concat([Buffer.from([flags >> 8, flags & 255, 3, algorithm]), key])];
    }
    default:
      return [];
  }
}

function setOf(packet: DecodedPacket, { name, type }: SignedQuestion): SignedSet {
  const answers = packet.answers ?? [];
  const rdata = answers.flatMap((one) => (one.type === type ? bytesOf(one) : []));
  const signatures = answers.flatMap((one) =>
    one.type === 'RRSIG' && one.data.typeCovered === type ? [one.data] : [],
  );
  return { owner: name, type: numbers[type], rdata, signatures };
}

/** The whole packets, in the order of the questions; undefined where the server is silent or refuses. */
async function packets(questions: readonly SignedQuestion[], options: AskOptions): Promise<readonly Got[]> {
  const got = await askPackets(questions, options);
  return got.map((packet) =>
    packet !== undefined && 'rcode' in packet && packet.rcode !== 'NOERROR' ? undefined : packet,
  );
}

/** Each record set with its signatures; undefined where the server is silent or refuses. */
export async function askSigned(
  questions: readonly SignedQuestion[],
  options: AskOptions,
): Promise<readonly (SignedSet | undefined)[]> {
  const got = await packets(questions, options);
  return questions.map((question, at) => {
    const packet = got[at];
    return packet === undefined ? undefined : setOf(packet, question);
  });
}

/** What a resolver says that the zones above vouch for; none: nobody checks the zone; undefined: it did not say. */
export async function askDs(
  zones: readonly string[],
  options: AskOptions,
): Promise<readonly (readonly Ds[] | undefined)[]> {
  const got = await packets(
    zones.map((name) => ({ name, type: 'DS' })),
    options,
  );
  return got.map((packet) => {
    return packet?.answers?.flatMap((one) => {
      if (one.type !== 'DS') return [];
      const { keyTag, algorithm, digestType, digest } = one.data;
      return [{ keyTag, algorithm, digestType, digest }];
    });
  });
}

/** Each zone's keys as 'flags algorithm base64', however many they are. */
export async function askKeys(zones: readonly string[], options: AskOptions): Promise<readonly Heard[]> {
  return await askAll(
    zones.map((name) => ({ name, type: 'DNSKEY' })),
    { tries: 2, ...options },
  );
}
