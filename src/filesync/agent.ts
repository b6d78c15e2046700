import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { Bulk } from './bulk.ts';
import { checkRsync } from './bulk-line.ts';
import { Doveadm } from './doveadm.ts';
import { type EventSource, watch } from './events.ts';
import { expireHourly } from './expiry.ts';
import { Gather } from './gather.ts';
import { type Idle, whenIdle } from './idle.ts';
import { type Link, openLink } from './link.ts';
import { giveBack } from './memory.ts';
import { noteMove, takeMove } from './moves.ts';
import { Nightly, untilMinute } from './nightly.ts';
import { type OpenSite, openSite } from './open-site.ts';
import { Peer } from './peer.ts';
import { type Scans, scans } from './scans.ts';
import { Sender } from './sender.ts';
import type { Settings } from './settings.ts';
import { type Branch, split } from './site.ts';
import { Unwatched } from './unwatched.ts';
import { encode, type Message } from './wire.ts';

export interface AgentOptions {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly now: () => number;
}

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
  readonly unwatched: Unwatched;
  /** Version of rsync, or null when it must not be used. */
  rsync: string | null = null;
  readonly nightly: Nightly;
  readonly doveadm: Doveadm;
  peer: Peer | undefined;
  /** What went over connections that have ended. */
  readonly earlier = { sentBytes: 0, receivedBytes: 0 };
  isConnected = false;
  private readonly options: AgentOptions;
  private readonly timers = new Set<NodeJS.Timeout>();
  private link: Link | undefined;

  constructor(options: AgentOptions) {
    this.options = options;
    const { settings, lifecycle } = options;
    const site = openSite(settings, options.log, options.now);
    this.site = site;
    const write = (bytes: Buffer, parts?: readonly Buffer[]): void => this.peer?.write(bytes, parts);
    const later = this.later.bind(this);
    this.sender = new Sender({ site, write, later, sendLarge: (key, known) => this.bulk.send(key, known) });
    this.bulk = new Bulk({
      site,
      settings,
      write,
      later,
      again: (key) => this.sender.add(key, true),
      delivered: (key, version, state) => this.sender.delivered(key, version, state),
      rsync: () => this.rsync,
    });
    this.scans = scans(site, lifecycle.signal, (path) => this.gather.touchSoon(path));
    this.nightly = new Nightly({ site, sender: this.sender, scans: this.scans, signal: lifecycle.signal, write });
    this.gather = new Gather({
      site,
      scan: (branch, relative) => void this.scans.add(branch, relative),
      renamed: (branch, from, to) => this.renamed(branch, from, to),
      renamedFile: (key) => this.sender.renamed(key),
    });
    this.unwatched = new Unwatched({ later, scan: (branch) => void this.scans.add(branch, '') });
    this.doveadm = new Doveadm({
      site,
      settings,
      signal: lifecycle.signal,
      write,
      later,
      isConnected: () => this.isConnected && !this.isIsolated,
    });
    this.sender.bare = site.store.isPatient = site.store.note('level') !== true;
    site.contents.areTaken = () => this.sender.isSendingSoon;
    site.store.onPending = (key) => this.sender.add(key);
    site.links.touch = (key) => this.gather.touch(key);
    site.digests.touch = (path) => this.gather.touch(path);
    lifecycle.onClose('file sync database', () => site.close());
    lifecycle.onClose('file sync work', () => this.end());
  }

  async start(): Promise<void> {
    const { settings, log, lifecycle } = this.options;
    this.rsync = await checkRsync(settings.acceptRsync).catch((error: unknown) => {
      log.error({ reason: messageOf(error) }, 'large files travel whole');
      return null;
    });
    this.doveadm.start();
    await this.reach();
    await this.watch();
    whenIdle(this.idle(), lifecycle.signal);
    expireHourly(this.site, settings, (ms, work) => this.later(ms, work));
    this.awaitNight();
    if (this.sender.bare) this.later(500, () => this.levelled());
  }

  /** Most of what it takes to be connected is waiting for the other side, so it begins before anything is looked at. */
  private async reach(): Promise<void> {
    const { settings, log, lifecycle } = this.options;
    this.link = await openLink(settings, { log, onStream: (stream) => this.connected(stream) });
    if (this.isIsolated) this.link.pause();
    lifecycle.onClose('link', async () => {
      this.peer?.close('this agent ends');
      await this.link?.close();
    });
  }

  /** Until both sides were equal once, files are offered without content: the other side may well have them. */
  private levelled(): void {
    if (!this.isConnected || this.scans.waiting > 0 || this.sender.backlog > 0) {
      this.later(500, () => this.levelled());
      return;
    }
    this.sender.bare = this.site.store.isPatient = false;
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
        onUnwatched: (count, why) => {
          if (count > 0) log.warn({ tree: name, count, reason: why }, 'directories are not watched');
          this.unwatched.told(branch, count);
        },
      });
      this.sources.set(name, watcher.source);
      lifecycle.onClose('file events', () => watcher.close());
    }
  }

  /** A directory was renamed here. Answers whether that is dealt with. */
  private renamed(branch: Branch, from: string, to: string): boolean {
    const noted = noteMove(this.site, `${branch.tree.name}/${from}`, `${branch.tree.name}/${to}`);
    branch.tree.forget();
    if (noted === undefined) return false;
    this.sender.move(noted.move, noted.keys);
    // What was changed in it a moment before has its events under the old name.
    void this.scans.add(branch, to);
    return true;
  }

  private said(said: Message): void {
    if (said.is === 'moved') this.sender.moved(said.id, said.ok);
    else if (said.is === 'move') this.moveAsked(said);
    else if (said.is === 'digests' || said.is === 'differing')
      this.nightly.heard(said).catch((error: unknown) => this.peer?.close(messageOf(error)));
    else if (said.is === 'again') this.goesOnThere(said.unit);
    else if (said.is === 'mailbox') this.doveadm.heard(said);
    else this.bulk.heard(said);
  }

  /** A directory was renamed on the other side. */
  private moveAsked(move: Message & { is: 'move' }): void {
    const { site } = this;
    const say = (ok: boolean): void => this.peer?.write(encode({ is: 'moved', id: move.id, ok }));
    const at = takeMove(site, move) ? split(site, move.to) : undefined;
    if (at === undefined) {
      say(false);
      return;
    }
    void this.scans.add(at.branch, at.relative);
    site.native
      .syncFileSystem(at.branch.spool.fd)
      .then(() => site.store.commit())
      .then(() => say(true))
      .catch((error: unknown) => this.peer?.close(`a rename could not be made durable: ${messageOf(error)}`));
  }

  private connected(stream: Duplex): void {
    const { log } = this.options;
    const before = this.peer;
    const peer: Peer = new Peer({
      site: this.site,
      sender: this.sender,
      stream,
      onMessage: (said) => this.said(said),
      onWant: (offer) => this.bulk.wanted(offer),
      onOpen: () => {
        this.isConnected = true;
        log.info('connected to the other master');
        this.bulk.open();
        this.doveadm.all();
      },
      onClose: (why) => {
        log.debug({ reason: why }, 'a connection ended');
        this.earlier.sentBytes += peer.health.sentBytes;
        this.earlier.receivedBytes += peer.health.receivedBytes;
        if (this.peer !== peer) return;
        this.peer = undefined;
        this.isConnected = false;
        this.nightly.closed();
        this.doveadm.stop();
        this.bulk.stop();
        this.link?.ended();
        log.warn({ reason: why }, 'the connection to the other master ended');
      },
    });
    this.peer = peer;
    before?.close('a new connection has come');
  }

  /** Once a night everything is looked at; side 1 then has both sides compared. */
  private awaitNight(): void {
    const { settings, now, log } = this.options;
    if (settings.nightly === null) return;
    this.later(untilMinute(new Date(now()), settings.nightly), () => {
      this.nightly
        .scan()
        .then(() => (settings.side === 1 && this.isConnected ? this.nightly.compare() : undefined))
        .catch((error: unknown) => log.error({ reason: messageOf(error) }, 'the nightly comparison failed'))
        .finally(() => this.awaitNight());
    });
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
    this.doveadm.close();
    await this.bulk.close();
    await this.scans.ended();
  }

  /** An account is no longer stopped here. */
  goesOn(unit: string): void {
    this.goesOnThere(unit);
    this.peer?.write(encode({ is: 'again', unit }));
  }

  /** An account is no longer stopped on the other side: what waits for it may go. */
  private goesOnThere(unit: string): void {
    this.sender.again(unit);
    this.doveadm.goesOn(unit);
  }

  private idle(): Idle {
    const { sender, scans, bulk, gather, earlier, site } = this;
    return {
      moved: () =>
        earlier.sentBytes +
        earlier.receivedBytes +
        (this.peer?.health.sentBytes ?? 0) +
        (this.peer?.health.receivedBytes ?? 0),
      isIdle: () => sender.backlog + scans.waiting + bulk.active === 0 && gather.oldest === undefined,
      give() {
        site.contents.clear();
        giveBack(site.native);
      },
    };
  }

  get isIsolated(): boolean {
    return this.site.store.note('isolated') === true;
  }

  /** Ends the connection and allows none, also after a restart; or allows it again. */
  async isolate(on: boolean): Promise<void> {
    this.site.store.setNote('isolated', on);
    await this.site.store.commit();
    if (!on) return this.link?.resume();
    this.link?.pause();
    this.doveadm.stop();
    this.peer?.close('the other master is cut off by hand');
  }
}
