/** The master's folder as a folder of this machine: a mount, or a simulated master next door. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors.ts';
import { FilesAway } from './files-away.ts';
import { checkedName, type MasterFile, type MasterFiles } from './master-files.ts';

export interface FolderAccess {
  readonly kind: 'folder';
  /** Here. */
  readonly path: string;
  /** The same folder as the master names it. */
  readonly directory: string;
}

async function away<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new FilesAway(messageOf(error), { cause: error });
  }
}

async function filesIn(folder: string): Promise<readonly MasterFile[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('cpmove-'));
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
}

/** Opens nothing: every call goes to the disk. */
export function folderFiles(access: FolderAccess): MasterFiles {
  const here = (folder: string) => join(access.path, folder);
  const file = (folder: string, name: string) => join(here(folder), checkedName(name));
  return {
    path: (folder) => join(access.directory, folder),
    prepare: (folder) => away(async () => void (await mkdir(here(folder), { recursive: true, mode: 0o700 }))),
    list: (folder) => away(() => filesIn(here(folder))),
    hash: (folder, name) =>
      away(async () => {
        const hash = createHash('sha256');
        await pipeline(createReadStream(file(folder, name)), hash);
        return hash.digest('hex');
      }),
    read: (folder, name, signal) => createReadStream(file(folder, name), { signal }),
    write: (folder, name, source, signal) =>
      away(async () => {
        const part = `${file(folder, name)}.part`;
        await pipeline(source, createWriteStream(part, { mode: 0o600 }), { signal });
        const handle = await open(part, 'r+');
        await handle.sync().finally(() => handle.close());
        await rename(part, file(folder, name));
      }),
    remove: (folder) => away(() => rm(here(folder), { recursive: true, force: true })),
  };
}
