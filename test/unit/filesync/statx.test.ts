import { linkSync, lstatSync, mkdirSync, openSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { here, statAt } from '../../../src/filesync/statx.ts';
import { look } from '../../../src/filesync/tree.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir('filesync-statx');
});
afterEach(() => dir.remove());

describe('a look at a path', () => {
  it('says what lstat says, of files, directories, links, several names and times before 1970', () => {
    const name = 'caf\xe9';
    writeFileSync(Buffer.from(`${dir.path}/${name}`, 'latin1'), 'four');
    utimesSync(Buffer.from(`${dir.path}/${name}`, 'latin1'), -1.5, -12_345.678);
    linkSync(Buffer.from(`${dir.path}/${name}`, 'latin1'), `${dir.path}/other`);
    mkdirSync(`${dir.path}/folder`, { mode: 0o2750 });
    symlinkSync('nowhere', `${dir.path}/link`);
    const fd = openSync(dir.path, 'r');
    for (const one of [name, 'other', 'folder', 'link', '.']) {
      const is = lstatSync(Buffer.from(`${dir.path}/${one}`, 'latin1'), { bigint: true });
      expect(statAt(fd, one)).toMatchObject({
        mode: Number(is.mode),
        links: Number(is.nlink),
        uid: Number(is.uid),
        gid: Number(is.gid),
        ino: Number(is.ino),
        size: Number(is.size),
        mtime: is.mtimeNs,
        ctime: is.ctimeNs,
      });
      expect(statAt(fd, one)).toEqual(statAt(here, `${dir.path}/${one}`));
    }
    expect(look(`${dir.path}/link`, Date.now())?.kind).toBe('link');
  });

  it('says that nothing is there, and throws for what cannot be a path', () => {
    writeFileSync(`${dir.path}/file`, '');
    expect(statAt(here, `${dir.path}/none`)).toBeUndefined();
    expect(statAt(here, `${dir.path}/file/below`)).toBeUndefined();
    expect(() => statAt(here, `${dir.path}/file\0x`)).toThrow('EINVAL');
    expect(() => statAt(here, `/${'x'.repeat(5000)}`)).toThrow('ENAMETOOLONG');
    expect(() => statAt(here, `${dir.path}/${'x'.repeat(300)}`)).toThrow('ENAMETOOLONG');
  });
});
