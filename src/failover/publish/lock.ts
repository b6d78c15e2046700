import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../errors.ts';

/** Another process works on the same zones. */
export class ZonesBusy extends AppError {
  readonly code = 'zones.busy';
  readonly retry = 'later';
}

/** A process and when it began, so that a number that was given away again is not taken for it. */
function identity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 22; the second one may hold blanks and parentheses.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    // No such process.
    return undefined;
  }
}

/**
 * Takes the lock or throws ZonesBusy. A lock whose process has ended is taken over. Resolves with the way to give it back.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  const mine = identity(process.pid) ?? String(process.pid);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(mine);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = await readFile(file, 'utf8').catch(() => '');
    const pid = Number(holder.split(' ')[0]);
    if (holder !== '' && identity(pid) === holder) {
      throw new ZonesBusy(`The zones are being worked on by process ${pid}.`, {
        hint: 'If that is `tandem watch`, give the order with `tandem failover`; it carries it out.',
      });
    }
    await rm(file, { force: true });
  }
  throw new ZonesBusy('The zones are being worked on by another process.');
}
