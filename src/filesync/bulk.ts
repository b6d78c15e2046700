import { createHash } from 'node:crypto';
import { existsSync, linkSync, rmSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { Carrier } from './carrier.ts';
import { pathOf } from './maildir.ts';
import type { FileState, Known, Offer, State, Version } from './model.ts';
import { observe, sameFile, withOwnLink } from './observe.ts';
import { digestOfFile, wholePath } from './pieces.ts';
import { receive } from './receive.ts';
import type { Settings } from './settings.ts';
import { type Branch, type Site, split } from './site.ts';
import { bytes, look } from './tree.ts';
import { encode, type Message } from './wire.ts';

/**
 * Large files go by rsync over an ssh connection of their own, so that they hold up nothing. rsync never sees a tree: the
 * source is a hard link in the sender's spool, the target a file in the receiver's; a hard link to the version that is there
 * is what the delta is made against. What arrives is put in place like any small file.
 *
 *   source: ready → target: links its version → the side that dials: rsync → target: installs, says done
 *
 * What the other side has no version of goes in pieces instead (pieces.ts), and is compared with its digest there.
 */

const most = 2;

interface Job {
  readonly id: string;
  readonly branch: Branch;
  readonly key: string;
  readonly version: Version;
  /** The offer it fulfils, at the target. */
  readonly offer?: Offer;
  readonly state?: FileState;
  readonly size: number;
  /** The target has nothing to compare with: all of it travels. */
  isNew: boolean;
}

export interface BulkOptions {
  readonly site: Site;
  readonly settings: Settings;
  write(bytes: Buffer): void;
  /** The key is to be offered again. */
  again(key: string): void;
  /** The other side has it. */
  delivered(key: string, version: Version, state: State): void;
  later(ms: number, work: () => void): void;
  /** Version of rsync, or null when it must not be used. */
  rsync(): string | null;
}

export class Bulk {
  private readonly options: BulkOptions;
  private readonly wants = new Map<string, Offer>();
  private readonly jobs = new Map<string, Job>();
  private readonly queue: { readonly job: Job; readonly push: boolean }[] = [];
  private readonly running = new Set<AbortController>();
  private readonly carrier: Carrier;
  private closed = false;

  constructor(options: BulkOptions) {
    this.options = options;
    this.carrier = new Carrier({ settings: options.settings, log: options.site.log, rsync: options.rsync });
  }

  /** How often rsync ran. */
  get runs(): number {
    return this.carrier.runs;
  }

  /** Large files under way or waiting. */
  get active(): number {
    return this.jobs.size;
  }

  /** A new connection: what was under way is offered anew. */
  open(): void {
    void this.carrier.line.open();
    for (const job of this.jobs.values()) {
      if (job.state !== undefined) this.options.again(job.key);
      this.forget(job, true);
    }
  }

  /** The connection has ended: so does every run of rsync, and what was under way is offered anew on the next one. */
  stop(): void {
    this.queue.length = 0;
    for (const abort of this.running) abort.abort();
    void this.carrier.line.close();
  }

  /** The target wants a large file that it was offered. */
  wanted(offer: Offer): void {
    if (this.wants.size > 10_000) this.wants.clear();
    this.wants.set(offer.key, offer);
  }

  /** At the source: makes the file ready and says so. */
  send(key: string, known: Known & { readonly state: FileState }): void {
    const { site, write, again, later } = this.options;
    const at = split(site, key);
    if (at === undefined || known.print === undefined) return;
    const { branch } = at;
    const path = branch.tree.at(pathOf(key, known.state.place).slice(branch.tree.name.length + 1));
    const id = createHash('sha256')
      .update(`${key} ${known.version.join(' ')}`, 'latin1')
      .digest('hex')
      .slice(0, 32);
    if (this.jobs.has(id)) return;
    const out = `${branch.spool.path}/out/${id}`;
    rmSync(out, { force: true });
    try {
      withOwnLink(site, key, () => linkSync(bytes(path), out));
    } catch (error) {
      site.log.info({ key, reason: messageOf(error) }, 'a large file is gone again');
      observe(site, key);
      return;
    }
    const print = look(out, site.now())?.print;
    if (print === undefined || !sameFile(print, known.print)) {
      rmSync(out, { force: true });
      observe(site, key);
      later(500, () => again(key));
      return;
    }
    const { state, version } = known;
    const isNew = known.agreed?.kind !== 'file';
    this.jobs.set(id, { id, branch, key, version, state, size: state.size, isNew });
    write(encode({ is: 'ready', id, key, version }));
  }

  heard(said: Message): void {
    if (said.is === 'ready') this.ready(said.id, said.key, said.version);
    if (said.is !== 'bulk') return;
    const job = this.jobs.get(said.id);
    if (job === undefined) return;
    if (said.step === 'basis' && job.state !== undefined) this.start(job, true);
    if (said.step === 'sent' && job.offer !== undefined) this.arrived(job, job.offer);
    if (said.step === 'done' && job.state !== undefined) this.finished(job, true);
    if (said.step === 'failed' && job.state !== undefined) this.finished(job, false);
  }

  /** At the target: lays the version that is here as the base of the delta. */
  private ready(id: string, key: string, version: Version): void {
    const { site, settings, write } = this.options;
    const offer = this.wants.get(key);
    const at = split(site, key);
    if (offer === undefined || at === undefined || String(offer.version) !== String(version)) {
      write(encode({ is: 'bulk', id, step: 'failed' }));
      return;
    }
    this.wants.delete(key);
    const { branch } = at;
    const size = offer.state.kind === 'file' ? offer.state.size : 0;
    const job: Job = { id, branch, key, version, offer, size, isNew: false };
    this.jobs.set(id, job);
    rmSync(wholePath(branch.spool.path, id), { force: true });
    job.isNew = !this.layBase(job);
    if (settings.peer !== undefined) this.start(job, false);
    else write(encode({ is: 'bulk', id, step: 'basis' }));
  }

  /** Answers whether there is one. */
  private layBase({ branch, id, key }: Job): boolean {
    const { site } = this.options;
    const base = `${branch.spool.path}/base/${id}`;
    if (existsSync(base)) return true;
    const known = site.store.get(key);
    if (known?.state.kind !== 'file') return false;
    const path = branch.tree.at(pathOf(key, known.state.place).slice(branch.tree.name.length + 1));
    try {
      withOwnLink(site, key, () => linkSync(bytes(path), base));
      return true;
    } catch (error) {
      // Then all of it travels.
      site.log.info({ key, reason: messageOf(error) }, 'no base for the delta');
      return false;
    }
  }

  private start(job: Job, push: boolean): void {
    this.queue.push({ job, push });
    this.next();
  }

  private next(): void {
    if (this.closed || this.running.size >= most) return;
    const work = this.queue.shift();
    if (work === undefined) return;
    const abort = new AbortController();
    this.running.add(abort);
    const { job, push } = work;
    const { key, id, branch, size, isNew } = job;
    const load = { key, id, tree: branch.tree.name, spool: branch.spool.path, size, push, isNew };
    this.carrier
      .carry(load, abort.signal)
      .then(
        () => {
          if (push) this.options.write(encode({ is: 'bulk', id: job.id, step: 'sent' }));
          else if (job.offer !== undefined) this.arrived(job, job.offer);
        },
        (error: unknown) => {
          if (this.closed) return;
          this.options.site.log.warn({ key: job.key, reason: messageOf(error) }, 'a large file could not be carried');
          this.failed(job);
        },
      )
      .finally(() => {
        this.running.delete(abort);
        this.next();
      });
  }

  /** At the target: rsync has compared a digest of the whole file on both ends; what came in pieces is compared here. */
  private arrived(job: Job, offer: Offer): void {
    const pieces = wholePath(job.branch.spool.path, job.id);
    const file = `${job.branch.spool.path}/in/${job.id}`;
    if (existsSync(file) || !existsSync(pieces)) {
      this.putInPlace(job, offer, file);
      return;
    }
    digestOfFile(pieces).then(
      (digest) => {
        const isRight = offer.state.kind === 'file' && offer.state.digest === digest;
        // Meanwhile the connection may have ended, and with it the job.
        if (this.jobs.get(job.id) === job) this.putInPlace(job, offer, isRight ? pieces : undefined);
      },
      (error: unknown) => {
        this.options.site.log.warn({ key: job.key, reason: messageOf(error) }, 'what came in pieces cannot be read');
        if (this.jobs.get(job.id) === job) this.putInPlace(job, offer, undefined);
      },
    );
  }

  /** `file`: what came, complete; undefined when it is not what was offered. */
  private putInPlace(job: Job, offer: Offer, file: string | undefined): void {
    const { site, write } = this.options;
    const size = file === undefined ? undefined : look(file, site.now())?.print.size;
    const isWhole = file !== undefined && offer.state.kind === 'file' && size === offer.state.size;
    const verdict = isWhole ? receive(site, offer, { file }) : 'later';
    job.branch.tree.forget();
    this.forget(job, verdict === 'ok');
    if (verdict !== 'ok') {
      write(encode({ is: 'bulk', id: job.id, step: 'failed' }));
      return;
    }
    site.native
      .syncFileSystem(job.branch.spool.fd)
      .then(() => site.store.commit())
      .then(() => write(encode({ is: 'bulk', id: job.id, step: 'done' })))
      .catch((error: unknown) =>
        site.log.error({ key: job.key, reason: messageOf(error) }, 'a large file was not made durable'),
      );
  }

  private failed(job: Job): void {
    if (job.state !== undefined) this.finished(job, false);
    else {
      this.forget(job, false);
      this.options.write(encode({ is: 'bulk', id: job.id, step: 'failed' }));
    }
  }

  private finished(job: Job, ok: boolean): void {
    this.forget(job, true);
    if (ok && job.state !== undefined) this.options.delivered(job.key, job.version, job.state);
    else this.options.later(1000, () => this.options.again(job.key));
  }

  /** A partial file stays for the next try. */
  private forget({ id, key, branch }: Job, whole: boolean): void {
    this.jobs.delete(id);
    rmSync(wholePath(branch.spool.path, id), { force: true });
    for (const folder of whole ? ['out', 'base', 'in'] : ['out', 'base'])
      withOwnLink(this.options.site, key, () => rmSync(`${branch.spool.path}/${folder}/${id}`, { force: true }));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stop();
    await this.carrier.line.close();
  }
}
