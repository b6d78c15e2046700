import { spawn } from 'node:child_process';
import { messageOf, Refused } from '../errors.ts';
import { wayTo } from './link.ts';
import { type Mailbox, Mailboxes, mailUser } from './mailboxes.ts';
import type { OpenSite } from './open-site.ts';
import type { Settings } from './settings.ts';
import { encode } from './wire.ts';

export interface DoveadmOptions {
  readonly site: OpenSite;
  readonly settings: Settings;
  /** Ends with the agent. */
  readonly signal: AbortSignal;
  write(bytes: Buffer): void;
  later(ms: number, work: () => void): void;
  isConnected(): boolean;
}

/** Mailboxes that are brought to the same at a time. */
const most = 2;
/** A change has neighbours: a message is written, then its index. */
const gatherMs = 150;
const lookMs = 60_000;
/** The same where they do not travel, and are only told of. */
const seldomMs = 3_600_000;
/** When a mailbox that was not here before is looked for. */
const newMs = 2000;
/** The first sync of a mailbox of many gigabytes takes its time. */
const longestMs = 3_600_000;
/** `doveadm sync`: something changed meanwhile, so it has to run once more. */
const onceMore = 2;

interface Waiting {
  readonly unit: string;
  readonly since: number;
  readonly tries: number;
  /** Not before. */
  readonly at: number;
}

/**
 * Mailboxes that are no Maildirs go by `doveadm sync`, which merges both sides by Dovecot's own logs. The side that dials
 * runs it, over an ssh of its own; the other one says what changed there and answers the door.
 */
export class Doveadm {
  private readonly options: DoveadmOptions;
  private readonly boxes: Mailboxes;
  private readonly waiting = new Map<string, Waiting>();
  private readonly running = new Map<string, AbortController>();
  private readonly told = new Set<string>();
  private readonly failed = new Set<string>();
  private hasWarned = false;

  constructor(options: DoveadmOptions) {
    this.options = options;
    this.boxes = new Mailboxes(options.site, (box) => this.changed(box));
  }

  /** Looks for mailboxes now and again. */
  start(): void {
    const { settings, later } = this.options;
    this.look();
    later(settings.doveadm === undefined ? seldomMs : lookMs, () => this.start());
  }

  look(): void {
    this.boxes.look();
    const { site, settings } = this.options;
    if (settings.doveadm !== undefined || this.boxes.all.length === 0 || this.hasWarned) return;
    this.hasWarned = true;
    site.log.warn({ mailboxes: this.boxes.all.length }, 'mailboxes that are no Maildirs do not travel without doveadm');
  }

  /** Both sides may have changed while they could not talk. */
  all(): void {
    for (const box of this.boxes.all) this.changed(box);
  }

  /** An account goes on. */
  goesOn(unit: string): void {
    for (const box of this.boxes.all.filter((one) => one.unit === unit)) this.changed(box);
  }

  private changed({ user, unit }: Mailbox): void {
    const { site, settings } = this.options;
    if (settings.doveadm === undefined || site.stopped(unit) !== undefined) return;
    if (settings.peer === undefined) this.tell({ user, unit });
    else this.heard({ user, unit });
  }

  /** To the side that dials, once for many changes. */
  private tell({ user, unit }: Mailbox): void {
    if (this.told.has(user)) return;
    this.told.add(user);
    this.options.later(gatherMs, () => {
      this.told.delete(user);
      if (this.options.isConnected()) this.options.write(encode({ is: 'mailbox', user, unit }));
    });
  }

  /** A mailbox changed, here or on the other side. */
  heard({ user, unit }: Mailbox): void {
    const { site, settings } = this.options;
    if (settings.peer === undefined || settings.doveadm === undefined) return;
    const now = site.now();
    const before = this.waiting.get(user);
    this.waiting.set(user, before ?? { unit, since: now, tries: 0, at: now + gatherMs });
    this.options.later(gatherMs, () => this.next());
  }

  private next(): void {
    if (!this.options.isConnected() || this.options.signal.aborted) return;
    const { site } = this.options;
    for (const [user, one] of this.waiting) {
      if (this.running.size >= most) return;
      if (one.at > site.now() || this.running.has(user) || site.stopped(one.unit) !== undefined) continue;
      this.waiting.delete(user);
      const abort = new AbortController();
      this.running.set(user, abort);
      this.sync({ user, unit: one.unit }, abort.signal)
        .then((code) => this.ended(user, one, code === onceMore ? 'something changed meanwhile' : undefined))
        .catch((error: unknown) => this.ended(user, one, messageOf(error)))
        .finally(() => {
          this.running.delete(user);
          this.next();
        });
    }
  }

  private ended(user: string, { unit, since, tries }: Waiting, why: string | undefined): void {
    const { site, signal, later } = this.options;
    this.failed.delete(user);
    if (why === undefined || signal.aborted) return;
    this.failed.add(user);
    const ms = Math.min(300_000, 500 * 2 ** Math.min(tries, 10));
    site.log.warn({ user, reason: why, againMs: ms }, 'a mailbox was not brought to the same');
    this.waiting.set(user, { unit, since, tries: tries + 1, at: site.now() + ms });
    later(ms + 1, () => this.next());
  }

  /** One run. Answers its exit code, 0 or 2; rejects with any other. What it learned of the other side is kept for the next. */
  private sync({ user, unit }: Mailbox, signal: AbortSignal): Promise<number> {
    const { site, settings } = this.options;
    const [program = '', ...words] = settings.doveadm ?? [];
    if (settings.peer === undefined) return Promise.reject(new Error('only the side that dials runs doveadm'));
    const way = wayTo(settings.peer);
    const note = `mailbox ${user}`;
    const state = site.store.note(note);
    const child = spawn(
      program,
      [
        ...words,
        ...['sync', '-u', user, '-l', '30', '-s', typeof state === 'string' ? state : ''],
        // doveadm itself would add the last word.
        ...[way.program, ...way.words, way.host, 'mailbox', unit, user, 'dsync-server'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], signal, timeout: longestMs },
    );
    let [said, next] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      next = (next + chunk.toString()).slice(-100_000);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-500);
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code !== 0 && code !== onceMore) {
          // A state that fits no more is not kept: the next run compares everything.
          site.store.setNote(note, '');
          reject(new Error(`doveadm ended with ${code}: ${said.trim()}`));
          return;
        }
        site.store.setNote(note, next.trim());
        resolve(code);
      });
    });
  }

  /**
   * What the door may run for the other side: the words of the program. Throws Refused where mail does not go this way,
   * the account is stopped, or the other master is cut off.
   */
  serverFor({ user, unit }: Mailbox, isIsolated: boolean): readonly string[] {
    const { site, settings, later } = this.options;
    const { doveadm } = settings;
    if (!mailUser.test(user)) throw new Refused('that is no mailbox');
    if (doveadm === undefined) throw new Refused('mailboxes do not go by doveadm here');
    const known = this.boxes.all.find((box) => box.user === user);
    const isStopped = [unit, known?.unit ?? unit].some((one) => site.stopped(one) !== undefined);
    if (isIsolated || isStopped) throw new Refused('this mailbox does not travel now');
    // It is being made here by this very sync.
    if (known === undefined) later(newMs, () => this.look());
    return [...doveadm, 'dsync-server', '-u', user];
  }

  /** How many there are, wait, and failed when they were last tried. */
  get figures(): { readonly count: number; readonly waiting: number; readonly failed: number; readonly off: boolean } {
    return {
      count: this.boxes.all.length,
      waiting: this.waiting.size + this.running.size,
      failed: this.failed.size,
      off: this.options.settings.doveadm === undefined,
    };
  }

  /** Since when the oldest change waits, or undefined. */
  get oldest(): number | undefined {
    const all = [...this.waiting.values()].map(({ since }) => since);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** The other master is cut off, or the agent ends. */
  stop(): void {
    for (const abort of this.running.values()) abort.abort();
  }

  close(): void {
    this.stop();
    this.boxes.close();
  }
}
