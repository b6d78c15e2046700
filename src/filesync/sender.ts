import { contentFor } from './content-for.ts';
import { Filling, Frames, type Sent } from './frames.ts';
import { Guess } from './guess.ts';
import type { FileState, Known, State, Version } from './model.ts';
import type { Move } from './moves.ts';
import { mustWait } from './must-wait.ts';
import { observe } from './observe.ts';
import { Queue } from './queue.ts';
import type { Verdict } from './receive.ts';
import { inlineBytes, isLarge, remember, type Site, unitOf } from './site.ts';
import { sameState } from './states.ts';
import { joined, order } from './version.ts';
import { encode, headOf, lengthOf } from './wire.ts';
import type { WireOffer } from './wire-offer.ts';

const windowBytes = 16 * 1024 * 1024;
const patience = { crossed: 5000, later: 500, stopped: 10_000 } as const;

/** What a large file needs before it can go: the owner sends it by rsync. */
export type SendLarge = (key: string, known: Known & { readonly state: FileState }) => void;

export interface SenderOptions {
  readonly site: Site;
  /** A frame, or the beginning of one and the parts of its body. */
  write(bytes: Buffer, parts?: readonly Buffer[]): void;
  sendLarge: SendLarge;
  /** Runs `work` once after so many milliseconds. */
  later(ms: number, work: () => void): void;
}

/**
 * Keeps the other side told of everything pending: as much at a time as the window allows, nothing twice at once.
 * What is not answered when a connection ends is pending still, and goes first on the next one.
 */
export class Sender {
  private readonly options: SenderOptions;
  private readonly queue: Queue;
  private readonly sent = new Map<string, Sent>();
  private readonly waiting = new Map<string, boolean>();
  private readonly tries = new Map<string, number>();
  private readonly moves = new Map<number, readonly string[]>();
  private readonly frames = new Frames();
  private readonly bareOnce = new Set<string>();
  private readonly guess = new Guess();
  private bytes = 0;
  private isOpen = false;
  private isPumping = false;
  /** While true, offers go without content, because the other side may well have the same. */
  bare = false;

  constructor(options: SenderOptions) {
    this.options = options;
    this.queue = new Queue(options.site.store);
  }

  open(): void {
    this.isOpen = true;
    this.sent.clear();
    this.moves.clear();
    this.frames.clear();
    this.waiting.clear();
    this.bytes = 0;
    this.addAll(this.options.site.store.pending);
  }

  close(): void {
    this.isOpen = false;
  }

  get backlog(): number {
    return this.options.site.store.pending.size;
  }

  /** Whether what is read now is soon taken; also while a new pair awaits its first connection. */
  get isSendingSoon(): boolean {
    return this.isOpen ? this.sent.size > 0 : this.bare;
  }

  /** A pending key goes without content: the other side says when it lacks it. */
  addBare(key: string): void {
    this.queue.delete(key);
    this.add(key, false);
  }

  /** A key's content is on the other side under another name: the next offer goes without it. */
  renamed(key: string): void {
    if (this.bareOnce.size > 10_000) this.bareOnce.clear();
    this.bareOnce.add(key);
  }

  /** A key has become pending, or its content is wanted. */
  add(key: string, content = !this.bare): void {
    this.queue.add(key, content);
    this.wake();
  }

  private addAll(keys: Iterable<string>, content = !this.bare): void {
    this.queue.addAll(keys, content);
    this.wake();
  }

  /** One frame at a time, so that events and answers come in between. */
  private wake(): void {
    if (!this.isOpen || this.isPumping) return;
    this.isPumping = true;
    setImmediate(() => {
      this.isPumping = false;
      if (this.isOpen && this.pump()) this.wake();
    });
  }

  /** Tells of a renamed directory in one message, if the line is free of its paths. */
  move(move: Move, keys: readonly string[]): void {
    if (!this.isOpen || keys.some((key) => this.sent.has(key))) return;
    this.moves.set(move.count, keys);
    for (const key of keys) {
      const known = this.options.site.store.get(key);
      if (known !== undefined) this.sent.set(key, { version: known.version, state: known.state, bytes: 0, frame: 0 });
    }
    this.options.write(encode({ is: 'move', id: move.count, ...move }));
  }

  /** The answer to a move; when it was not done there, its paths go one by one. */
  moved(id: number, ok: boolean): void {
    const keys = this.moves.get(id) ?? [];
    this.moves.delete(id);
    for (const key of keys) {
      const sent = this.sent.get(key);
      this.sent.delete(key);
      if (ok && sent !== undefined) this.has(key, sent);
    }
    const left = keys.filter((key) => this.options.site.store.pending.has(key));
    this.addAll(left, true);
  }

  /** Sends a frame. Answers whether there may be more to send now. */
  private pump(): boolean {
    if (this.queue.size === 0 || this.sent.size >= this.guess.window(this.bare) || this.bytes >= windowBytes)
      return false;
    const { site } = this.options;
    const before = this.queue.size;
    const { offers, parts } = this.frame();
    for (const branch of site.trees.values()) branch.tree.forget();
    if (offers.length > 0) {
      const frame = this.frames.went(offers.map(([key]) => key));
      this.options.write(headOf({ is: 'offers', frame, offers }, lengthOf(parts)), parts);
    }
    return offers.length > 0 || this.queue.size < before;
  }

  /** The other side has all of a frame and of those before it, but for what it answered otherwise. */
  done(frame: number): void {
    for (const [number, keys] of this.frames.done(frame))
      for (const key of keys) {
        const sent = this.sent.get(key);
        // What was answered otherwise may be on its way again, in a later frame.
        if (sent?.frame === number) this.answered(key, sent.version, 'ok');
      }
  }

  private frame(): { readonly offers: WireOffer[]; readonly parts: Buffer[] } {
    const [offers, parts]: [WireOffer[], Buffer[]] = [[], []];
    const filling = new Filling();
    for (const [key, content] of this.queue.batch((one) => this.sent.has(one))) {
      if (this.sent.size >= this.guess.window(this.bare) || !filling.takes(key)) break;
      const made = this.offer(key, content);
      if (made === undefined) continue;
      offers.push(made.offer);
      if (made.content !== undefined) parts.push(made.content);
      filling.add(200 + (made.content?.length ?? 0));
    }
    return { offers, parts };
  }

  private offer(key: string, wantsContent: boolean): { offer: WireOffer; content?: Buffer } | undefined {
    const { site } = this.options;
    this.queue.delete(key);
    let known = site.store.get(key);
    if (known?.pending !== true) return undefined;
    const why = mustWait(site, key, known);
    if (why !== undefined) {
      this.wait(key, why, false);
      return undefined;
    }
    let content: Buffer | undefined;
    const isSmall = known.state.kind === 'file' && known.state.size <= inlineBytes;
    if (isSmall && this.brings(key, wantsContent)) {
      const read = this.read(key, known);
      if (read === undefined) return undefined;
      ({ known, content } = read);
    }
    const { version, state, conflict } = known;
    const bytes = 200 + (content?.length ?? 0);
    this.sent.set(key, { version, state, bytes, frame: this.frames.next, isBare: isSmall && content === undefined });
    this.bytes += bytes;
    const offer: WireOffer = [key, version, state, conflict === true, content?.length ?? -1];
    return { offer, ...(content === undefined ? {} : { content }) };
  }

  /** Whether a small file goes with its content: not when the other side has it under another name. */
  private brings(key: string, wantsContent: boolean): boolean {
    return !this.bareOnce.delete(key) && (wantsContent || (this.bare && this.guess.next()));
  }

  /** The content that belongs to the state. A file that has changed meanwhile is looked at again. */
  private read(key: string, known: Known): { known: Known; content: Buffer } | undefined {
    const { site } = this.options;
    const { state } = known;
    if (state.kind !== 'file') return undefined;
    const content = contentFor(site, key, state);
    if (content !== undefined) return { known, content };
    const now = observe(site, key);
    if (now === 'busy' || now.version === known.version) this.wait(key, 'later', true);
    return undefined;
  }

  private wait(key: string, why: 'crossed' | 'later' | 'stopped', content: boolean): void {
    const tries = this.tries.get(key) ?? 0;
    this.tries.set(key, tries + 1);
    this.waiting.set(key, content);
    const ms = why === 'later' ? Math.min(30_000, patience.later * 2 ** tries) : patience[why];
    this.options.later(ms, () => {
      const wanted = this.waiting.get(key);
      if (wanted === undefined) return;
      this.waiting.delete(key);
      this.add(key, wanted);
    });
  }

  /** An account goes on, here or there: what waited for it goes at once. */
  again(unit: string): void {
    const keys = [...this.waiting.keys()].filter((key) => unitOf(key) === unit);
    for (const key of keys) this.waiting.delete(key);
    this.addAll(keys);
  }

  /** The other side spoke of a key: what it knows, it has. Told before its offer is taken in. */
  heard(key: string, version: Version): void {
    const sent = this.sent.get(key);
    if (sent === undefined) return;
    this.sent.set(key, { ...sent, heard: joined(sent.heard ?? version, version) });
    if (order(version, joined(version, sent.version)) === 'equal') this.has(key, sent);
  }

  /** The other side has got a large file. */
  delivered(key: string, version: Version, state: State): void {
    this.tries.delete(key);
    this.has(key, { version, state, bytes: 0, frame: 0 });
    if (this.options.site.store.pending.has(key)) this.add(key, true);
  }

  private has(key: string, sent: Sent): void {
    const { site } = this.options;
    const known = site.store.get(key);
    site.contents.drop(key);
    if (known?.pending !== true) return;
    const told = joined(sent.version, sent.heard ?? sent.version);
    if (order(known.version, told) === 'equal' && sameState(known.state, sent.state)) {
      const { agreed: _agreed, pending: _pending, conflict: _conflict, ...settled } = known;
      remember(site, key, settled, known.state.kind);
    } else site.store.set(key, { ...known, agreed: sent.state });
  }

  /** The other side's answer to what was sent. */
  answered(key: string, version: Version, verdict: Verdict): void {
    const sent = this.sent.get(key);
    if (sent === undefined || order(version, sent.version) !== 'equal') return;
    this.sent.delete(key);
    this.bytes -= sent.bytes;
    if (sent.isBare && (verdict === 'ok' || verdict === 'want')) this.guess.answered(verdict === 'want');
    this.judged(key, sent, verdict);
    if (this.queue.size > 0) this.wake();
  }

  private judged(key: string, sent: Sent, verdict: Verdict): void {
    const { site } = this.options;
    switch (verdict) {
      case 'ok':
        this.tries.delete(key);
        this.has(key, sent);
        if (site.store.pending.has(key)) this.add(key, true);
        return;
      case 'want': {
        const known = site.store.get(key);
        if (known?.pending !== true) return;
        if (isLarge(known.state)) this.options.sendLarge(key, { ...known, state: known.state });
        else this.add(key, true);
        return;
      }
      case 'refused':
        site.log.warn({ key }, 'the other side refuses a path');
        this.has(key, sent);
        return;
      case 'crossed':
      case 'later':
      case 'stopped':
        this.wait(key, verdict, true);
    }
  }
}
