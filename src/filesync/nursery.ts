import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Ids } from './install.ts';
import { followsActive, pathOf } from './maildir.ts';
import { type Fingerprint, type Offer, unknown } from './model.ts';
import { sameFile, settled } from './observe.ts';
import { barred, isSound, receive, type Verdict } from './receive.ts';
import { type Branch, inlineBytes, remember, type Site, split, unitOf } from './site.ts';
import { lookedAt, raceMs } from './tree.ts';
import { order } from './version.ts';
import { makeWhole, type Part, type Whole } from './whole.ts';

/** An offer with the content that came with it. */
export type Brought = readonly [Offer, Buffer | undefined];
/** What one offer is answered with. */
export type Judged = readonly [Offer, Verdict];

/** What may be held, in paths; a thousand characters of attributes count as one. */
const most = 4000;

interface Grown extends Whole {
  readonly branch: Branch;
  readonly key: string;
  readonly relative: string;
  /** What is in it and came without its content. */
  readonly wanted: Offer[];
  /** When it was complete. */
  at: number;
}

/**
 * Where a frame brings a directory that this side has not got, with what is in it, all of it is made in the spool, where
 * nobody else can come, and put in place by one rename: no file needs a rename, a look before or a look after of its own.
 * It waits there for a moment, so that a later change of anything in it is sure to show in the times. When something has
 * its name by then, its paths go one by one, as all others do.
 */
export class Nursery {
  private readonly site: Site;
  private grown: Grown[] = [];
  private held = 0;
  /** Directories that are made and not in place yet, and whose they are. */
  private directories = new Map<string, Ids>();

  constructor(site: Site) {
    this.site = site;
  }

  /**
   * Takes in what it can of a frame, in which a directory comes before what is in it. Answers what is left to be taken in
   * one by one, and what is answered now.
   */
  raise(all: readonly Brought[]): { readonly rest: readonly Brought[]; readonly judged: readonly Judged[] } {
    const judged = this.held > most ? [...this.land()] : [];
    const taken = new Set<Offer>();
    for (const whole of this.planned(all)) {
      // A directory alone saves nothing.
      if (whole.parts.length < 2 || !this.made(whole)) continue;
      for (const { offer } of whole.parts) taken.add(offer);
      for (const offer of whole.wanted) {
        taken.add(offer);
        judged.push([offer, 'want']);
      }
    }
    const rest = all.filter(([offer]) => !taken.has(offer));
    // What is in a directory comes after it.
    if (rest.some(([offer]) => this.isGrowing(offer.key) || this.isGrowing(pathTo(offer)))) judged.push(...this.land());
    return { rest, judged };
  }

  get isEmpty(): boolean {
    return this.grown.length === 0;
  }

  private made(whole: Grown): boolean {
    const { site } = this;
    let owners: ReadonlyMap<string, Ids>;
    try {
      owners = makeWhole(site, whole, this.directories.get(above(whole.key)));
    } catch (error) {
      site.log.info({ key: whole.key, reason: messageOf(error) }, 'a new directory goes path by path');
      rmSync(whole.path, { recursive: true, force: true });
      return false;
    }
    whole.at = site.now();
    this.grown.push(whole);
    this.held += weightOf(whole);
    for (const { offer, path } of whole.parts) {
      const ids = owners.get(path);
      if (ids !== undefined) this.directories.set(offer.key, ids);
    }
    return true;
  }

  /** The directories that a frame brings, each by the whole that it belongs to. */
  private homes(all: readonly Brought[]): ReadonlyMap<string, Grown> {
    const homes = new Map<string, Grown>();
    for (const [offer] of all) {
      if (offer.state.kind !== 'directory' || !this.isNew(offer)) continue;
      const whole = homes.get(above(offer.key)) ?? this.begun(offer);
      if (whole === undefined) continue;
      homes.set(offer.key, whole);
      whole.parts.push({ offer, path: pathIn(whole, offer.key) });
    }
    return homes;
  }

  private planned(all: readonly Brought[]): Iterable<Grown> {
    const homes = this.homes(all);
    if (homes.size === 0) return [];
    for (const [offer, content] of all) {
      const path = pathTo(offer);
      const whole = homes.get(above(path));
      if (whole === undefined || !isLeaf(offer) || !this.isNew(offer)) continue;
      // Nothing is here, so its content is wanted.
      if (offer.state.kind === 'file' && content === undefined) whole.wanted.push(offer);
      else whole.parts.push({ offer, path: pathIn(whole, path), content });
    }
    return new Set(homes.values());
  }

  /** Whether nothing is known here of what is offered, and the offer is nothing out of the ordinary. */
  private isNew(offer: Offer): boolean {
    const { key, version, conflict } = offer;
    const at = split(this.site, key);
    if (at === undefined || conflict || followsActive(key) || order(unknown.version, version) !== 'older') return false;
    return isSound(key) && !at.branch.isExcluded(at.relative) && this.site.store.get(key) === undefined;
  }

  /** A directory that is to be put in place; undefined when there may already be something, or nothing may be. */
  private begun(offer: Offer): Grown | undefined {
    const { site } = this;
    const { key } = offer;
    const at = split(site, key);
    if (at === undefined || barred(site, offer) !== undefined) return undefined;
    const { branch, relative } = at;
    if (key === unitOf(key) && !site.makeAccounts) return undefined;
    if (this.isGrowing(key)) {
      // It is put in place after the one that it lies in.
      if (this.directories.has(key) || !this.directories.has(above(key))) return undefined;
    } else if (!branch.tree.hasAbove(relative) || branch.tree.stat(relative) !== undefined) return undefined;
    return { branch, key, relative, path: branch.spool.temporary('new'), parts: [], wanted: [], at: 0 };
  }

  /** Whether a path is, or is in, a directory that is not in place yet. */
  private isGrowing(key: string): boolean {
    return this.grown.some((one) => key === one.key || key.startsWith(`${one.key}/`));
  }

  /** Puts all in place that was made so far, when it is old enough. Answers what could not be taken in. */
  async ripe(): Promise<readonly Judged[]> {
    const last = this.grown.at(-1)?.at;
    if (last === undefined) return [];
    const ms = last + raceMs + 5 - this.site.now();
    if (ms > 0) await pause(ms);
    return this.land((one) => one.at <= last);
  }

  /** Puts in place what was made. Answers what could not be taken in. */
  land(isMeant: (one: Grown) => boolean = () => true): readonly Judged[] {
    if (this.grown.length === 0) return [];
    const some = this.grown.filter(isMeant);
    this.grown = this.grown.filter((one) => !isMeant(one));
    const judged: Judged[] = [];
    for (const one of some) {
      this.held -= weightOf(one);
      for (const { offer } of one.parts) this.directories.delete(offer.key);
      if (this.placed(one)) this.noted(one);
      else judged.push(...this.oneByOne(one));
    }
    for (const branch of this.site.trees.values()) branch.tree.forget();
    return judged;
  }

  private placed({ branch, key, relative, path }: Grown): boolean {
    const { site } = this;
    if (site.stopped(unitOf(key)) !== undefined || site.store.get(key) !== undefined) return false;
    try {
      site.native.renameNew(path, branch.tree.at(relative));
      return true;
    } catch (error) {
      site.log.info({ key, reason: messageOf(error) }, 'a new directory is not put in place whole');
      return false;
    }
  }

  private noted({ branch, relative, parts }: Grown): void {
    const { site } = this;
    const now = site.now();
    for (const [n, { offer, stat }] of parts.entries()) {
      if (stat === undefined) continue;
      const made = lookedAt(stat, now).print;
      const print = n === 0 ? renamed(made, branch.tree.look(relative, now)?.print) : settled(made, now);
      remember(site, offer.key, { version: offer.version, state: offer.state, print });
    }
  }

  private oneByOne({ path, parts }: Grown): Judged[] {
    const all = parts.map((part): Judged => {
      const content = part.offer.state.kind === 'file' ? { file: part.path } : undefined;
      return [part.offer, receive(this.site, part.offer, content)];
    });
    rmSync(path, { recursive: true, force: true });
    return all;
  }

  /** Lets go of what is not in place. The other side offers it again. */
  clear(): void {
    for (const { path } of this.grown) rmSync(path, { recursive: true, force: true });
    this.grown = [];
    this.held = 0;
    this.directories.clear();
  }
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Where it is to lie. */
function pathTo({ key, state }: Offer): string {
  return pathOf(key, state.kind === 'file' ? state.place : undefined);
}

function pathIn(whole: Grown, path: string): string {
  return `${whole.path}${path.slice(whole.key.length)}`;
}

function weightOf({ parts }: Grown): number {
  const attributes = ({ offer: { state } }: Part): number => ('attributes' in state ? state.attributes.length : 0);
  return parts.reduce((sum, part) => sum + 1 + attributes(part) / 1000, 0);
}

/** What is no directory and can be made. */
function isLeaf({ state }: Offer): boolean {
  return state.kind === 'link' || (state.kind === 'file' && state.size <= inlineBytes);
}

/** The rename touched the directory; if it is not ours any more, the next look finds a change. */
function renamed(made: Fingerprint, now: Fingerprint | undefined): Fingerprint {
  return now !== undefined && sameFile(now, made) ? now : made;
}
