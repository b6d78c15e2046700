import { existsSync, writeFileSync } from 'node:fs';
import { pause, seconds, until } from '../clock.ts';
import { cpuSeconds, memoryMb, processCount } from '../cost.ts';
import type { Row } from './row.ts';

/** a: everything lies on the first side and nothing on the second. What has its name there is whole: all of them rename. */
export const first: Row = {
  letter: 'a',
  async run({ tool, sizes, paths }) {
    const bytes = tool.line.bytes();
    const left = [...paths];
    const begun = performance.now();
    const limitMs = Math.max(sizes.limitMs, 300_000);
    const arrived = until(
      () => {
        while (left.length > 0 && existsSync(`${tool.home[1]}/${left.at(-1)}`)) left.pop();
        return left.length === 0;
      },
      limitMs,
      50,
    );
    await tool.start();
    const took = (await arrived) === 'dnf' ? 'dnf' : performance.now() - begun;
    await tool.started();
    await tool.settle();
    return {
      first_sync_s: seconds(took),
      first_sync_cpu_s: cpuSeconds(tool.dir),
      first_sync_mb: (tool.line.bytes() - bytes) / 1e6,
    };
  },
};

/** What the killed ones have left behind (helpers, sessions of sshd) ends by itself; its time is theirs. */
async function ended(dir: string): Promise<void> {
  for (let [before, calm] = [-1, 0]; calm < 10; await pause(50)) {
    const now = processCount(dir);
    calm = now === before ? calm + 1 : 0;
    before = now;
  }
}

/** r: both are killed, and what was written meanwhile is there once they run again; until all is looked at, also. */
export const restart: Row = {
  letter: 'r',
  async run({ tool, sizes }) {
    if (tool.restart === undefined) return {};
    await tool.killBoth?.();
    await ended(tool.dir);
    const path = 'user0/public_html/while-down.txt';
    writeFileSync(`${tool.home[0]}/${path}`, 'written while nobody watched');
    // sshd lives on, with the time of all its sessions so far.
    const before = cpuSeconds(tool.dir);
    const begun = performance.now();
    const arrived = until(() => existsSync(`${tool.home[1]}/${path}`), sizes.limitMs);
    await tool.restart();
    const live = await arrived;
    await tool.started();
    return {
      live_s: seconds(live),
      level_s: (performance.now() - begun) / 1000,
      restart_cpu_s: cpuSeconds(tool.dir) - before,
      restart_peak_mb: memoryMb(tool.dir).peak,
    };
  },
};

/** b: nothing happens, and what the work before it left to do is over, the giving back of memory as well. */
export const idle: Row = {
  letter: 'b',
  async run({ tool, sizes }) {
    await pause(sizes.idleMs);
    const before = cpuSeconds(tool.dir);
    await pause(sizes.idleMs);
    const used = (cpuSeconds(tool.dir) - before) * (60_000 / sizes.idleMs);
    const { resident, shares } = memoryMb(tool.dir);
    return { idle_cpu_s_a_minute: used, memory_mb: resident, memory_pss_mb: shares };
  },
};
