import { connect } from 'node:net';
import { type Answer, type DecodedPacket, decode, type Packet, streamEncode } from 'dns-packet';
import { inFlight } from '../apply/files.ts';
import { addressOf } from '../zone/address.ts';
import { type AskOptions, askAll, askPackets, type Got, type Heard, signedOption } from './ask.ts';
import type { Ds, SignedSet } from './dnssec.ts';

/** Asks a name server for records with their signatures, over TCP where they do not fit. */

/** What is asked: a record set and its signatures, or what the zone above vouches for. */
export interface SignedQuestion {
  /** Without the closing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'DNSKEY' | 'DS';
}

const numbers = { A: 1, AAAA: 28, DNSKEY: 48, DS: 43 } as const;
const timeoutMs = 3000;

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

/** One question over TCP; undefined when nothing came. Never rejects. */
function askStream({ name, type }: SignedQuestion, { address, port, signal }: AskOptions): Promise<Got> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    let heard = Buffer.alloc(0);
    const end = (got: Got): void => {
      socket.destroy();
      resolve(got);
    };
    const asked: Packet = { type: 'query', id: 1, questions: [{ type, name }] };
    socket.on('connect', () => socket.write(streamEncode({ ...asked, additionals: [signedOption] })));
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      if (heard.length < 2 || heard.length < 2 + heard.readUInt16BE(0)) return;
      try {
        end(decode(heard.subarray(2)));
      } catch {
        end(undefined);
      }
    });
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
  });
}

/** The whole packets, in the order of the questions; undefined where the server is silent or refuses. */
async function packets(questions: readonly SignedQuestion[], options: AskOptions): Promise<readonly Got[]> {
  const got = [...(await askPackets(questions, options))];
  const cut = [...got.entries()].filter(([, packet]) => packet?.flag_tc === true);
  await inFlight(cut, 8, async ([at]) => {
    const question = questions[at];
    if (question !== undefined) got[at] = await askStream(question, options);
  });
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
  const heard = [
    ...(await askAll(
      zones.map((name) => ({ name, type: 'DNSKEY' })),
      { tries: 2, ...options },
    )),
  ];
  const cut = [...heard.entries()].filter(([, one]) => one.kind === 'refused' && one.code === 'TRUNCATED');
  const whole = await askSigned(
    cut.map(([at]) => ({ name: zones[at] ?? '', type: 'DNSKEY' })),
    options,
  );
  for (const [nth, [at]] of cut.entries()) {
    const keys = whole[nth]?.rdata ?? [];
    const values = keys.map((key) => `${key.readUInt16BE(0)} ${key[3]} ${key.subarray(4).toString('base64')}`);
    if (values.length > 0) heard[at] = { kind: 'values', values };
  }
  return heard;
}
