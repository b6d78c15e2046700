import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openNative } from '../../../src/filesync/native.ts';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';
import { treeOf } from '../../support/filesync-chaos.ts';

const lacking = noFileSync();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const folders = Array.from({ length: 40 }, (_, n) => `d${n}`);
let pair: FilePair;
const bob = (side: 0 | 1): string => `${pair.home[side]}/bob`;

/** An account on both sides, and on the first one what comes before the rest: after it contents go at once. */
async function opened(roundTripMs: number): Promise<void> {
  pair = await filePair({
    roundTripMs,
    loose: false,
    both: { owners: { users: { bob: 4001 }, groups: { bob: 4001 } } },
    second: { owners: { users: { bob: 4002 }, groups: { bob: 4002 } } },
  });
  for (const side of [0, 1] as const) mkdirSync(`${bob(side)}/site`, { recursive: true });
  mkdirSync(`${bob(0)}/site/a`);
  for (let n = 0; n < 300; n++) writeFileSync(`${bob(0)}/site/a/f${n}`, `${n}`);
}

/** An access list as the kernel has it: tag, rights and number of owner, one user, group, mask and others. */
function defaultList(uid: number): Buffer {
  const entries = [
    [1, 7, 0xffffffff],
    [2, 7, uid],
    [4, 5, 0xffffffff],
    [16, 7, 0xffffffff],
    [32, 0, 0xffffffff],
  ] as const;
  const all = Buffer.alloc(4 + 8 * entries.length);
  all.writeUInt32LE(2);
  for (const [n, [tag, rights, number]] of entries.entries()) {
    all.writeUInt16LE(tag, 4 + 8 * n);
    all.writeUInt16LE(rights, 6 + 8 * n);
    all.writeUInt32LE(number, 8 + 8 * n);
  }
  return all;
}

function fill(size = 1000): void {
  for (const folder of folders) {
    mkdirSync(`${bob(0)}/site/${folder}/below`, { recursive: true });
    for (let n = 0; n < 20; n++) {
      const path = `${bob(0)}/site/${folder}/${n % 3 === 0 ? 'below/' : ''}f${n}`;
      writeFileSync(path, `${folder} ${n} `.repeat(size / 8));
      utimesSync(path, 1_600_000_000 + n, 1_600_000_000 + n);
    }
  }
}

async function begun(): Promise<void> {
  const old = new Date(Date.now() - 60_000);
  // What was written a moment ago may still be written to, and is looked at again first.
  execFileSync('find', [
    bob(0),
    '-newermt',
    old.toISOString(),
    '-exec',
    'touch',
    '-h',
    '-d',
    old.toISOString(),
    '{}',
    '+',
  ]);
  for (const [side, id] of [
    [0, 4001],
    [1, 4002],
  ] as const)
    execFileSync('chown', ['-hR', `${id}:${id}`, bob(side)]);
  await pair.start(2);
  await pair.start(1);
}

/** Something put into a directory touches both times; the rename of a directory with all that is in it only one. */
function cameWhole(path: string): boolean {
  const { mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return readdirSync(path).length > 0 && ctimeNs > mtimeNs;
}

const spooled = (side: 0 | 1): readonly string[] =>
  ['new', 'tmp'].flatMap((folder) => readdirSync(`${pair.home[side]}/.tandem-filesync/${folder}`));

describe.skipIf(lacking !== undefined)('the first sync with a side that has nothing', { timeout: 180_000 }, () => {
  afterEach(() => pair?.close());

  it('brings directories whole, with everything that may be in one', async () => {
    await opened(60);
    fill();
    const odd = `${bob(0)}/site/m`;
    mkdirSync(`${odd}/deep/er/still/empty`, { recursive: true });
    writeFileSync(`${odd}/deep/ä\n b`, 'an odd name');
    writeFileSync(`${odd}/nothing`, '');
    writeFileSync(`${odd}/suid`, 'x');
    chmodSync(`${odd}/suid`, 0o4751);
    writeFileSync(`${odd}/one`, 'one file');
    linkSync(`${odd}/one`, `${odd}/deep/two`);
    symlinkSync('/etc', `${odd}/aa`);
    writeFileSync(`${odd}/large`, Buffer.alloc(400_000, 'large'));
    writeFileSync(`${odd}/holes`, 'x');
    truncateSync(`${odd}/holes`, 3_000_000);
    chmodSync(`${odd}/deep`, 0o2750);
    const native = openNative();
    native.setAttribute(`${odd}/one`, 'user.note', Buffer.from('kept'));
    native.setAttribute(`${odd}/deep/er`, 'system.posix_acl_default', defaultList(4001));
    for (const name of ['new', 'cur']) mkdirSync(`${bob(0)}/mail/box/${name}`, { recursive: true });
    writeFileSync(`${bob(0)}/mail/box/new/1.fresh`, 'a letter');
    writeFileSync(`${bob(0)}/mail/box/cur/2.read:2,S`, 'another');
    writeFileSync(`${bob(0)}/mail/box/dovecot-uidlist`, '3 V1 N3\n1 :1.fresh\n2 :2.read\n');
    await begun();
    await pair.quiet();
    const here = [...treeOf(pair.home[0])].map(
      ([path, what]) => [path, what.replace('file 4751', 'file 751')] as const,
    );
    expect(treeOf(pair.home[1])).toEqual(new Map(here));
    expect(readFileSync(`${bob(1)}/mail/box/cur/2.read:2,S`, 'utf8')).toBe('another');
    const there = `${bob(1)}/site/m`;
    expect(String(native.attribute(`${there}/one`, 'user.note'))).toBe('kept');
    expect(native.attribute(`${there}/deep/er`, 'system.posix_acl_default')?.readUInt32LE(16)).toBe(4002);
    expect(native.attributeNames(`${there}/deep/er/still`)).toEqual([]);
    for (const path of ['', '/one', '/aa', '/deep/er/still/empty']) expect(lstatSync(`${there}${path}`).uid).toBe(4002);
    expect(folders.filter((folder) => cameWhole(`${bob(1)}/site/${folder}`)).length).toBeGreaterThan(25);
    expect(spooled(1)).toEqual([]);
    // What was put in place whole is looked at and watched like all else.
    writeFileSync(`${bob(1)}/site/d7/below/f3`, 'changed there');
    await vi.waitFor(() => expect(readFileSync(`${bob(0)}/site/d7/below/f3`, 'utf8')).toBe('changed there'), 20_000);
  });

  it('what changes while it is sent arrives after it, from both sides', async () => {
    await opened(150);
    fill();
    await begun();
    for (let round = 0; round < 60; round++) {
      const folder = folders[(round * 7) % folders.length] ?? '';
      writeFileSync(`${bob(0)}/site/${folder}/f1`, `changed ${round}`);
      writeFileSync(`${bob(0)}/site/${folder}/late${round}`, 'made later');
      if (existsSync(`${bob(1)}/site/${folder}/f2`)) writeFileSync(`${bob(1)}/site/${folder}/f2`, `there ${round}`);
      else if (round % 5 === 0) {
        mkdirSync(`${bob(1)}/site/${folder}`, { recursive: true });
        writeFileSync(`${bob(1)}/site/${folder}/own${round}`, 'made there');
      }
      await pause(15);
    }
    await pair.quiet();
    await vi.waitFor(() => expect(treeOf(pair.home[1])).toEqual(treeOf(pair.home[0])), 10_000);
    const all = [...treeOf(bob(0)).values()].join('\n');
    for (const text of ['changed 59', 'made there', 'made later']) expect(all).toContain(text);
  });

  it.each([1, 2] as const)('agent %i is killed meanwhile: nothing is half there, and it goes on', async (side) => {
    await opened(40);
    fill(8000);
    await begun();
    for (let kill = 0; kill < 2; kill++) {
      const before = treeOf(bob(1)).size;
      await vi.waitFor(() => expect(treeOf(bob(1)).size).toBeGreaterThan(before), { timeout: 20_000, interval: 5 });
      await pair.kill(side);
      const here = treeOf(bob(0));
      for (const [path, what] of treeOf(bob(1))) if (what.startsWith('file')) expect(what, path).toBe(here.get(path));
      await pair.start(side);
    }
    await pair.quiet();
    expect(treeOf(pair.home[1])).toEqual(treeOf(pair.home[0]));
    expect([spooled(0), spooled(1)]).toEqual([[], []]);
  });
});
