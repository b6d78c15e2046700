import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode } from 'dns-packet';
import { messageOf } from '../../errors.ts';
import { addressOf } from '../zone/address.ts';
import { askStreams } from './ask-stream.ts';
import { type Got, packetOf, type Question, wireType } from './question.ts';

/**
 * Asks a name server many questions over UDP, as a resolver does, with a bound on how many are under way; over TCP where
 * an answer does not fit, since what then came is a part that proves nothing (RFC 2181, 9).
 */

export type Heard =
  | { readonly kind: 'serial'; readonly serial: number }
  /** Addresses in their one form, texts, or keys as 'flags algorithm base64'. */
  | { readonly kind: 'values'; readonly values: readonly string[] }
  /** Its code when it is no answer: 'REFUSED', 'SERVFAIL', 'NXDOMAIN', 'EMPTY'. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'silent'; readonly why: string };

export interface AskOptions {
  readonly address: string;
  readonly port: number;
  readonly signal: AbortSignal;
  /** Questions under way at once. */
  readonly window?: number;
  readonly timeoutMs?: number;
  readonly tries?: number;
}

interface Waiting {
  readonly at: number;
  readonly question: Question;
  tries: number;
  until: number;
}

function meaning(packet: DecodedPacket, question: Question): Heard {
  const code = 'rcode' in packet ? String(packet.rcode) : 'NOERROR';
  if (code !== 'NOERROR') return { kind: 'refused', code };
  if (packet.flag_tc) return { kind: 'refused', code: 'TRUNCATED' };
  const answers = (packet.answers ?? []).filter((one: Answer) => one.type === question.type);
  if (answers.length === 0) return { kind: 'refused', code: 'EMPTY' };
  const [first] = answers;
  if (first?.type === 'SOA') return { kind: 'serial', serial: first.data.serial ?? 0 };
  const values = answers.map((one) => {
    if (!('data' in one)) return '';
    if (one.type === 'A' || one.type === 'AAAA') return addressOf(String(one.data))?.key ?? '';
    if (one.type === 'RRSIG') return String(one.data.expiration);
    if (one.type === 'DNSKEY') return `${one.data.flags} ${one.data.algorithm} ${one.data.key.toString('base64')}`;
    return Array.isArray(one.data) ? one.data.join('') : String(one.data);
  });
  return { kind: 'values', values };
}

/** Questions of one socket: an answer counts only with the right number and the right question. */
class Asking {
  readonly heard: Heard[];
  /** Whole answers to questions that asked for signatures: of all of them they would fill the memory. */
  readonly packets: Got[] = [];
  /** Questions whose answer was cut off. */
  readonly cut: number[] = [];
  private readonly socket: Socket;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private isAlive = false;
  private isRefused = false;
  private readonly questions: readonly Question[];
  private readonly options: Required<Omit<AskOptions, 'signal'>> & Pick<AskOptions, 'signal'>;
  private finish: () => void = () => {};

  constructor(questions: readonly Question[], options: AskOptions) {
    this.questions = questions;
    this.options = { window: 200, timeoutMs: 1000, tries: 3, ...options };
    this.heard = questions.map((): Heard => ({ kind: 'silent', why: 'not asked' }));
    this.socket = createSocket({ type: isIPv6(options.address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
  }

  async run(): Promise<void> {
    if (this.questions.length === 0 || this.options.signal.aborted) {
      this.socket.close();
      return;
    }
    const done = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.socket.on('message', (bytes) => this.take(bytes));
    // Nobody listens there: the same as silence, and the clock finds it.
    this.socket.on('error', (error) => this.giveUp(messageOf(error)));
    let timer: NodeJS.Timeout | undefined;
    this.options.signal.addEventListener('abort', this.finish, { once: true });
    try {
      // Node hands a failure of connect to the callback alone, though its types say that it hands nothing.
      const connected = (error?: unknown): void => {
        if (error === undefined || error === null) {
          timer = setInterval(() => this.remind(), 50);
          this.fill();
        } else {
          this.heard.fill({ kind: 'silent', why: messageOf(error) });
          this.finish();
        }
      };
      this.socket.connect(this.options.port, this.options.address, connected);
      await done;
    } finally {
      clearInterval(timer);
      this.options.signal.removeEventListener('abort', this.finish);
      this.socket.close();
    }
  }

  private fill(): void {
    while (this.waiting.size < this.options.window && this.next < this.questions.length) {
      const at = this.next++;
      const question = this.questions[at];
      if (question === undefined) break;
      let id = randomInt(65_536);
      while (this.waiting.has(id)) id = (id + 1) & 0xffff;
      const one: Waiting = { at, question, tries: 0, until: 0 };
      this.waiting.set(id, one);
      this.send(id, one);
    }
    if (this.waiting.size === 0) this.finish();
  }

  private send(id: number, one: Waiting): void {
    one.tries++;
    one.until = performance.now() + this.options.timeoutMs;
    this.socket.send(encode(packetOf(one.question, id)), (error) => {
      if (error !== null && error !== undefined) this.giveUp(messageOf(error));
    });
  }

  private take(bytes: Uint8Array): void {
    let packet: DecodedPacket;
    try {
      packet = decode(Buffer.from(bytes));
    } catch {
      // Not DNS: the same as nothing; the question is asked again.
      return;
    }
    const id = packet.id ?? -1;
    const one = this.waiting.get(id);
    const asked = packet.questions?.[0];
    if (one === undefined || asked?.name.toLowerCase() !== one.question.name.toLowerCase()) return;
    if (asked.type !== wireType(one.question)) return;
    this.waiting.delete(id);
    this.isAlive = true;
    this.heard[one.at] = meaning(packet, one.question);
    if (packet.flag_tc) this.cut.push(one.at);
    else if (one.question.isSigned === true) this.packets[one.at] = packet;
    this.fill();
  }

  private remind(): void {
    const now = performance.now();
    for (const [id, one] of this.waiting) {
      if (one.until > now) continue;
      if (one.tries < this.options.tries) {
        this.send(id, one);
        continue;
      }
      this.waiting.delete(id);
      if (!this.isRefused) this.heard[one.at] = { kind: 'silent', why: 'no answer' };
      // It has not answered anything yet: the other thousands need not be asked.
      if (!this.isAlive) this.next = this.questions.length;
    }
    this.fill();
  }

  private giveUp(why: string): void {
    // Nobody listens there: asked again soon, for a server that is just starting, and not long.
    this.isRefused = true;
    const soon = performance.now() + 100;
    for (const one of this.waiting.values()) {
      this.heard[one.at] = { kind: 'silent', why };
      one.until = Math.min(one.until, soon);
    }
  }
}

/** Over UDP, then over TCP what was cut off. */
async function ask(questions: readonly Question[], options: AskOptions): Promise<Pick<Asking, 'heard' | 'packets'>> {
  const asking = new Asking(questions, options);
  await asking.run();
  const cut = asking.cut.flatMap((at) => {
    const question = questions[at];
    return question === undefined ? [] : [{ question, at }];
  });
  const whole = await askStreams(
    cut.map(({ question }) => question),
    options,
  );
  for (const [nth, { question, at }] of cut.entries()) {
    const packet = whole[nth];
    if (packet === undefined) continue;
    asking.heard[at] = meaning(packet, question);
    if (question.isSigned === true) asking.packets[at] = packet;
  }
  return asking;
}

/** What the server says to each question, in their order. Never throws; an aborted signal leaves 'silent'. */
export async function askAll(questions: readonly Question[], options: AskOptions): Promise<readonly Heard[]> {
  return (await ask(questions, options)).heard;
}

/** The whole answers with their signatures, in the order of the questions; undefined where none came. Never throws. */
export async function askPackets(questions: readonly Question[], options: AskOptions): Promise<readonly Got[]> {
  const { packets } = await ask(
    questions.map((one) => ({ ...one, isSigned: true })),
    options,
  );
  return questions.map((_, at) => packets[at]);
}
