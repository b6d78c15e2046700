import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { quantile } from '../../result.ts';
import { type Figure, pause, seconds, until } from '../clock.ts';
import { cpuSeconds } from '../cost.ts';
import type { Row } from './row.ts';

/** Whether a file is there with this content. */
export function reads(path: string, content: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === content;
}

/** c: single small files, alternately from either side. Those that do not come in time are counted. */
export const singles: Row = {
  letter: 'c',
  async run({ tool: { name, home, dir }, sizes, chance }) {
    const count = name === 'tandem' ? sizes.singles : sizes.othersSingles;
    const took: number[] = [];
    const [cpu, end] = [cpuSeconds(dir), performance.now() + 300_000];
    let tried = 0;
    for (; tried < count && performance.now() < end; tried++) {
      const [from, to] = tried % 2 === 0 ? home : [home[1], home[0]];
      const path = `user${tried % 2}/public_html/single${tried}.txt`;
      const content = `single ${tried} ${'y'.repeat(2000)}`;
      writeFileSync(`${from}/${path}`, content);
      const one = await until(() => reads(`${to}/${path}`, content), Math.min(45_000, sizes.limitMs));
      if (one !== 'dnf') took.push(one);
      await pause(150 + chance.int(200));
    }
    const of = (share: number): Figure => (took.length === 0 ? 'dnf' : quantile(took, share));
    return {
      single_p50_ms: of(0.5),
      single_p95_ms: of(0.95),
      single_max_ms: of(1),
      singles_missed: tried - took.length,
      cpu_s_100_singles: ((cpuSeconds(dir) - cpu) * 100) / Math.max(1, tried),
    };
  },
};

/** d: 2,000 files of 2 KB in twenty new directories. */
export const burst: Row = {
  letter: 'd',
  async run({ tool: { home, line, dir, settle }, sizes }) {
    const [cpu, bytes, begun] = [cpuSeconds(dir), line.bytes(), performance.now()];
    const paths: string[] = [];
    for (let d = 0; d < 20; d++) {
      mkdirSync(`${home[0]}/user1/burst/x${d}`, { recursive: true });
      for (let n = 0; n < 100; n++) {
        paths.push(`user1/burst/x${d}/n${n}`);
        writeFileSync(`${home[0]}/user1/burst/x${d}/n${n}`, Buffer.alloc(2048, `${d} ${n} `));
      }
    }
    const arrived = await until(() => {
      while (paths.length > 0 && existsSync(`${home[1]}/${paths.at(-1)}`)) paths.pop();
      return paths.length === 0;
    }, sizes.limitMs);
    const took = arrived === 'dnf' ? 'dnf' : performance.now() - begun;
    await settle();
    return {
      burst_2000_s: seconds(took),
      burst_2000_cpu_s: cpuSeconds(dir) - cpu,
      burst_2000_mb: (line.bytes() - bytes) / 1e6,
    };
  },
};
