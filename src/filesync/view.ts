import { closeSync, openSync, readSync } from 'node:fs';
import { Invalid, NotFound } from '../errors.ts';
import { keyOf, pathOf } from './maildir.ts';
import { contentOf } from './read.ts';
import { type Branch, type Site, split } from './site.ts';
import { bytes, look } from './tree.ts';

/** A file as people compare it; a text only where it is one, and its beginning where it is long. */
export interface Shown {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly owner: string;
  readonly text: string | null;
}

/** A kept version, and what lies in its place now. */
export interface Viewed {
  readonly key: string;
  readonly kept: Shown;
  readonly current: Shown | null;
}

const mostText = 64 * 1024;

/** Where something kept lies: trash/STAMP/TREE/PATH or conflicts/…, in bytes. Throws Invalid and NotFound. */
export function keptPlace(site: Site, kept: string): { branch: Branch; key: string; source: string } {
  const found = /^(trash|conflicts)\/([^/]+)\/([^/]+\/.+)$/s.exec(kept);
  if (found === null || kept.split('/').includes('..') || kept.includes('\0'))
    throw new Invalid('what is kept is named trash/STAMP/TREE/PATH or conflicts/STAMP/TREE/PATH');
  const [, where = '', stamp = '', key = ''] = found;
  const at = split(site, key);
  if (at === undefined) throw new NotFound(`there is no tree for ${key}`);
  return { branch: at.branch, key, source: `${at.branch.spool.path}/${where}/${stamp}/${key}` };
}

function textOf(content: Buffer): string | null {
  const text = content.toString();
  return content.includes(0) || text.includes('\uFFFD') ? null : text;
}

function beginning(path: string, size: number): Buffer {
  const fd = openSync(bytes(path), 'r');
  try {
    const buffer = Buffer.alloc(Math.min(size, mostText));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** Both versions of something that is kept here. The one in place is read without following links. */
export function viewKept(site: Site, kept: string): Viewed {
  const { branch, key, source } = keptPlace(site, kept);
  const looked = look(source, site.now());
  if (looked?.kind !== 'file') throw new NotFound('it is not kept here any more, or is no file');
  const placed = keyOf(key, site.mailFolders);
  const known = site.store.get(placed.key);
  const place = known?.state.kind === 'file' ? known.state.place : placed.place;
  const relative = pathOf(placed.key, place).slice(branch.tree.name.length + 1);
  const now = branch.tree.look(relative, site.now());
  const content = now?.kind === 'file' && now.print.size <= mostText ? contentOf(branch, relative) : undefined;
  branch.tree.forget();
  const shown = (print: { size: number; mtime: string; uid: number }, text: Buffer | undefined): Shown => ({
    size: print.size,
    mtimeMs: Math.round(Number(print.mtime) / 1e6),
    owner: site.owners.userName(print.uid),
    text: text === undefined ? null : textOf(text),
  });
  return {
    key,
    kept: shown(looked.print, beginning(source, looked.print.size)),
    current: now?.kind === 'file' ? shown(now.print, content) : null,
  };
}
