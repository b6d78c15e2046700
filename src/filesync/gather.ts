import type { TreeEvent } from './events.ts';
import { keyOf } from './maildir.ts';
import { isAsKnown, observe } from './observe.ts';
import { type Branch, type Site, split } from './site.ts';

const firstMs = 20;
const mostMs = 80;
const apartMs = 80;
const newMs = 2000;
const soonMs = 100;
const commitMs = 300;
const chunk = 400;

export interface GatherOptions {
  readonly site: Site;
  /** A directory appeared: what is in it was perhaps made before anyone watched. */
  scan(branch: Branch, relative: string): void;
  /** A directory was renamed. Answers whether that was dealt with; else both names are looked at. */
  renamed(branch: Branch, from: string, to: string): boolean;
  /** What the other side has under another name has this key now. */
  renamedFile(key: string): void;
}

/**
 * Turns events into looks at the disk: a moment after the first of a row, all of them at once. What is found decides;
 * an event only says where to look. A file that changes again and again is looked at less and less often.
 */
export class Gather {
  private readonly options: GatherOptions;
  private dirty = new Map<string, Set<string>>();
  private readonly hot = new Map<string, { at: number; pauseMs: number }>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private timer: NodeJS.Timeout | undefined;
  private since = 0;
  private flushed = 0;
  private isAwaiting = false;
  private isCommitting = false;
  private readonly unclosed = new Map<string, number>();
  private moving = new Map<number, string>();
  private readonly movingFiles = new Map<number, string>();
  private first: number | undefined;
  /** Timers of what is to be looked at again, and since when. */
  private readonly again = new Map<NodeJS.Timeout, number>();

  constructor(options: GatherOptions) {
    this.options = options;
  }

  events(branch: Branch, events: readonly TreeEvent[]): void {
    for (const event of events) {
      if (!branch.isExcluded(event.path)) this.event(branch, event);
    }
  }

  private event(branch: Branch, event: TreeEvent): void {
    const path = `${branch.tree.name}/${event.path}`;
    switch (event.kind) {
      case 'new':
        // Its last writer closes it, which is told; only what was linked into place has no writer.
        if (keyOf(path, this.options.site.mailFolders).place !== undefined) this.touch(path);
        else this.made(path);
        return;
      case 'from':
      case 'to':
        this.unclosed.delete(path);
        this.fileMoved(path, event);
        if (event.kind !== 'from' || !this.isNobodys(path)) this.touch(path);
        return;
      case 'directory-from':
        if (event.cookie !== 0) this.moving.set(event.cookie, event.path);
        this.touch(path);
        return;
      case 'directory-to': {
        const from = this.moving.get(event.cookie);
        this.moving.delete(event.cookie);
        if (from !== undefined && this.options.renamed(branch, from, event.path)) return;
        if (from !== undefined) this.options.scan(branch, from);
        this.touch(path);
        this.options.scan(branch, event.path);
        return;
      }
      case 'directory':
        this.touch(path);
        this.options.scan(branch, event.path);
        return;
      default:
        this.unclosed.delete(path);
        if (event.kind !== 'gone' || !this.isNobodys(path)) this.touch(path);
    }
  }

  /**
   * Whether what left here was never known: so does each letter, which is written under another name and then renamed. What
   * comes in its place is told as well.
   */
  private isNobodys(path: string): boolean {
    const { site } = this.options;
    if (keyOf(path, site.mailFolders).key !== path || site.store.get(path) !== undefined) return false;
    this.dirty.delete(path);
    return true;
  }

  /** A file was renamed, to here or from here. */
  private fileMoved(path: string, { kind, cookie }: TreeEvent): void {
    if (cookie === 0) return;
    if (kind === 'from') {
      if (this.movingFiles.size > 10_000) this.movingFiles.clear();
      this.movingFiles.set(cookie, path);
      return;
    }
    const from = this.movingFiles.get(cookie);
    this.movingFiles.delete(cookie);
    const { site, renamedFile } = this.options;
    const known = from === undefined ? undefined : site.store.get(keyOf(from, site.mailFolders).key);
    if (known?.state.kind === 'file' && known.pending !== true) renamedFile(keyOf(path, site.mailFolders).key);
  }

  /** A file appeared that is perhaps still written to: a moment later it is looked at, unless its writer closed it. */
  private made(path: string): void {
    this.unclosed.set(path, this.options.site.now() + newMs);
    this.await(newMs);
  }

  private await(ms: number): void {
    if (this.isAwaiting) return;
    this.isAwaiting = true;
    this.after(ms, () => this.overdue());
  }

  private overdue(): void {
    this.isAwaiting = false;
    const now = this.options.site.now();
    for (const [path, at] of this.unclosed) {
      if (at > now) {
        this.await(at - now);
        return;
      }
      this.unclosed.delete(path);
      this.touch(path);
    }
  }

  private after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  /** A path 'tree/…' is to be looked at. */
  touch(path: string): void {
    const { site } = this.options;
    const { key } = keyOf(path, site.mailFolders);
    const hints = this.dirty.get(key) ?? new Set();
    if (path !== key) hints.add(path);
    this.dirty.set(key, hints);
    const now = site.now();
    this.first ??= now;
    if (this.timer === undefined) this.since = now;
    else clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), Math.max(0, Math.min(this.pauseMs(now), this.since + mostMs - now)));
  }

  /** What goes on and on is looked at less often. */
  private pauseMs(now: number): number {
    const apart = this.flushed + apartMs - now;
    return apart > firstMs && apart <= apartMs ? apart : firstMs;
  }

  /** As `touch`, a moment later. */
  touchSoon(path: string): void {
    this.later(soonMs, [path]);
  }

  /** When the oldest change that nobody has looked at was told, or undefined. */
  get oldest(): number | undefined {
    const all = [...this.again.values(), ...(this.first === undefined ? [] : [this.first])];
    // The first of these waits longest.
    for (const at of this.unclosed.values()) {
      all.push(at - newMs);
      break;
    }
    return all.length === 0 ? undefined : Math.min(...all);
  }

  private later(ms: number, paths: readonly string[]): void {
    const timer = setTimeout(() => {
      this.again.delete(timer);
      for (const path of paths) this.touch(path);
    }, ms);
    this.again.set(timer, this.options.site.now());
  }

  /** How long to leave a file alone that was written to a moment ago as well. */
  private isHot(key: string, hints: ReadonlySet<string>): boolean {
    const { site } = this.options;
    const known = site.store.get(key);
    if (known?.state.kind !== 'file' || known.state.place !== undefined) return false;
    const now = site.now();
    const was = this.hot.get(key);
    if (was === undefined || now - was.at > 2 * was.pauseMs + 1000) {
      if (this.hot.size > 10_000) this.hot.clear();
      this.hot.set(key, { at: now, pauseMs: 100 });
      return false;
    }
    if (now - was.at >= was.pauseMs) {
      this.hot.set(key, { at: now, pauseMs: Math.min(5000, was.pauseMs * 2) });
      return false;
    }
    // That it left is told at once: else the directory it was in would be told of first.
    const at = split(site, key);
    if (at?.branch.tree.look(at.relative, now) === undefined) return false;
    this.later(was.at + was.pauseMs - now + 1, hints.size === 0 ? [key] : [...hints]);
    return true;
  }

  /** A directory that left with what was in it, which nobody has looked at yet: that comes first. */
  private isEmptied(key: string): boolean {
    const { site, scan } = this.options;
    const at = split(site, key);
    if (at === undefined || !site.children.has(key) || site.store.get(key)?.state.kind !== 'directory') return false;
    if (at.branch.tree.look(at.relative, site.now())?.kind === 'directory') return false;
    scan(at.branch, at.relative);
    return true;
  }

  private flush(): void {
    this.timer = undefined;
    const { site } = this.options;
    this.flushed = site.now();
    const all = [...this.dirty];
    this.dirty = new Map();
    this.first = undefined;
    const step = (from: number): void => {
      for (const [key, hints] of all.slice(from, from + chunk)) this.one(key, hints);
      for (const branch of site.trees.values()) branch.tree.forget();
      if (from + chunk < all.length) setImmediate(step, from + chunk);
      else this.commitSoon();
    };
    step(0);
  }

  private one(key: string, hints: ReadonlySet<string>): void {
    if (isAsKnown(this.options.site, key) || this.isHot(key, hints) || this.isEmptied(key)) return;
    if (observe(this.options.site, key, [...hints]) === 'busy') {
      // Told when a large file has been read; a small one that is being written is looked at again.
      this.later(300, hints.size === 0 ? [key] : [...hints]);
    }
  }

  /** One transaction for what is noted in a row. What a kill loses of it the next look at the disk finds again. */
  private commitSoon(): void {
    if (this.isCommitting) return;
    this.isCommitting = true;
    const { site } = this.options;
    this.after(commitMs, () => {
      this.isCommitting = false;
      site.store.commit().catch((error: unknown) => site.log.error({ err: error }, 'the database cannot be written'));
    });
  }

  close(): void {
    clearTimeout(this.timer);
    for (const timer of [...this.timers, ...this.again.keys()]) clearTimeout(timer);
    this.timers.clear();
    this.again.clear();
  }
}
