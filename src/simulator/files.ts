/** The disk of a simulated server, as far as archives of accounts need one: a folder that stands for `/`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';

export interface HostFiles {
  /** The folder that stands for `/`. */
  readonly root: string;
  /** Where the parts of a multipart body wait for the call that takes them. */
  readonly uploads: string;
  exists(path: string): boolean;
  /** A tar.gz of these files, made by the system's own tar. */
  pack(path: string, members: Readonly<Record<string, string>>): void;
  /** One member; undefined when the archive or the member is not there or cannot be read. */
  member(path: string, name: string): string | undefined;
  /** Cuts the file in half. */
  cut(path: string): void;
  remove(path: string): void;
}

function tar(args: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const done = spawnSync('tar', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { ok: done.status === 0, text: done.stdout };
}

/** Paths of calls begin at `root` and cannot leave it. */
export function hostFiles(root: string): HostFiles {
  const at = (path: string): string => join(root, normalize(`/${path}`));
  return {
    root,
    uploads: `${root}-uploads`,
    exists: (path) => existsSync(at(path)),
    pack(path, members) {
      const folder = mkdtempSync(join(tmpdir(), 'simulated-pkgacct-'));
      try {
        for (const [name, text] of Object.entries(members)) {
          const file = join(folder, normalize(`/${name}`));
          mkdirSync(dirname(file), { recursive: true });
          if (!name.endsWith('/')) writeFileSync(file, text);
        }
        const top = Object.keys(members)[0]?.split('/')[0] ?? '.';
        if (!tar(['-C', folder, '-czf', at(path), top]).ok) throw new Error(`tar could not write ${path}`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    member(path, name) {
      const { ok, text } = tar(['-xzOf', at(path), name]);
      return ok ? text : undefined;
    },
    cut(path) {
      const file = at(path);
      truncateSync(file, Math.floor(readFileSync(file).length / 2));
    },
    remove: (path) => rmSync(at(path), { force: true }),
  };
}
