import type { DirectoryDigest, Told } from './compare.ts';
import { differing, digests, offeredAnew, toldIn } from './compare.ts';
import type { Scans } from './scans.ts';
import type { Sender } from './sender.ts';
import { remember, type Site } from './site.ts';
import { encode, type Message } from './wire.ts';

/** What a comparison found. */
export interface Compared {
  readonly directories: number;
  readonly differing: number;
}

export interface NightlyOptions {
  readonly site: Site;
  readonly sender: Sender;
  readonly scans: Scans;
  readonly signal: AbortSignal;
  write(bytes: Buffer): void;
}

const freshMs = 60_000;

/** The nightly look at everything: each side's disk against its memory, then both memories against each other. */
export class Nightly {
  private readonly options: NightlyOptions;
  private readonly waiting = new Map<number, (found: readonly string[]) => void>();
  private own: { readonly at: number; readonly all: Promise<readonly DirectoryDigest[]> } | undefined;
  private last = 0;

  constructor(options: NightlyOptions) {
    this.options = options;
  }

  /** Disk against memory, on this side. */
  async scan(): Promise<void> {
    for (const branch of this.options.site.trees.values()) await this.options.scans.add(branch, '');
  }

  /** Both sides; the other one answers from its memory. Rejects when the connection ends meanwhile. */
  async compare(): Promise<Compared> {
    const { site, signal, write } = this.options;
    const all = await digests(site, signal);
    let found = 0;
    for (const told of toldIn(all)) {
      const id = ++this.last;
      const answer = new Promise<readonly string[]>((resolve) => this.waiting.set(id, resolve));
      write(encode({ is: 'digests', id, ...told, all: told.all.map(([key, sum]) => [key, sum]) }));
      const directories = await answer;
      found += directories.length;
      this.anew(directories);
    }
    if (found > 0) site.log.warn({ directories: found }, 'directories differed and are put right');
    else site.log.info({ directories: all.length }, 'both sides are equal');
    return { directories: all.length, differing: found };
  }

  /** The connection ended: nobody answers any more. */
  closed(): void {
    for (const resolve of this.waiting.values()) resolve([]);
    this.waiting.clear();
    this.own = undefined;
  }

  async heard(said: Message & ({ is: 'digests' } | { is: 'differing' })): Promise<void> {
    if (said.is === 'differing') {
      this.waiting.get(said.id)?.(said.directories);
      this.waiting.delete(said.id);
      return;
    }
    const found = differing(await this.fresh(said), said);
    this.anew(found);
    this.options.write(encode({ is: 'differing', id: said.id, directories: [...found] }));
  }

  /** This side's digests, worked out once for all messages of one comparison. */
  private fresh(told: Told): Promise<readonly DirectoryDigest[]> {
    const { site, signal } = this.options;
    if (told.after === '' || this.own === undefined || site.now() - this.own.at > freshMs)
      this.own = { at: site.now(), all: digests(site, signal) };
    return this.own.all;
  }

  private anew(directories: readonly string[]): void {
    const { site, sender } = this.options;
    for (const key of directories.flatMap((one) => offeredAnew(site, one))) {
      const known = site.store.get(key);
      if (known === undefined || known.pending) continue;
      remember(site, key, { ...known, pending: true });
      sender.addBare(key);
    }
  }
}

/** Milliseconds until it is next so many minutes after midnight, by this machine's clock. */
export function untilMinute(now: Date, minute: number): number {
  const next = new Date(now);
  next.setHours(Math.floor(minute / 60), minute % 60, 0, 0);
  if (next <= now) next.setDate(next.getDate() + 1);
  return next.getTime() - now.getTime();
}
