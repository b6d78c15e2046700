import type { Readable } from 'node:stream';
import { Refused } from '../errors.ts';

/** A file in a folder of a master. */
export interface MasterFile {
  readonly name: string;
  readonly bytes: number;
}

/**
 * One folder of a master, through which archives leave it and come back. WHM has no function that hands out or takes a
 * file of root's, so this is a way of its own. Folder names are made by `folderName`, file names pass `archiveFile`.
 * Everything throws FilesAway when the way itself failed, and Refused when the master said no.
 */
export interface MasterFiles {
  /** The folder as WHM functions name it. */
  path(folder: string): string;
  prepare(folder: string): Promise<void>;
  list(folder: string): Promise<readonly MasterFile[]>;
  /** SHA-256 over there, hexadecimal. */
  hash(folder: string, name: string): Promise<string>;
  read(folder: string, name: string, signal: AbortSignal): Readable;
  /** Complete and flushed to the master's disk when it resolves. */
  write(folder: string, name: string, source: Readable, signal: AbortSignal): Promise<void>;
  remove(folder: string): Promise<void>;
}

/** Where an archive lies on a master while it is made or brought; each try has its own. */
export function folderName(id: string, attempt: number): string {
  const name = `${id}-${attempt}`;
  if (!/^[0-9A-HJKMNP-TV-Z]{26}-\d{1,4}$/.test(name)) throw new RangeError(`${name} is no folder of an archive`);
  return name;
}

/** The file that pkgacct makes of an account: compressed or not. */
export function archiveFile(account: string, files: readonly MasterFile[]): MasterFile | undefined {
  const names = [`cpmove-${account}.tar.gz`, `cpmove-${account}.tar`];
  return files.find((file) => names.includes(file.name));
}

/** A name that may be part of a command or a path. Throws Refused. */
export function checkedName(name: string): string {
  if (!/^cpmove-[a-z0-9_.-]{1,64}\.tar(\.gz)?$/.test(name) || name.includes('..'))
    throw new Refused(`“${name.slice(0, 80)}” is no name of an archive`);
  return name;
}
