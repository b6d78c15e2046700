import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FilePair, filePair, noMount } from '../../support/filesync.ts';
import { treeOf } from '../../support/filesync-chaos.ts';

const lacking = noMount();
const waiting = { timeout: 40_000, interval: 50 };
let pair: FilePair;
const one = (path: string): string => `${pair.home[0]}/${path}`;
const two = (path: string): string => `${pair.home[1]}/${path}`;
const remount = (options: string): void => void execFileSync('mount', ['-o', `remount,${options}`, pair.home[1]]);

/** A directory with four files, which appears at once. */
function layOut(folder: string): void {
  mkdirSync(one(`.${folder}`));
  for (let file = 0; file < 4; file++) writeFileSync(one(`.${folder}/f${file}`), Buffer.alloc(40_000, folder));
  renameSync(one(`.${folder}`), one(folder));
}

describe.skipIf(lacking !== undefined)('trouble with the disk of one side, or with its helper', () => {
  beforeAll(async () => {
    pair = await filePair({ roundTripMs: 10 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tandem-test', pair.home[1]]);
    await pair.start(2);
    await pair.start(1);
    writeFileSync(one('before'), 'before');
    await vi.waitFor(() => expect(existsSync(two('before'))).toBe(true), waiting);
    await pair.quiet();
  });
  afterAll(async () => {
    await pair?.stop(2);
    execFileSync('umount', ['-l', pair.home[1]]);
    await pair?.close();
  });

  it('a full disk: what does not fit waits and is told, nothing is half there, and it goes on when there is room', async () => {
    writeFileSync(two('.tandem-filesync/ballast'), Buffer.alloc(2_600_000, 'x'));
    for (let n = 0; n < 10; n++) writeFileSync(one(`big${n}`), Buffer.alloc(100_000, `${n}`));
    await vi.waitFor(async () => {
      const { json } = await pair.ask(1, 'status');
      expect((json as { oldestMs: number }).oldestMs).toBeGreaterThan(1500);
    }, waiting);
    for (const name of readdirSync(pair.home[1])) {
      if (name.startsWith('big')) expect(readFileSync(two(name)).length).toBe(100_000);
    }
    expect(readFileSync(two('before'), 'utf8')).toBe('before');
    expect(pair.log(2)).toContain('ENOSPC');
    rmSync(two('.tandem-filesync/ballast'));
    await pair.quiet();
    for (let n = 0; n < 10; n++) expect(readFileSync(two(`big${n}`)).equals(readFileSync(one(`big${n}`)))).toBe(true);
    expect(readdirSync(two('.tandem-filesync/tmp'))).toEqual([]);
  });

  it('a full disk and new directories: none is there by half, and what was begun in the spool is gone', async () => {
    writeFileSync(two('.tandem-filesync/ballast'), Buffer.alloc(1_200_000, 'x'));
    const folders = Array.from({ length: 8 }, (_, n) => `new${n}`);
    for (const folder of folders) layOut(folder);
    await vi.waitFor(async () => {
      const { json } = await pair.ask(1, 'status');
      expect((json as { oldestMs: number }).oldestMs).toBeGreaterThan(1500);
    }, waiting);
    for (const [path, what] of treeOf(pair.home[1]))
      if (/^new.*f\d/.test(path)) expect(what.length, path).toBeGreaterThan(40_000);
    expect(readdirSync(two('.tandem-filesync/new'))).toEqual([]);
    rmSync(two('.tandem-filesync/ballast'));
    for (const folder of folders.slice(0, 4)) rmSync(one(folder), { recursive: true });
    await pair.quiet();
    await vi.waitFor(() => expect(treeOf(pair.home[1])).toEqual(treeOf(pair.home[0])), waiting);
    expect(['new', 'tmp'].flatMap((folder) => readdirSync(two(`.tandem-filesync/${folder}`)))).toEqual([]);
  });

  it('a tree that is read-only for a while: changes wait, nothing is taken for deleted', async () => {
    remount('ro');
    writeFileSync(one('later'), 'later');
    rmSync(one('big0'));
    await vi.waitFor(() => expect(pair.log(2)).toContain('EROFS'), waiting);
    expect(existsSync(two('later'))).toBe(false);
    remount('rw');
    await pair.quiet();
    expect(readFileSync(two('later'), 'utf8')).toBe('later');
    expect([existsSync(one('big0')), existsSync(two('big0'))]).toEqual([false, false]);
  });

  it('a helper that is killed comes back, and what happened meanwhile is found', async () => {
    const helpers = execFileSync('pgrep', ['-P', String(pair.pid(1)), '-f', 'inotify.pl'], { encoding: 'utf8' }).trim();
    process.kill(Number(helpers), 'SIGKILL');
    writeFileSync(one('unseen'), 'x');
    mkdirSync(one('folder'));
    rmSync(one('before'));
    await vi.waitFor(() => expect(existsSync(two('unseen'))).toBe(true), waiting);
    await vi.waitFor(
      () => expect([existsSync(two('folder')), existsSync(two('before'))]).toEqual([true, false]),
      waiting,
    );
  });

  it('events that the kernel dropped are made good by a scan', async () => {
    const helper = Number(
      execFileSync('pgrep', ['-P', String(pair.pid(1)), '-f', 'inotify.pl'], { encoding: 'utf8' }).trim(),
    );
    const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
    process.kill(helper, 'SIGSTOP');
    mkdirSync(one('flood'));
    // More events than the queue holds: each write of the same file is a create or a change.
    for (let n = 0; n * 3 < most + 2000; n++) {
      writeFileSync(one('folder/same'), `${n}`);
      rmSync(one('folder/same'));
    }
    writeFileSync(one('flood/after'), 'seen all the same');
    mkdirSync(one('lately/deep'), { recursive: true });
    renameSync(one('folder'), one('moved unseen'));
    mkdirSync(one('folder'));
    process.kill(helper, 'SIGCONT');
    await vi.waitFor(() => expect(existsSync(two('flood/after'))).toBe(true), waiting);
    await vi.waitFor(() => expect(pair.log(1)).toContain('dropped events'), waiting);
    await pair.quiet();
    // What appeared or moved unseen is watched from then on.
    for (const place of ['lately/deep', 'moved unseen', 'folder']) {
      writeFileSync(one(`${place}/later`), 'told');
      await vi.waitFor(() => expect(existsSync(two(`${place}/later`)), place).toBe(true), waiting);
    }
    renameSync(one('moved unseen'), one('moved once more'));
    writeFileSync(one('moved once more/latest'), 'told');
    await vi.waitFor(() => expect(existsSync(two('moved once more/latest'))).toBe(true), waiting);
    await pair.quiet();
  });
});
