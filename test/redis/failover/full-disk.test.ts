import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { open, order, readAll, withoutSerials, writeZones, zoneNames } from './directory.ts';

/** A real full disk: a small file system in memory, which only root may mount. */

const { signal } = new AbortController();
const zones = zoneNames(400);
const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
let base: TempDir;
let disk: string;

beforeEach(() => {
  base = tempDir('full');
  disk = join(base.path, 'disk');
  mkdirSync(disk);
  if (!mayMount) return;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(mounted.stderr);
});
afterEach(() => {
  if (mayMount) spawnSync('umount', ['-l', disk]);
  base.remove();
});

/** Takes all but so many bytes. */
function fill(leave: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, Number(bavail) * Number(bsize) - leave)));
}

const free = (): void => rmSync(join(disk, 'ballast'));

describe.skipIf(!mayMount)('a full disk', () => {
  it.each([
    ['no room at all', 0],
    ['room for a part of the zones', 200_000],
  ])(
    '%s: no zone file changes, nothing is left beside them, and with room again the same order finishes',
    async (_what, leave) => {
      const dir = join(disk, 'zones');
      writeZones(dir, zones);
      const before = readAll(dir);
      const publish = await open(base.path, dir, []);
      fill(leave);
      const failed = await publish.bring(order(1, 'm2'), signal);
      expect(failed).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('Every file is whole') });
      expect(failed.sentence).toMatch(/ENOSPC|no space/i);
      expect(readAll(dir)).toEqual(before);
      free();
      expect(await publish.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done', counts: { changed: 400 } });
      expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { changed: 400 } });
      expect(withoutSerials(readAll(dir))).toEqual(withoutSerials(before));
      await publish.close();
    },
  );

  it('no room for the ledger: no zone file changes, and a restart with room again finishes', async () => {
    const dir = join(base.path, 'zones');
    writeZones(dir, zones);
    const before = readAll(dir);
    const publish = await open(disk, dir, []);
    fill(8192);
    expect((await publish.bring(order(1, 'm2'), signal)).kind).toBe('failed');
    expect(readAll(dir)).toEqual(before);
    free();
    await publish.close();
    const again = await open(disk, dir, []);
    expect(await again.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done', counts: { changed: 400 } });
    expect(await again.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { changed: 400 } });
    expect(withoutSerials(readAll(dir))).toEqual(withoutSerials(before));
    await again.close();
  });
});
