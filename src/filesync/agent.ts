import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { Bulk, checkRsync } from './bulk.ts';
import { type EventSource, watch } from './events.ts';
import { Gather } from './gather.ts';
import { keptIn } from './kept.ts';
import { dial, type Link, listen } from './link.ts';
import { type OpenSite, openSite } from './open-site.ts';
import { Peer } from './peer.ts';
import { type Scans, scans } from './scans.ts';
import { Sender } from './sender.ts';
import type { Settings } from './settings.ts';

export interface AgentOptions {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly now: () => number;
}

const hourMs = 3_600_000;

/**
 * One master's agent: it watches, scans what happened while it was away, and talks to the other agent whenever it can.
 * Commands and reports look at it from outside.
 */
export class Agent {
  readonly site: OpenSite;
  readonly sender: Sender;
  readonly gather: Gather;
  readonly bulk: Bulk;
  readonly scans: Scans;
  readonly sources = new Map<string, EventSource>();
  /** Version of rsync, or null when it must not be used. */
  rsync: string | null = null;
  peer: Peer | undefined;
  isConnected = false;
  private readonly options: AgentOptions;
  private readonly timers = new Set<NodeJS.Timeout>();
  private link: Link | undefined;

  constructor(options: AgentOptions) {
    this.options = options;
    const { settings, log, lifecycle, now } = options;
    const site = openSite(settings, log, now);
    this.site = site;
    const write = (bytes: Buffer): void => this.peer?.write(bytes);
    const later = (ms: number, work: () => void): void => this.later(ms, work);
    this.sender = new Sender({ site, write, later, sendLarge: (key, known) => this.bulk.send(key, known) });
    this.bulk = new Bulk({
      site,
      settings,
      write,
      later,
      again: (key) => this.sender.add(key, true),
      delivered: (key, version, state) => this.sender.delivered(key, version, state),
    });
    this.scans = scans(site, lifecycle.signal, (path) => this.gather.touch(path));
    this.gather = new Gather({
      site,
      scan: (branch, relative) => void this.scans.add(branch, relative),
      renamed: () => false,
    });
    this.sender.bare = site.store.note('level') !== true;
    site.store.onPending = (key) => this.sender.add(key);
    lifecycle.onClose('file sync database', () => site.close());
    lifecycle.onClose('file sync work', () => this.end());
  }

  async start(): Promise<void> {
    const { settings, log, lifecycle } = this.options;
    this.rsync = await checkRsync(settings.acceptRsync).catch((error: unknown) => {
      log.error({ reason: messageOf(error) }, 'large files do not travel');
      return null;
    });
    await this.watch();
    const onStream = (stream: Duplex): void => this.connected(stream);
    this.link =
      settings.peer === undefined
        ? await listen(`${settings.stateDir}/agent.sock`, { log, onStream })
        : dial(settings.peer, { log, onStream });
    if (this.isIsolated) this.link.pause();
    lifecycle.onClose('link', async () => {
      this.peer?.close('this agent ends');
      await this.link?.close();
    });
    this.expire();
    if (this.sender.bare) this.later(500, () => this.levelled());
  }

  /** Until both sides were equal once, files are offered without content: the other side may well have them. */
  private levelled(): void {
    if (!this.isConnected || this.scans.waiting > 0 || this.sender.backlog > 0) {
      this.later(500, () => this.levelled());
      return;
    }
    this.sender.bare = false;
    this.site.store.setNote('level', true);
  }

  private async watch(): Promise<void> {
    const { settings, log, lifecycle } = this.options;
    for (const [name, branch] of this.site.trees) {
      const watcher = await watch({
        root: branch.tree.root,
        excludes: this.site.excludes.get(name) ?? '(?!)',
        source: settings.events,
        log,
        onEvents: (events) => this.gather.events(branch, events),
        onMissed: (why) => {
          log.info({ tree: name, reason: why }, 'scanning a tree');
          void this.scans.add(branch, '');
        },
      });
      this.sources.set(name, watcher.source);
      lifecycle.onClose('file events', () => watcher.close());
    }
  }

  private connected(stream: Duplex): void {
    const { log } = this.options;
    const before = this.peer;
    const peer: Peer = new Peer({
      site: this.site,
      sender: this.sender,
      stream,
      onMessage: (said) => this.bulk.heard(said),
      onWant: (offer) => this.bulk.wanted(offer),
      onOpen: () => {
        this.isConnected = true;
        log.info('connected to the other master');
        this.bulk.open();
      },
      onClose: (why) => {
        log.debug({ reason: why }, 'a connection ended');
        if (this.peer !== peer) return;
        this.peer = undefined;
        this.isConnected = false;
        this.link?.ended();
        log.warn({ reason: why }, 'the connection to the other master ended');
      },
    });
    this.peer = peer;
    before?.close('a new connection has come');
  }

  /** Old trash goes, once an hour. */
  private expire(): void {
    const { settings, now, log } = this.options;
    for (const { spool } of this.site.trees.values()) {
      const removed = spool.expire(now(), { trash: settings.trashDays, conflicts: settings.conflictDays });
      if (removed > 0) log.info({ removed }, 'old trash is gone');
    }
    this.later(hourMs, () => this.expire());
  }

  private later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private async end(): Promise<void> {
    this.gather.close();
    for (const timer of this.timers) clearTimeout(timer);
    await this.bulk.close();
    await this.scans.ended();
  }

  get isIsolated(): boolean {
    return this.site.store.note('isolated') === true;
  }

  /** Ends the connection and allows none, also after a restart; or allows it again. */
  async isolate(on: boolean): Promise<void> {
    this.site.store.setNote('isolated', on);
    await this.site.store.commit();
    if (!on) {
      this.link?.resume();
      return;
    }
    this.link?.pause();
    this.peer?.close('the other master is cut off by hand');
  }

  /** Age of the oldest change that the other side may not have. A version holds the time of its change. */
  get oldestMs(): number {
    const { site, gather } = this;
    const told = gather.oldest === undefined ? 0 : site.now() - gather.oldest;
    // The first pending key is the one that waits longest.
    for (const key of site.store.pending) {
      const version = site.store.get(key)?.version ?? [0, 0];
      return Math.max(1, told, site.now() - Math.max(...version) / 1000);
    }
    return gather.oldest === undefined ? 0 : Math.max(1, told);
  }

  /** Losers of conflicts that are kept here. */
  get conflicts(): number {
    return [...this.site.trees.values()].reduce((sum, branch) => sum + keptIn(branch, 'conflicts').length, 0);
  }
}
