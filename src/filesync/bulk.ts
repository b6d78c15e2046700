import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf, Refused } from '../errors.ts';
import { BulkLine } from './bulk-line.ts';
import { pathOf } from './maildir.ts';
import type { FileState, Known, Offer, State, Version } from './model.ts';
import { observe, sameFile, withOwnLink } from './observe.ts';
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
}

/** Whether this rsync may be used: 3.5 closed many holes. Answers its version; throws Refused. */
export async function checkRsync(accepted: string | undefined): Promise<string> {
  const { stdout } = await promisify(execFile)('rsync', ['--version']);
  const version = /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 5) || version === accepted) return version;
  throw new Refused(`rsync ${version} has known holes that 3.5 closed`, {
    hint: `Install rsync 3.5, or write acceptRsync: "${version}" to accept this one.`,
  });
}

export class Bulk {
  private readonly options: BulkOptions;
  private readonly wants = new Map<string, Offer>();
  private readonly jobs = new Map<string, Job>();
  private readonly queue: { readonly job: Job; readonly push: boolean }[] = [];
  private readonly running = new Set<AbortController>();
  private readonly line: BulkLine;
  private closed = false;
  /** How often rsync ran. */
  runs = 0;

  constructor(options: BulkOptions) {
    this.options = options;
    this.line = new BulkLine(options.settings);
  }

  /** Large files under way or waiting. */
  get active(): number {
    return this.jobs.size;
  }

  /** A new connection: what was under way is offered anew. */
  open(): void {
    void this.line.open();
    for (const job of this.jobs.values()) {
      if (job.state !== undefined) this.options.again(job.key);
      this.forget(job, true);
    }
  }

  /** The connection has ended: so does every run of rsync, and what was under way is offered anew on the next one. */
  stop(): void {
    this.queue.length = 0;
    for (const abort of this.running) abort.abort();
    void this.line.close();
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
    this.jobs.set(id, { id, branch, key, version: known.version, state: known.state });
    write(encode({ is: 'ready', id, key, version: known.version }));
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
    const job: Job = { id, branch, key, version, offer };
    this.jobs.set(id, job);
    this.layBase(job);
    if (settings.peer !== undefined) this.start(job, false);
    else write(encode({ is: 'bulk', id, step: 'basis' }));
  }

  private layBase({ branch, id, key }: Job): void {
    const { site } = this.options;
    const base = `${branch.spool.path}/base/${id}`;
    const known = site.store.get(key);
    if (known?.state.kind !== 'file' || existsSync(base)) return;
    const path = branch.tree.at(pathOf(key, known.state.place).slice(branch.tree.name.length + 1));
    try {
      withOwnLink(site, key, () => linkSync(bytes(path), base));
    } catch (error) {
      // Then all of it travels.
      site.log.info({ key, reason: messageOf(error) }, 'no base for the delta');
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
    this.rsync(job, push, abort.signal)
      .then(
        () => {
          if (push) this.options.write(encode({ is: 'bulk', id: job.id, step: 'sent' }));
          else if (job.offer !== undefined) this.arrived(job, job.offer);
        },
        (error: unknown) => {
          if (this.closed) return;
          this.options.site.log.warn({ key: job.key, reason: messageOf(error) }, 'rsync failed');
          this.failed(job);
        },
      )
      .finally(() => {
        this.running.delete(abort);
        this.next();
      });
  }

  private rsync({ id, branch }: Job, push: boolean, signal: AbortSignal): Promise<void> {
    const { spool, tree } = branch;
    this.runs += 1;
    return this.line.rsync(tree.name, signal, (there) =>
      push ? [`${spool.path}/out/${id}`, `${there}/in/`] : [`${there}/out/${id}`, `${spool.path}/in/`],
    );
  }

  /** At the target: puts it in place. rsync has compared a digest of the whole file on both ends. */
  private arrived(job: Job, offer: Offer): void {
    const { site, write } = this.options;
    const file = `${job.branch.spool.path}/in/${job.id}`;
    const size = look(file, site.now())?.print.size;
    const isWhole = offer.state.kind === 'file' && size === offer.state.size;
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
    for (const folder of whole ? ['out', 'base', 'in'] : ['out', 'base'])
      withOwnLink(this.options.site, key, () => rmSync(`${branch.spool.path}/${folder}/${id}`, { force: true }));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stop();
    await this.line.close();
  }
}
