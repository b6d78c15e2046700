import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';

/** Another process works on the folder. */
export class FolderTaken extends AppError {
  readonly code = 'watch.folder-taken';
  readonly retry = 'later';
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A process by its id and its start in clock ticks since boot, so that a later one with the same id is another. */
async function nameOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the name in field 2 may hold spaces, so count from its closing bracket.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    // No such process.
    return undefined;
  }
}

async function holder(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The draft is linked, so the lock appears with its owner's name in it; link() fails when somebody else was first. */
async function claim(path: string, name: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${name}\n`);
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves away the lock of a process that is gone; puts it back when meanwhile it became somebody's. */
async function clear(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  if ((await holder(aside)) !== stale) {
    await link(aside, path).catch((error: unknown) => {
      // Somebody else has it by now.
      if (!isErrno(error, 'EEXIST')) throw error;
    });
  }
  await rm(aside, { force: true });
}

/** Makes the folder this process's own until `release`. Throws FolderTaken. A killed owner's claim is void. */
export async function lockFolder(dir: string): Promise<{ readonly release: () => Promise<void> }> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'lock');
  const mine = (await nameOf(process.pid)) ?? `${process.pid}`;
  for (let round = 0; round < 5; round += 1) {
    if (await claim(path, mine)) return { release: () => rm(path, { force: true }) };
    const other = await holder(path);
    if (other === undefined) continue;
    if (other === (await nameOf(Number(other.split(' ')[0])))) {
      const hint = 'Stop it first, or use the commands, which talk to it.';
      throw new FolderTaken(`process ${other.split(' ')[0]} works on ${dir}`, { hint });
    }
    await clear(path, other);
  }
  throw new FolderTaken(`${path} is fought over by other processes`);
}
