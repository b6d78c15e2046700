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

/** Directories in which a change of a mailbox shows: its storage, and every folder of it. */
function watchedOf({ branch, folder }: Place, now: number): readonly string[] {
  const all: string[] = [];
  const walk = (relative: string): void => {
    if (!isDirectory(branch, relative, now)) return;
    all.push(relative);
    for (const name of namesIn(branch, relative)) walk(`${relative}/${name}`);
  };
  walk(`${folder}/mailboxes`);
  if (isDirectory(branch, `${folder}/storage`, now)) all.push(`${folder}/storage`);
  branch.tree.forget();
  return all;
}

/** Finds mailboxes and tells when one may have changed. What it is not told of, a look at all of them makes good. */
export class Mailboxes {
  private readonly site: OpenSite;
  private readonly changed: (box: Mailbox) => void;
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly known = new Map<string, Place>();

  constructor(site: OpenSite, changed: (box: Mailbox) => void) {
    this.site = site;
    this.changed = changed;
  }

  get all(): readonly Mailbox[] {
    return [...this.known.values()];
  }

  /** Looks for all of them anew. Those that were not known are told of as changed. */
  look(): void {
    const found = this.site.homes.flatMap((name) => {
      const branch = this.site.trees.get(name);
      return branch === undefined ? [] : placesIn(this.site, branch);
    });
    const fresh = found.filter(({ user }) => !this.known.has(user));
    this.known.clear();
    for (const place of found) this.known.set(place.user, place);
    for (const place of found) this.watch(place);
    this.unwatchBut(found);
    for (const place of fresh) this.changed(place);
  }

  private watch(place: Place): void {
    for (const relative of watchedOf(place, this.site.now())) {
      const path = `${place.branch.tree.root}/${relative}`;
      if (this.watchers.has(path)) continue;
      try {
        const watcher = watch(bytes(path), { persistent: false }, (event) => {
          // A folder that has just been made is to be watched too.
          if (event === 'rename') this.watch(place);
          this.changed(place);
        });
        watcher.on('error', () => this.unwatch(path));
        this.watchers.set(path, watcher);
      } catch (error) {
        this.site.log.debug({ user: place.user, reason: messageOf(error) }, 'a folder of mail is not watched');
      }
    }
  }

  private unwatchBut(places: readonly Place[]): void {
    const roots = places.map(({ branch, folder }) => `${branch.tree.root}/${folder}/`);
    for (const path of this.watchers.keys()) if (!roots.some((root) => path.startsWith(root))) this.unwatch(path);
  }

  private unwatch(path: string): void {
    this.watchers.get(path)?.close();
    this.watchers.delete(path);
  }

  close(): void {
    for (const path of [...this.watchers.keys()]) this.unwatch(path);
  }
}
