import { pathOf } from './maildir.ts';
import type { FileState, Known, State, Version } from './model.ts';
import { contentOf, digestOf, observe } from './observe.ts';
import type { Verdict } from './receive.ts';
import { inlineBytes, remember, type Site, split, unitOf } from './site.ts';
import { order } from './version.ts';
import { encode, mostOffers, type WireOffer } from './wire.ts';

const frameBytes = 256 * 1024;
const windowBytes = 16 * 1024 * 1024;
const windowOffers = 8000;
const patience: Readonly<Record<'crossed' | 'later' | 'stopped', number>> = {
  crossed: 5000,
  later: 500,
  stopped: 10_000,
};

interface Sent {
  readonly version: Version;
  readonly state: State;
  readonly bytes: number;
}

/** What a large file needs before it can go: the owner sends it by rsync. */
export type SendLarge = (key: string, known: Known & { readonly state: FileState }) => void;

export interface SenderOptions {
  readonly site: Site;
  write(bytes: Buffer): void;
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
  /** Keys to send, and whether with content. */
  private readonly queue = new Map<string, boolean>();
  private readonly sent = new Map<string, Sent>();
  private readonly waiting = new Map<string, boolean>();
  private readonly tries = new Map<string, number>();
  private bytes = 0;
  private isOpen = false;
  private isPumping = false;
  /** While true, offers go without content, because the other side may well have the same. */
  bare = false;

  constructor(options: SenderOptions) {
    this.options = options;
  }

  open(): void {
    this.isOpen = true;
    this.sent.clear();
    this.waiting.clear();
    this.bytes = 0;
    for (const key of this.options.site.store.pending) this.queue.set(key, !this.bare);
    this.wake();
  }

  close(): void {
    this.isOpen = false;
  }

  get backlog(): number {
    return this.options.site.store.pending.size;
  }

  /** A key has become pending, or its content is wanted. */
  add(key: string, content = !this.bare): void {
    this.queue.set(key, content || this.queue.get(key) === true);
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

  private isFull(): boolean {
    return this.sent.size >= windowOffers || this.bytes >= windowBytes;
  }

  /** Sends a frame. Answers whether there may be more to send now. */
  private pump(): boolean {
    if (this.queue.size === 0 || this.isFull()) return false;
    const { site } = this.options;
    const before = this.queue.size;
    const { offers, parts } = this.frame();
    for (const branch of site.trees.values()) branch.tree.forget();
    if (offers.length > 0) this.options.write(encode({ is: 'offers', offers }, parts));
    return offers.length > 0 || this.queue.size < before;
  }

  private frame(): { readonly offers: WireOffer[]; readonly parts: Buffer[] } {
    const [offers, parts]: [WireOffer[], Buffer[]] = [[], []];
    let size = 0;
    for (const [key, content] of this.batch()) {
      const made = this.offer(key, content);
      if (made === undefined) continue;
      offers.push(made.offer);
      if (made.content !== undefined) parts.push(made.content);
      size += 200 + (made.content?.length ?? 0);
      if (size > frameBytes) break;
    }
    return { offers, parts };
  }

  /** What goes first: what left, deepest first, so that directories are empty when they go; then what is, from the top. */
  private batch(): [string, boolean][] {
    const some: [string, boolean, boolean][] = [];
    for (const [key, content] of this.queue) {
      if (this.sent.has(key)) continue;
      some.push([key, content, this.options.site.store.get(key)?.state.kind === 'absent']);
      if (some.length >= mostOffers) break;
    }
    const [gone, live] = [some.filter(([, , left]) => left), some.filter(([, , left]) => !left)];
    gone.sort(([a], [b]) => (a < b ? 1 : -1));
    live.sort(([a], [b]) => (a < b ? -1 : 1));
    return [...gone, ...live].map(([key, content]) => [key, content]);
  }

  private offer(key: string, wantsContent: boolean): { offer: WireOffer; content?: Buffer } | undefined {
    const { site } = this.options;
    let known = site.store.get(key);
    if (known?.pending !== true) {
      this.queue.delete(key);
      return undefined;
    }
    if (site.stopped(unitOf(key)) !== undefined) {
      this.queue.delete(key);
      this.wait(key, 'stopped', false);
      return undefined;
    }
    let content: Buffer | undefined;
    if (known.state.kind === 'file' && wantsContent && known.state.size <= inlineBytes) {
      const read = this.read(key, known);
      if (read === undefined) return undefined;
      ({ known, content } = read);
    }
    this.queue.delete(key);
    const { version, state, conflict } = known;
    const bytes = 200 + (content?.length ?? 0);
    this.sent.set(key, { version, state, bytes });
    this.bytes += bytes;
    return {
      offer: [key, version, state, conflict === true, content?.length ?? -1],
      ...(content === undefined ? {} : { content }),
    };
  }

  /** The content that belongs to the state. A file that has changed meanwhile is looked at again. */
  private read(key: string, known: Known): { known: Known; content: Buffer } | undefined {
    const { site } = this.options;
    const { state } = known;
    if (state.kind !== 'file') return undefined;
    const kept = site.contents.take(key);
    if (kept !== undefined && kept.length === state.size && digestOf(kept) === state.digest)
      return { known, content: kept };
    const at = split(site, key);
    const content =
      at === undefined
        ? undefined
        : contentOf(at.branch, pathOf(key, state.place).slice(at.branch.tree.name.length + 1));
    if (content !== undefined && content.length === state.size && digestOf(content) === state.digest)
      return { known, content };
    const now = observe(site, key);
    if (now === 'busy' || now.version === known.version) {
      this.queue.delete(key);
      this.wait(key, 'later', true);
    }
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

  /** The other side spoke of a key: what it knows, it has. Told before its offer is taken in. */
  heard(key: string, version: Version): void {
    const sent = this.sent.get(key);
    if (sent === undefined || !['newer', 'equal'].includes(order(version, sent.version))) return;
    this.has(key, sent);
  }

  /** The other side has got a large file. */
  delivered(key: string, version: Version, state: State): void {
    this.tries.delete(key);
    this.has(key, { version, state, bytes: 0 });
    if (this.options.site.store.pending.has(key)) this.add(key, true);
  }

  private has(key: string, sent: Sent): void {
    const { site } = this.options;
    const known = site.store.get(key);
    if (known?.pending !== true) return;
    if (order(known.version, sent.version) === 'equal') {
      const { version, state, print } = known;
      remember(site, key, { version, state, ...(print === undefined ? {} : { print }) });
    } else site.store.set(key, { ...known, agreed: sent.state });
  }

  /** The other side's answer to what was sent. */
  answered(key: string, version: Version, verdict: Verdict): void {
    const sent = this.sent.get(key);
    if (sent === undefined || order(version, sent.version) !== 'equal') return;
    this.sent.delete(key);
    this.bytes -= sent.bytes;
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
        if (known.state.kind === 'file' && known.state.size > inlineBytes)
          this.options.sendLarge(key, { ...known, state: known.state });
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
