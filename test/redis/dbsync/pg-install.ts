/** The data folder of a PostgreSQL server, owned by whom it runs as. */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { oncePerRun } from '../../support/once.ts';
import { run, tempDir } from '../../support/processes.ts';

export const bin = '/usr/lib/postgresql/15/bin';

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
export function asServer(): { readonly before: readonly string[]; readonly owner: string | undefined } {
  if (process.getuid?.() !== 0) return { before: [], owner: undefined };
  return { before: ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'], owner: 'postgres' };
}

function ids(): { readonly uid: number; readonly gid: number } | undefined {
  if (asServer().owner === undefined) return undefined;
  const found = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m);
  return { uid: Number(found?.[1]), gid: Number(found?.[2]) };
}

/** Gives a path to the server's user. */
export function own(path: string): void {
  const who = ids();
  if (who !== undefined) chownSync(path, who.uid, who.gid);
}

/** The server's user must be able to walk to its folder. */
export function reachable(path: string): void {
  for (let at = path; at !== '/' && at !== '/tmp' && at !== '/dev/shm'; at = dirname(at)) {
    const { mode } = statSync(at);
    if ((mode & 0o011) !== 0o011) chmodSync(at, (mode & 0o777) | 0o011);
  }
}

async function program(name: string, args: readonly string[]): Promise<void> {
  const made = run(name, args);
  await made.exited;
  if (made.child.exitCode !== 0) throw new Error(`${name} failed: ${made.output()}`);
}

/** With owners and modes. */
function copy(from: string, to: string): Promise<void> {
  return program('cp', ['-a', from, to]);
}

/** Makes the data folder of a new server: a copy of one that is made once for all of a run. */
export async function installPostgres(datadir: string): Promise<void> {
  await copy(join(await oncePerRun('postgres', install), 'data'), datadir);
}

/** What every server of a run is copied from. Made elsewhere, since the server's user cannot walk to `dir`. */
async function install(dir: string): Promise<void> {
  const temporary = memoryDir();
  try {
    reachable(temporary.path);
    const data = join(temporary.path, 'data');
    mkdirSync(data, { mode: 0o700 });
    own(data);
    const [first = '', ...before] = [...asServer().before, join(bin, 'initdb')];
    const settings = ['-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C.UTF-8', '-E', 'UTF8'];
    await program(first, [...before, '-D', data, ...settings]);
    await copy(data, join(dir, 'data'));
  } finally {
    temporary.remove();
  }
}

/** In memory where that is possible: making and dropping databases waits for the disk each time. */
export function memoryDir(): { readonly path: string; remove(): void } {
  if (!existsSync('/dev/shm')) return tempDir('tandem-pgpair');
  const path = mkdtempSync('/dev/shm/tandem-pgpair-');
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }) };
}
