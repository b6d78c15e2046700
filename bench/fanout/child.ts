import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** A process of the benchmark, spoken to in messages that have a `kind`. */
export interface Child<In extends { kind: string }, Out extends { kind: string }> {
  readonly pid: number;
  send(message: In): void;
  /** The next message of this kind. Rejects when the process ends first. */
  next<K extends Out['kind']>(kind: K): Promise<Extract<Out, { kind: K }>>;
  /** Hears every message of this kind from now on. */
  hear<K extends Out['kind']>(kind: K, heard: (message: Extract<Out, { kind: K }>) => void): void;
  /** Most memory that it and its children ever had, megabytes. */
  mostMemoryMb(): number;
  /** Processor time that it and its children have used so far, user and system together; proc(5). */
  cpuSeconds(): number;
  /** SIGTERM, or SIGKILL; resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Where this file would be among what is bundled: scripts are found from there. */
const compiled = new URL('../../.cache/bench/bench/fanout/child.js', import.meta.url).href;

/**
 * Customers run what was bundled; what tsx makes on the fly names every function anew at each call and so costs a tenth
 * more. `node --cpu-prof --import tsx bench/run.ts …` profiles every process.
 */
function forked(script: string, args: unknown): ChildProcess {
  const profiling = process.execArgv.filter((word) => word.startsWith('--cpu-prof'));
  const path = new URL(script.replace(/\.ts$/, '.js'), compiled);
  const child = fork(path, [JSON.stringify(args)], {
    execArgv: profiling,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const lastResort = (): void => void child.kill('SIGKILL');
  process.once('exit', lastResort);
  child.once('exit', () => process.removeListener('exit', lastResort));
  return child;
}

const ticksPerSecond = 100;

/** Fields 14 to 17 of /proc/PID/stat, counted behind the name, which may hold spaces: its own, and of ended children. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticksPerSecond;
}

/** Adds up over a process and its children, so that a program of several processes is counted whole. */
function overFamily(pid: number, of: (pid: number) => number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const own = of(pid);
  return children === '' ? own : children.split(' ').reduce((sum, child) => sum + overFamily(Number(child), of), own);
}

export function familyCpuSeconds(pid: number): number {
  return overFamily(pid, cpuSecondsOf);
}

function familyMostMemoryMb(pid: number): number {
  return overFamily(
    pid,
    (one) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1]) / 1024,
  );
}

/** Starts a script of this folder; it is killed with us. `args` is its one argument, as JSON. */
export function startChild<In extends { kind: string }, Out extends { kind: string }>(
  script: string,
  args: unknown,
): Child<In, Out> {
  const child = forked(script, args);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} did not start`);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  return {
    pid,
    send: (message) => void child.send(message),
    next: (kind) =>
      new Promise((resolve, reject) => {
        function stop(): void {
          child.off('message', onMessage);
          child.off('exit', onExit);
        }
        // Only scripts of this folder send here, and they send Out.
        function onMessage(message: unknown): void {
          const said = message as Out;
          if (said.kind !== kind) return;
          stop();
          resolve(said as Extract<Out, { kind: typeof kind }>);
        }
        function onExit(code: number | null): void {
          stop();
          reject(new Error(`${script} ended with ${code} before it said ${kind}`));
        }
        child.on('message', onMessage);
        child.once('exit', onExit);
      }),
    hear: (kind, heard) => {
      // Only scripts of this folder send here, and they send Out.
      child.on('message', (message: unknown) => {
        const said = message as Out;
        if (said.kind === kind) heard(said as Extract<Out, { kind: typeof kind }>);
      });
    },
    mostMemoryMb: () => familyMostMemoryMb(pid),
    cpuSeconds: () => familyCpuSeconds(pid),
    async end(signal = 'SIGTERM') {
      if (ended) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}
