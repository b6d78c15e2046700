import { type FSWatcher, watch } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { OpenSite } from './open-site.ts';
import type { Branch } from './site.ts';
import { bytes, isGone } from './tree.ts';

/**
 * Mailboxes in Dovecot's own formats (mdbox, sdbox). Their files mean nothing one by one, so they are not synced as files:
 * Dovecot itself brings both sides to the same. As cPanel lays them out: `mail` for the account itself, `mail/DOMAIN/NAME`
 * for an address.
 */
export interface Mailbox {
  /** As Dovecot knows it: 'bob', 'info@bob.example'. */
  readonly user: string;
  /** 'home/bob'. */
  readonly unit: string;
}

/** What Dovecot may be asked about: nothing that a shell or an option could make something else of. */
export const mailUser = /^[A-Za-z0-9][A-Za-z0-9._+=-]{0,63}(?:@[A-Za-z0-9][A-Za-z0-9.-]{0,252})?$/;

interface Place extends Mailbox {
  readonly branch: Branch;
  /** Below the tree. */
  readonly folder: string;
}

function isDirectory({ tree }: Branch, relative: string, now: number): boolean {
  return tree.look(relative, now)?.kind === 'directory';
}

function namesIn({ tree }: Branch, relative: string): readonly string[] {
  try {
    return tree.names(relative);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function foldersOf(branch: Branch, account: string, mail: string, now: number): readonly (readonly [string, string])[] {
  const top = `${account}/${mail}`;
  if (!isDirectory(branch, top, now)) return [];
  const addresses = namesIn(branch, top)
    // Domains hold a dot; Maildir folders begin with one.
    .filter((domain) => domain.indexOf('.') > 0 && isDirectory(branch, `${top}/${domain}`, now))
    .flatMap((domain) =>
      namesIn(branch, `${top}/${domain}`).map((name) => [`${name}@${domain}`, `${top}/${domain}/${name}`] as const),
    );
  return [[account, top], ...addresses];
}

/** Every mailbox of a tree of homes that is no Maildir. */
function placesIn(site: OpenSite, branch: Branch): readonly Place[] {
  const now = site.now();
  const all = namesIn(branch, '').flatMap((account) =>
    site.mailFolders
      .flatMap((mail) => foldersOf(branch, account, mail, now))
      .filter(([user, folder]) => mailUser.test(user) && isDirectory(branch, `${folder}/mailboxes`, now))
      .map(([user, folder]) => ({ user, unit: `${branch.tree.name}/${account}`, branch, folder })),
  );
  branch.tree.forget();
  return all;
}

/** A mailbox with more folders is looked at each time instead of watched. */
const mostFolders = 2000;

/** Directories in which a change of a mailbox shows, with what tells one from another of its name: storage, and every folder. */
function watchedOf({ branch, folder }: Place, now: number): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  const left = [`${folder}/mailboxes`, `${folder}/storage`];
  for (let relative = left.pop(); relative !== undefined && all.size <= mostFolders; relative = left.pop()) {
    const looked = branch.tree.look(relative, now);
    if (looked?.kind !== 'directory') continue;
    all.set(`${branch.tree.root}/${relative}`, looked.print.ino);
    left.push(...namesIn(branch, relative).map((name) => `${relative}/${name}`));
  }
  branch.tree.forget();
  return all;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly user: string;
  readonly ino: number;
}

/** Finds mailboxes and tells when one may have changed. Those that cannot be watched are told of at each look. */
export class Mailboxes {
  private readonly site: OpenSite;
  private readonly changed: (box: Mailbox) => void;
  private readonly watched = new Map<string, Watched>();
  private readonly known = new Map<string, Place>();

  constructor(site: OpenSite, changed: (box: Mailbox) => void) {
    this.site = site;
    this.changed = changed;
  }

  get all(): readonly Mailbox[] {
    return [...this.known.values()];
  }

  /** Looks for all of them anew. Those that were not known, or may have changed unseen, are told of as changed. */
  look(): void {
    const found = this.site.homes.flatMap((name) => {
      const branch = this.site.trees.get(name);
      return branch === undefined ? [] : placesIn(this.site, branch);
    });
    const before = new Set(this.known.keys());
    this.known.clear();
    for (const place of found) this.known.set(place.user, place);
    for (const [path, { user }] of this.watched) if (!this.known.has(user)) this.unwatch(path);
    for (const place of found) if (!this.watch(place) || !before.has(place.user)) this.changed(place);
  }

  /** Answers whether all of it was watched already. */
  private watch(place: Place): boolean {
    const wanted = watchedOf(place, this.site.now());
    let isWatched = wanted.size <= mostFolders;
    for (const [path, ino] of wanted) {
      const known = this.watched.get(path);
      if (known?.ino === ino) continue;
      isWatched = false;
      // Another directory of the same name: nothing more comes from the one before it.
      if (known !== undefined) this.unwatch(path);
      this.begin(place, path, ino);
    }
    return isWatched;
  }

  private begin(place: Place, path: string, ino: number): void {
    const own = bytes(path.slice(path.lastIndexOf('/') + 1));
    try {
      const watcher = watch(bytes(path), { persistent: false, encoding: 'buffer' }, (event, name) => {
        // Its own name: it is gone, and one made in its place may have its very number.
        if (event === 'rename' && name?.equals(own) === true) this.unwatch(path);
        // A folder that has just been made is to be watched too.
        if (event === 'rename') this.watch(place);
        this.changed(place);
      });
      watcher.on('error', () => this.unwatch(path));
      this.watched.set(path, { watcher, user: place.user, ino });
    } catch (error) {
      this.site.log.debug({ user: place.user, reason: messageOf(error) }, 'a folder of mail is not watched');
    }
  }

  private unwatch(path: string): void {
    this.watched.get(path)?.watcher.close();
    this.watched.delete(path);
  }

  close(): void {
    for (const path of [...this.watched.keys()]) this.unwatch(path);
  }
}
