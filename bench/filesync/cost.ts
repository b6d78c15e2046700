import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly residentKb: number;
  readonly peakKb: number;
  readonly words: string;
}

/** Fields 4 and 14 to 17 of /proc/PID/stat: its own time and that of children it has waited for; proc(5). */
function look(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      pid,
      parent: Number(fields[1]),
      ticks,
      residentKb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
      peakKb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0),
      words: readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
    };
  } catch {
    // It ended between the list and the look.
    return undefined;
  }
}

/** Every process that names the folder in its command line, and whatever those have started. */
function processesOf(folder: string): readonly Process[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (look(Number(name)) ?? []) : []));
  const found = new Set(all.filter(({ words }) => words.includes(folder)).map(({ pid }) => pid));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return all.filter(({ pid }) => found.has(pid));
}

/** Processor seconds that a tool has used so far on both sides, with its ssh sessions; short-lived children included. */
export function cpuSeconds(folder: string): number {
  return processesOf(folder).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

/** Processes of a tool that run now, on both sides. */
export function processCount(folder: string): number {
  return processesOf(folder).length;
}

/** What a process shares with others counts by its share. */
function shareKb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  } catch {
    // It has ended since.
    return 0;
  }
}

/** Memory of a tool with its ssh sessions, megabytes, the mean of both sides: resident, at its peak, and by shares (PSS). */
export function memoryMb(folder: string): {
  readonly resident: number;
  readonly peak: number;
  readonly shares: number;
} {
  const all = processesOf(folder);
  const mean = (of: (one: Process) => number): number => all.reduce((sum, one) => sum + of(one), 0) / 1024 / 2;
  return {
    resident: mean((one) => one.residentKb),
    peak: mean((one) => one.peakKb),
    shares: mean(({ pid }) => shareKb(pid)),
  };
}
