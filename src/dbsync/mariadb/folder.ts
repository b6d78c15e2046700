/** Tandem's own files of one pair: settings files, copies, backups. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface Folder {
  readonly path: string;
  /** Settings file and certificates of a master. */
  readonly settings: (master: string) => string;
  /** Copies on their way; worthless once loaded. */
  readonly seeds: string;
  /** A new folder for what is about to be overwritten on a master. */
  backup(master: string): Promise<string>;
}

/** Below the state directory; the clock names the backups. */
export function folderIn(stateDir: string, now: () => number): Folder {
  const path = join(stateDir, 'dbsync');
  return {
    path,
    settings: (master) => join(path, master),
    seeds: join(path, 'seeds'),
    async backup(master) {
      const stamp = new Date(now()).toISOString().replaceAll(/[:.]/g, '-');
      const made = join(path, 'backups', `${stamp}-${master}`);
      await mkdir(made, { recursive: true, mode: 0o700 });
      return made;
    },
  };
}
