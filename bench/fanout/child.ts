import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark, spoken to in messages that have a `kind`. */
export interface Child<In extends { kind: string }, Out extends { kind: string }> {
  readonly pid: number;
  send(message: In): void;
  /** The next message of this kind. Rejects when the process ends first. */
  next<K extends Out['kind']>(kind: K): Promise<Extract<Out, { kind: K }>>;
  /** Most memory that it ever had, megabytes. */
  mostMemoryMb(): number;
  /** Processor time that it has used so far, user and system together; proc(5). */
  cpuSeconds(): number;
  /** SIGTERM, or SIGKILL; resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

function forked(script: string, args: unknown): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, [JSON.stringify(args)], {
    // `node --cpu-prof --import tsx bench/run.ts …` profiles every process.
    execArgv: ['--import', 'tsx', ...process.execArgv.filter((word) => word.startsWith('--cpu-prof'))],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const lastResort = (): void => void child.kill('SIGKILL');
  process.once('exit', lastResort);
  child.once('exit', () => process.removeListener('exit', lastResort));
  return child;
}

const ticksPerSecond = 100;

/** Fields 14 and 15 of /proc/PID/stat, counted behind the name, which may hold spaces. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
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
    mostMemoryMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuSeconds: () => cpuSecondsOf(pid),
    async end(signal = 'SIGTERM') {
      if (ended) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}
