import { readFileSync } from 'node:fs';
import type { FileState, Fingerprint } from './model.ts';
import { digestOf, sameFile } from './observe.ts';
import { inlineBytes, unitOf } from './site.ts';
import { bytes, look } from './tree.ts';

interface Departure {
  readonly path: string;
  readonly print: Fingerprint;
  readonly at: number;
}

const most = 2000;
const longestMs = 600_000;

/**
 * Files that were put into the trash a moment ago, by account and content. A file that is renamed leaves under one name
 * and comes under another: its content need not travel. What another account deleted stays in that one's trash.
 */
export class Departed {
  private readonly all = new Map<string, Departure>();

  /** A file that had this key and state lies in the trash now. */
  note(key: string, state: FileState, departure: Departure): void {
    const name = nameOf(key, state);
    this.all.delete(name);
    this.all.set(name, departure);
    const [oldest] = this.all.keys();
    if (this.all.size > most && oldest !== undefined) this.all.delete(oldest);
  }

  /**
   * What the file of this key and state consists of: the bytes of a small one; a large one itself, which then leaves the
   * trash. It is not taken from another file system than `spool`'s, nor while it has another name, by which it could be
   * written to.
   */
  take(key: string, state: FileState, spool: string, now: number): Buffer | { readonly file: string } | undefined {
    const name = nameOf(key, state);
    const found = this.all.get(name);
    if (found === undefined || now - found.at > longestMs || !found.path.startsWith(`${spool}/`)) return undefined;
    const looked = look(found.path, now);
    if (looked === undefined || looked.links !== 1 || !sameFile(looked.print, found.print)) return undefined;
    if (looked.print.size !== state.size) return undefined;
    if (state.size > inlineBytes) {
      this.all.delete(name);
      return { file: found.path };
    }
    const content = readFileSync(bytes(found.path));
    return digestOf(content) === state.digest ? content : undefined;
  }
}

function nameOf(key: string, state: FileState): string {
  return `${unitOf(key)} ${state.digest}`;
}
