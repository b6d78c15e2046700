import { closeSync, constants, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAt, openDirectory, writeAll } from '../../../src/filesync/open.ts';
import { here } from '../../../src/filesync/statx.ts';
import { codeOf, isGone } from '../../../src/filesync/tree.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir('filesync-open');
});
afterEach(() => dir.remove());

const closeOnExec = 0o2000000;

function refusal(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return [codeOf(error), isGone(error)];
  }
}

describe('opening from an open directory', () => {
  it('takes names whose characters are bytes, and no program that is started inherits what is open', () => {
    writeFileSync(Buffer.from(`${dir.path}/caf\xe9`, 'latin1'), 'four');
    const top = openDirectory(here, dir.path);
    const fd = openAt(top, 'caf\xe9', constants.O_RDONLY);
    expect(readFileSync(fd, 'utf8')).toBe('four');
    for (const one of [top, fd]) {
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${one}`, 'utf8'))?.[1] ?? '0';
      expect(Number.parseInt(flags, 8) & closeOnExec).toBe(closeOnExec);
      closeSync(one);
    }
  });

  it('says why not, as Node does', () => {
    symlinkSync('nowhere', `${dir.path}/link`);
    writeFileSync(`${dir.path}/file`, '');
    const top = openSync(dir.path, 'r');
    const open = (path: string, flags: number = constants.O_RDONLY) => refusal(() => openAt(top, path, flags));
    expect(open('nothing')).toEqual(['ENOENT', true]);
    expect(open('file/below')).toEqual(['ENOTDIR', true]);
    expect(open('link', constants.O_RDONLY | constants.O_NOFOLLOW)).toEqual(['ELOOP', true]);
    expect(open('file', constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL)).toEqual(['EEXIST', false]);
    expect(open('file\0more')).toEqual(['EINVAL', false]);
    expect(open('x'.repeat(5000))).toEqual(['ENAMETOOLONG', false]);
    expect(refusal(() => openDirectory(top, 'file'))).toEqual(['ENOTDIR', true]);
    closeSync(top);
  });

  it('writes all of a part of memory, or says why not', () => {
    const path = `${dir.path}/made`;
    const fd = openAt(here, path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    writeAll(fd, Buffer.alloc(0));
    writeAll(fd, Buffer.from('not this, but this, and no more').subarray(10, 18));
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('but this');
    const reading = openSync(path, 'r');
    expect(refusal(() => writeAll(reading, Buffer.from('x')))).toEqual(['EBADF', false]);
    closeSync(reading);
  });
});
