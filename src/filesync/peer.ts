import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.ts';
import type { Offer } from './model.ts';
import { type Judged, Nursery } from './nursery.ts';
import { digestOf } from './observe.ts';
import { receive, type Verdict } from './receive.ts';
import type { Sender } from './sender.ts';
import { isLarge, type Site } from './site.ts';
import { Unhurried } from './unhurried.ts';
import { BadFrame, encode, type Frame, FrameReader, lengthOf, type Message, protocol } from './wire.ts';
import type { WireOffer } from './wire-offer.ts';

/** What one connection needs of the agent. */
export interface PeerOptions {
  readonly site: Site;
  readonly sender: Sender;
  readonly stream: Duplex;
  /** Other frames: bulk and moves. */
  onMessage(said: Message): void;
  /** A large file is wanted of the other side. */
  onWant(offer: Offer): void;
  onOpen(): void;
  onClose(why: string): void;
}

/** Times in milliseconds; round trip and skew are undefined until measured. */
export interface Health {
  roundTripMs?: number;
  skewMs?: number;
  sentBytes: number;
  receivedBytes: number;
}

type Answer = [string, readonly [number, number], Verdict];

/** Who has heard nothing for so long asks; side 2 a little later, so that of two that are idle one alone asks. */
const askMs = [7000, 8000] as const;
/** The connection is dead when nothing was heard for so long. */
const quietMs = 15_000;
const commitMs = 1500;
/** What an offer weighs without its content. */
const offerBytes = 200;

/**
 * Speaks with the other agent over one stream until it ends. Frames are taken in one after another; the answers to them
 * go out when all they changed is on disk, while the next are already being worked on.
 */
export class Peer {
  private readonly options: PeerOptions;
  private readonly reader = new FrameReader();
  private readonly nursery: Nursery;
  private timer: NodeJS.Timeout | undefined;
  private committing: NodeJS.Timeout | undefined;
  private readonly answering: Unhurried;
  private isGreeted = false;
  private isClosed = false;
  private isSyncing = false;
  private done = -1;
  private told = -1;
  readonly health: Health;

  constructor(options: PeerOptions) {
    this.options = options;
    const { site, stream } = options;
    this.nursery = new Nursery(site);
    this.answering = new Unhurried(() => void this.answer(), site.now);
    this.health = { sentBytes: 0, receivedBytes: 0 };
    this.listen();
    stream.on('data', (chunk: Buffer) => this.data(chunk));
    stream.on('error', (error) => this.close(error.message));
    stream.on('close', () => this.close('the connection ended'));
    this.write(encode({ is: 'hello', protocol, side: site.side, trees: [...site.trees.keys()] }));
  }

  /** Sends a frame; what is in parts goes from where it lies, without being put together. */
  write(bytes: Buffer, parts: readonly Buffer[] = []): void {
    if (this.isClosed) return;
    const { stream } = this.options;
    this.health.sentBytes += bytes.length + lengthOf(parts);
    stream.cork();
    stream.write(bytes);
    for (const part of parts) stream.write(part);
    stream.uncork();
  }

  close(why: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.timer);
    clearTimeout(this.committing);
    this.answering.stop();
    if (this.isGreeted) this.options.sender.close();
    this.nursery.clear();
    this.options.stream.destroy();
    this.options.onClose(why);
  }

  /** Asks when the other side is silent, and gives up when it stays so. */
  private listen(): void {
    const ms = askMs[this.options.site.side - 1] ?? askMs[0];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = setTimeout(() => this.close('the other side is silent'), quietMs - ms);
      this.ask();
    }, ms);
  }

  private ask(): void {
    this.write(encode({ is: 'ping', at: this.options.site.now() }));
  }

  private data(chunk: Buffer): void {
    if (this.isClosed) return;
    this.listen();
    this.health.receivedBytes += chunk.length;
    try {
      for (const frame of this.reader.push(chunk)) {
        if (!this.isClosed) this.handle(frame);
      }
    } catch (error) {
      this.close(messageOf(error));
    }
  }

  private handle({ message: said, body }: Frame): void {
    const { site, sender, onMessage } = this.options;
    if (said.is !== 'hello' && !this.isGreeted) throw new BadFrame('the other side did not say hello');
    switch (said.is) {
      case 'hello':
        this.greeted(said);
        return;
      case 'offers':
        this.offered(said, body);
        return;
      case 'answers':
        for (const [key, version, verdict] of said.answers) sender.answered(key, version, verdict);
        this.commitSoon();
        return;
      case 'done':
        sender.done(said.frame);
        this.commitSoon();
        return;
      case 'ping':
        this.write(encode({ is: 'pong', at: said.at, now: site.now() }));
        this.clockThere(said.at);
        return;
      case 'pong':
        this.health.roundTripMs = site.now() - said.at;
        this.clockThere(said.now);
        return;
      default:
        this.answerNow(this.nursery.land());
        onMessage(said);
    }
  }

  /** What the other side has is written down a little later: what is lost of it by a kill is offered once more. */
  private commitSoon(): void {
    this.committing ??= setTimeout(() => {
      this.committing = undefined;
      this.options.site.store.commit().catch((error: unknown) => this.close(messageOf(error)));
    }, commitMs);
  }

  /** What the other side's clock showed half a round trip ago. */
  private clockThere(at: number): void {
    const { roundTripMs } = this.health;
    if (roundTripMs !== undefined) this.health.skewMs = Math.round(at + roundTripMs / 2 - this.options.site.now());
  }

  private greeted(said: Message & { is: 'hello' }): void {
    const { site, sender, onOpen } = this.options;
    const ours = [...site.trees.keys()].sort().join(' ');
    if (said.protocol !== protocol)
      throw new BadFrame(`the other side speaks protocol ${said.protocol}, this one ${protocol}`);
    if (said.side === site.side) throw new BadFrame(`both sides are configured as side ${said.side}`);
    if ([...said.trees].sort().join(' ') !== ours)
      throw new BadFrame(`the other side has other trees: ${said.trees.join(', ')}`);
    if (this.isGreeted) throw new BadFrame('the other side said hello twice');
    this.isGreeted = true;
    onOpen();
    sender.open();
    this.ask();
  }

  private offered({ frame, offers }: Message & { is: 'offers' }, body: Buffer): void {
    const { site, sender } = this.options;
    const all = [...contentsOf(offers, body)];
    for (const [{ key, version }] of all) sender.heard(key, version);
    const { rest, judged } = this.nursery.raise(all);
    const now = [...judged];
    for (const [offer, content] of rest) now.push([offer, receive(site, offer, content)]);
    this.done = frame;
    for (const branch of site.trees.values()) branch.tree.forget();
    this.answerNow(now);
    // What waits to be put in place is awaited.
    if (this.nursery.isEmpty) this.answering.came(body.length + offerBytes * offers.length);
    else void this.answer();
  }

  /** What is done needs no answer of its own. */
  private answerNow(all: readonly Judged[]): void {
    const answers: Answer[] = [];
    for (const [offer, verdict] of all) {
      const { key, version, state } = offer;
      if (verdict !== 'ok') answers.push([key, version, verdict]);
      if (verdict === 'want' && isLarge(state)) this.options.onWant(offer);
    }
    if (answers.length > 0) this.write(encode({ is: 'answers', answers }));
  }

  /** One sync for all that came meanwhile; then what it made durable is answered. */
  private async answer(): Promise<void> {
    if (this.isSyncing) return;
    this.isSyncing = true;
    try {
      while (this.told < this.done && !this.isClosed) {
        const frame = this.done;
        this.answerNow(await this.nursery.ripe());
        await synced(this.options.site);
        this.told = frame;
        this.write(encode({ is: 'done', frame }));
      }
    } catch (error) {
      this.close(`what was received could not be made durable: ${messageOf(error)}`);
    } finally {
      this.isSyncing = false;
    }
  }
}

/** Offers with their contents out of the body. Throws BadFrame when what came is not what was said. */
function* contentsOf(offers: readonly WireOffer[], body: Buffer): Generator<[Offer, Buffer | undefined]> {
  let at = 0;
  for (const [key, version, state, conflict, length] of offers) {
    const content = length < 0 ? undefined : body.subarray(at, at + length);
    at += Math.max(0, length);
    if (at > body.length) throw new BadFrame('the peer sent less than it said');
    if (content !== undefined && (state.kind !== 'file' || digestOf(content) !== state.digest || length !== state.size))
      throw new BadFrame('the peer sent content that is not what it said');
    yield [{ key, version, state, conflict }, content];
  }
}

/** What was written to the trees first, then the memory of it. */
async function synced(site: Site): Promise<void> {
  await Promise.all([...site.trees.values()].map(({ spool }) => site.native.syncFileSystem(spool.fd)));
  await site.store.commit();
}
