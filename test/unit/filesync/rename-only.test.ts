import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Changed } from '../../../src/filesync/install.ts';
import type { FileState } from '../../../src/filesync/model.ts';
import { openNative } from '../../../src/filesync/native.ts';
import { renameOnly } from '../../../src/filesync/rename-only.ts';
import type { Branch, Site } from '../../../src/filesync/site.ts';
import { sameButPlace } from '../../../src/filesync/states.ts';
import { Tree } from '../../../src/filesync/tree.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

let dir: TempDir;
let tree: Tree;
const site = { now: Date.now, native: openNative() } as unknown as Site;
const paths = { from: 'new/1', to: 'cur/1:2,S' };

const renamed = (print: Parameters<typeof renameOnly>[3]) =>
  renameOnly(site, { tree } as unknown as Branch, paths, print);

function letter() {
  const looked = tree.look(paths.from, Date.now());
  if (looked === undefined) throw new Error('no letter');
  return looked.print;
}

beforeEach(() => {
  dir = tempDir('filesync-rename-only');
  for (const name of ['new', 'cur']) mkdirSync(`${dir.path}/${name}`);
  writeFileSync(`${dir.path}/new/1`, 'one');
  tree = new Tree('home', dir.path);
});
afterEach(() => {
  tree.close();
  dir.remove();
});

it('renames a message and tells how it is then', () => {
  const before = letter();
  const after = renamed(before);
  expect(after).toMatchObject({ ino: before.ino, size: 3, mtime: before.mtime });
  expect([existsSync(`${dir.path}/new/1`), readFileSync(`${dir.path}/cur/1:2,S`, 'utf8')]).toEqual([false, 'one']);
});

it('leaves alone what is not as it was seen, and what is in the way', () => {
  const before = letter();
  writeFileSync(`${dir.path}/new/1`, 'other');
  expect(() => renamed(before)).toThrow(Changed);
  writeFileSync(`${dir.path}/cur/1:2,S`, 'there');
  expect(() => renamed(letter())).toThrow('EEXIST');
  expect(readFileSync(`${dir.path}/cur/1:2,S`, 'utf8')).toBe('there');
});

it.skipIf(process.getuid?.() !== 0)('leaves a file of root with further names to the long way', () => {
  linkSync(`${dir.path}/new/1`, `${dir.path}/other`);
  expect(renamed(letter())).toBeUndefined();
  expect(existsSync(`${dir.path}/new/1`)).toBe(true);
});

it('is for messages that differ in nothing but their place', () => {
  const state: FileState = {
    ...{ kind: 'file', mode: 0o600, user: 'bob', group: 'bob', attributes: '', size: 3, mtime: '1' },
    ...{ digest: '0'.repeat(32), place: 'new' },
  };
  const moved: FileState = { ...state, place: 'cur:2,S' };
  expect(sameButPlace(state, moved)).toBe(true);
  const others: readonly Partial<FileState>[] = [
    ...[{ mode: 0o644 }, { user: 'al' }, { group: 'al' }, { attributes: 'x' }, { size: 4 }, { mtime: '2' }],
    ...[{ digest: '1'.repeat(32) }, { place: 'new' }],
  ];
  for (const other of others) expect(sameButPlace(state, { ...moved, ...other })).toBe(false);
});
