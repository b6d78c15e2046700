/** For tests: the process kills itself, hard, at a named point. */
import type { Crash } from '../operations/crash-points.ts';

/** 'note-sent.after' or 'send.before:3' (at the third time). undefined, as always in production: never. */
export function crashAt(where: string | undefined): Crash {
  if (where === undefined) return () => {};
  const [point, count] = where.split(':');
  let left = Number(count ?? 1);
  return (at) => {
    if (at !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
