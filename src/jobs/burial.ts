/**
 * Workers of this machine whose process is gone are buried by the next one that starts: what they had in hand goes on
 * at once, and not when their leases end. Safe, because a process that is gone writes nothing any more; a call that it
 * had sent is in doubt all the same, and waits until it can no longer take effect.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Logger } from '../log.ts';
import type { Deps } from '../operations/deps.ts';
import { RUNNABLE_LEG } from '../operations/states.ts';

/** Field 22 of /proc/PID/stat, counted behind the name, which may hold spaces; proc(5). */
const START_TIME = 19;

interface Process {
  readonly state: string;
  /** Clock ticks since boot: tells a process from a later one with the same number. */
  readonly start: string;
}

function processOf(pid: number | 'self'): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[START_TIME] ?? '' };
  } catch {
    // No such file: no such process.
    return undefined;
  }
}

/** Where process numbers mean the same: this boot of this machine, this PID namespace. */
function place(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** What tells this very process from every other: place and time of its start. '' where the system does not say. */
export function homeOfThisProcess(): string {
  try {
    return `${place()} ${processOf('self')?.start ?? ''}`;
  } catch {
    // Not Linux, or /proc is closed: then nobody is buried and leases simply end.
    return '';
  }
}

/** Whether the process of a worker with this number and home is surely gone; `here` is the asking process's home. */
export function isGone(worker: { readonly pid: number; readonly home: string }, here: string): boolean {
  const at = worker.home.lastIndexOf(' ');
  if (at < 0 || here === '' || worker.home.slice(0, at) !== here.slice(0, here.lastIndexOf(' '))) return false;
  const found = processOf(worker.pid);
  return found === undefined || found.state === 'Z' || found.start !== worker.home.slice(at + 1);
}

/** Ends the leases and slots of workers whose process is gone. Returns how many there were. */
export async function buryDead({ journal }: Pick<Deps, 'journal'>, here: string, log: Logger): Promise<number> {
  const rows = await journal.read((db) => db.selectFrom('workers').select(['id', 'pid', 'home']).execute());
  const dead = rows.filter((row) => isGone(row, here)).map((row) => row.id);
  if (dead.length === 0) return 0;
  await journal.write(async (db) => {
    await db
      .updateTable('legs')
      .set({ lease_owner: null, lease_until: null })
      .where('state', 'in', [...RUNNABLE_LEG])
      .where('lease_owner', 'in', dead)
      .execute();
    await db.updateTable('slots').set({ until: 0 }).where('worker_id', 'in', dead).execute();
    await db.deleteFrom('reach').where('worker_id', 'in', dead).execute();
    await db.deleteFrom('workers').where('id', 'in', dead).execute();
  });
  log.warn({ workers: dead }, 'workers died on this machine; what they had in hand goes on');
  return dead.length;
}
