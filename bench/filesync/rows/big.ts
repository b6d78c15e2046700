import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { seconds, until } from '../clock.ts';
import { cpuSeconds } from '../cost.ts';
import type { Row } from './row.ts';

const megabyte = 1 << 20;

function write(path: string, count: number, from = 0): void {
  const file = openSync(path, from === 0 ? 'w' : 'r+');
  for (let n = 0; n < count; n++) writeSync(file, randomBytes(megabyte), 0, megabyte, (from + n) * megabyte);
  closeSync(file);
}

function digest(path: string): string {
  const hash = createHash('md5');
  const chunk = Buffer.alloc(megabyte);
  const file = openSync(path, 'r');
  for (let got = readSync(file, chunk); got > 0; got = readSync(file, chunk)) hash.update(chunk.subarray(0, got));
  closeSync(file);
  return hash.digest('hex');
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : -1);
const timeOf = (path: string): number => (existsSync(path) ? Math.floor(statSync(path).mtimeMs / 1000) : -1);

/** e: a large file comes, and then one megabyte in its middle changes. */
export const big: Row = {
  letter: 'e',
  async run({ tool, sizes: { bigMb, limitMs } }) {
    const { home, line, settle, dir } = tool;
    const [from, to] = [`${home[0]}/user2/archive.bin`, `${home[1]}/user2/archive.bin`];
    async function arrives(change: () => void, name: string): Promise<Record<string, number | 'dnf'>> {
      const [bytes, cpu] = [line.bytes(), cpuSeconds(dir)];
      change();
      const begun = performance.now();
      // Reading it whole each time would slow down what is measured: its size and time are looked at first.
      const there = await until(
        () => sizeOf(to) === bigMb * megabyte && timeOf(to) === timeOf(from) && digest(to) === digest(from),
        limitMs,
        20,
      );
      const took = there === 'dnf' ? 'dnf' : performance.now() - begun;
      await settle();
      return {
        [`${name}_s`]: seconds(took),
        [`${name}_mb`]: (line.bytes() - bytes) / 1e6,
        [`${name}_cpu_s`]: cpuSeconds(dir) - cpu,
      };
    }
    const whole = await arrives(() => write(from, bigMb), 'big_first');
    // A tool that has deleted it at its origin by now has nothing to change.
    const isHere = existsSync(from) && existsSync(to);
    const none = { big_change_s: 'dnf', big_change_mb: 'dnf', big_change_cpu_s: 'dnf' } as const;
    return { ...whole, ...(isHere ? await arrives(() => write(from, 1, bigMb >> 1), 'big_change') : none) };
  },
};
