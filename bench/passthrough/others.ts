import { readFileSync } from 'node:fs';
import { familyCpuSeconds } from '../fanout/child.ts';

const ticksPerSecond = 100;

/** Processor time that the whole machine has used, seconds: the first line of /proc/stat without idle and waiting; proc(5). */
function machineCpuSeconds(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}

/**
 * Begins to count what others take of this machine; answers how many cores that was on average. Rates and ratios are
 * worth something only while it is near 0: otherwise who is kept back most is chance.
 */
export function countOthers(): () => number {
  const took = () => machineCpuSeconds() - familyCpuSeconds(process.pid);
  const [begun, before] = [performance.now(), took()];
  return () => (took() - before) / ((performance.now() - begun) / 1000);
}
