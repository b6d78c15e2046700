import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Figure, pause, seconds, until } from '../clock.ts';
import type { Row } from './row.ts';

function count(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** f: a directory of 1,000 files is renamed, then one file in it, then all of it is removed. */
export const names: Row = {
  letter: 'f',
  async run({ tool: { home, line, settle }, sizes: { limitMs } }) {
    const here = (name: string): string => `${home[0]}/user1/${name}`;
    const there = (name: string): string => `${home[1]}/user1/${name}`;
    let isLate = false;
    async function measured(change: () => void, isDone: () => boolean): Promise<[Figure, number | 'dnf']> {
      // Each step rests on the one before it.
      if (isLate) return ['dnf', 'dnf'];
      await settle();
      const bytes = line.bytes();
      change();
      const took = await until(isDone, limitMs);
      isLate = took === 'dnf';
      await pause(500);
      return [seconds(took), (line.bytes() - bytes) / 1000];
    }
    mkdirSync(here('many'));
    for (let n = 0; n < 1000; n++) writeFileSync(here(`many/m${n}`), `many ${n} ${'z'.repeat(2000)}`);
    await until(() => count(there('many')) === 1000, limitMs);
    // A tool that takes away what it has just brought leaves nothing to rename.
    const folder = await measured(
      () => existsSync(here('many')) && renameSync(here('many'), here('renamed')),
      () => count(there('renamed')) === 1000 && !existsSync(there('many')),
    );
    const file = await measured(
      () => existsSync(here('renamed/m7')) && renameSync(here('renamed/m7'), here('renamed/one')),
      () => existsSync(there('renamed/one')) && !existsSync(there('renamed/m7')),
    );
    const gone = await measured(
      () => rmSync(here('renamed'), { recursive: true, force: true }),
      () => !existsSync(there('renamed')),
    );
    return {
      rename_dir_s: folder[0],
      rename_dir_kb: folder[1],
      rename_file_s: file[0],
      rename_file_kb: file[1],
      remove_dir_s: gone[0],
      remove_dir_kb: gone[1],
    };
  },
};
