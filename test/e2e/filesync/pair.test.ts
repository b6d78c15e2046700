import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dialled, type FilePair, filePair, homeOf, noFileSync } from '../../support/filesync.ts';

const lacking = noFileSync();
let pair: FilePair;
const { one, two, waiting } = homeOf(() => pair, 'bob');
const arrives = (path: string): Promise<unknown> => vi.waitFor(() => lstatSync(path), waiting);

describe.skipIf(lacking !== undefined)('two agents', () => {
  beforeAll(async () => {
    pair = await filePair({
      roundTripMs: 30,
      loose: false,
      both: { owners: { users: { bob: 4001 }, groups: { bob: 4001 } } },
      second: { owners: { users: { bob: 4002 }, groups: { bob: 4002 } } },
    });
    for (const [home, id] of [
      [pair.home[0], 4001],
      [pair.home[1], 4002],
    ] as const) {
      mkdirSync(`${home}/bob/public_html`, { recursive: true });
      mkdirSync(`${home}/bob/mail/box/cur`, { recursive: true });
      for (const name of ['new', 'tmp']) mkdirSync(`${home}/bob/mail/box/${name}`);
      execFileSync('chown', ['-R', `${id}:${id}`, `${home}/bob`]);
    }
    writeFileSync(one('both'), 'the same');
    utimesSync(one('both'), 1000, 1000);
    writeFileSync(two('both'), 'the same');
    utimesSync(two('both'), 1000, 1000);
    for (const [path, id] of [
      [one('both'), 4001],
      [two('both'), 4002],
    ] as const) {
      chownSync(path, id, id);
    }
    await pair.start(2);
    await pair.start(1);
    await pair.quiet();
  });
  afterAll(() => pair?.close());

  it('a file, its owner by name, mode and time, both ways', async () => {
    writeFileSync(one('public_html/a'), 'from one');
    chownSync(one('public_html/a'), 4001, 4001);
    chmodSync(one('public_html/a'), 0o640);
    utimesSync(one('public_html/a'), 1_600_000_000, 1_600_000_000.123);
    await vi.waitFor(() => {
      const there = statSync(two('public_html/a'));
      expect([there.uid, there.gid, there.mode & 0o7777, Math.round(there.mtimeMs)]).toEqual([
        4002, 4002, 0o640, 1_600_000_000_123,
      ]);
    }, waiting);
    writeFileSync(two('public_html/b'), 'from two');
    await arrives(one('public_html/b'));
    // Root's own never becomes root's there.
    expect(statSync(one('public_html/b')).uid).toBe(4001);
  });

  it('a set-user-id bit does not travel, nor does a path leave the tree over a link', async () => {
    writeFileSync(one('public_html/suid'), 'x');
    chmodSync(one('public_html/suid'), 0o4755);
    symlinkSync('/etc', two('public_html/trap'));
    await arrives(one('public_html/trap'));
    expect(readlinkSync(one('public_html/trap'))).toBe('/etc');
    await arrives(two('public_html/suid'));
    expect(statSync(two('public_html/suid')).mode & 0o7777).toBe(0o755);
  });

  it('names of any bytes, links, hard links, empty and many directories', async () => {
    const odd = Buffer.from([...Buffer.from(`${one('public_html')}/`), 0xff, 0x0a, 0xc3]);
    writeFileSync(odd, 'odd');
    mkdirSync(one('public_html/d/e/f'), { recursive: true });
    writeFileSync(one('public_html/d/e/f/deep'), 'deep');
    linkSync(one('public_html/d/e/f/deep'), one('public_html/hard'));
    await arrives(two('public_html/hard'));
    await arrives(two('public_html/d/e/f/deep'));
    const there = Buffer.from([...Buffer.from(`${two('public_html')}/`), 0xff, 0x0a, 0xc3]);
    await vi.waitFor(() => expect(readFileSync(there, 'utf8')).toBe('odd'), waiting);
    renameSync(two('public_html/d'), two('public_html/moved'));
    await arrives(one('public_html/moved/e/f/deep'));
    await vi.waitFor(() => expect(existsSync(one('public_html/d'))).toBe(false), waiting);
    rmSync(one('public_html/moved'), { recursive: true });
    await vi.waitFor(() => expect(existsSync(two('public_html/moved'))).toBe(false), waiting);
  });

  it('what is written by one name of a file is there under all of them', async () => {
    writeFileSync(one('public_html/name1'), 'first');
    chownSync(one('public_html/name1'), 4001, 4001);
    linkSync(one('public_html/name1'), one('public_html/name2'));
    await arrives(two('public_html/name2'));
    await pair.quiet();
    writeFileSync(one('public_html/name1'), 'written by one name');
    await vi.waitFor(() => expect(readFileSync(two('public_html/name2'), 'utf8')).toBe('written by one name'), waiting);
    linkSync(two('public_html/name1'), two('public_html/name3'));
    await arrives(one('public_html/name3'));
    await pair.quiet();
    chmodSync(one('public_html/name1'), 0o640);
    await vi.waitFor(() => expect(statSync(one('public_html/name3')).mode & 0o777).toBe(0o640), waiting);
  });

  it('a message moves and gets flags on either side, and is there once', async () => {
    const name = '1700000000.M1P2.m1,S=5';
    writeFileSync(one(`mail/box/tmp/${name}`), 'mail\n');
    renameSync(one(`mail/box/tmp/${name}`), one(`mail/box/new/${name}`));
    await arrives(two(`mail/box/new/${name}`));
    renameSync(two(`mail/box/new/${name}`), two(`mail/box/cur/${name}:2,S`));
    await arrives(one(`mail/box/cur/${name}:2,S`));
    await pair.quiet();
    pair.line.cut();
    renameSync(one(`mail/box/cur/${name}:2,S`), one(`mail/box/cur/${name}:2,RS`));
    renameSync(two(`mail/box/cur/${name}:2,S`), two(`mail/box/cur/${name}:2,FS`));
    pair.line.mend();
    await arrives(one(`mail/box/cur/${name}:2,FRS`));
    await arrives(two(`mail/box/cur/${name}:2,FRS`));
    for (const at of [one, two]) {
      expect(readdirSync(at('mail/box/cur'))).toEqual([`${name}:2,FRS`]);
      expect(readdirSync(at('mail/box/new'))).toEqual([]);
    }
  });

  it('after a cut both are equal, nothing is lost, nothing comes back', async () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8]) writeFileSync(one(`public_html/cut${n}`), 'base');
    for (const n of [7, 8]) linkSync(one(`public_html/cut${n}`), one(`public_html/also${n}`));
    await arrives(two('public_html/also8'));
    await pair.quiet();
    pair.line.cut();
    writeFileSync(one('public_html/cut1'), 'one changed it');
    rmSync(two('public_html/cut2'));
    writeFileSync(one('public_html/cut3'), 'older');
    utimesSync(one('public_html/cut3'), 2_000_000_000, 2_000_000_000);
    writeFileSync(two('public_html/cut3'), 'newer');
    utimesSync(two('public_html/cut3'), 2_000_000_001, 2_000_000_001);
    rmSync(two('public_html/cut4'));
    writeFileSync(one('public_html/cut4'), 'an edit beats a delete');
    renameSync(one('public_html/cut5'), one('public_html/cut6'));
    // Files of root with two names: one that stays as it is, one whose mode changes by one of its names.
    writeFileSync(one('public_html/cut7'), 'edited');
    rmSync(two('public_html/cut7'));
    chmodSync(two('public_html/cut8'), 0o600);
    await new Promise((resolve) => setTimeout(resolve, 500));
    pair.line.mend();
    await pair.quiet();
    expect([statSync(one('public_html/cut8')).mode & 0o777, statSync(one('public_html/also8')).mode & 0o777]).toEqual([
      0o600, 0o644,
    ]);
    for (const at of [one, two]) {
      expect(readFileSync(at('public_html/cut7'), 'utf8')).toBe('edited');
      expect(readFileSync(at('public_html/cut8'), 'utf8')).toBe('base');
      expect(readFileSync(at('public_html/cut1'), 'utf8')).toBe('one changed it');
      expect(existsSync(at('public_html/cut2'))).toBe(false);
      expect(readFileSync(at('public_html/cut3'), 'utf8')).toBe('newer');
      expect(readFileSync(at('public_html/cut4'), 'utf8')).toBe('an edit beats a delete');
      expect([existsSync(at('public_html/cut5')), existsSync(at('public_html/cut6'))]).toEqual([false, true]);
    }
    const { json } = await pair.ask(1, 'conflicts', 'cut3');
    expect(json).toEqual([expect.stringMatching(/^conflicts\/.*\/home\/bob\/public_html\/cut3$/)]);
  });

  it('an agent that starts while the line swallows all is connected soon after it no longer does', async () => {
    await pair.quiet();
    await pair.stop(1);
    pair.line.cut('swallowed');
    await pair.start(1);
    // An ssh that is begun into the dark hangs for ten seconds, also when the line is there again.
    for (let look = 0; look < 25; look++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(dialled(pair)).toBe('');
    }
    writeFileSync(one('public_html/dark'), 'written in the dark');
    pair.line.mend();
    await vi.waitFor(() => lstatSync(two('public_html/dark')), { interval: 10 });
    expect(dialled(pair)).not.toBe('');
    await pair.quiet();
  });

  it('what was deleted is in the trash of the other side, and can be had back', async () => {
    writeFileSync(one('public_html/precious'), 'precious');
    await arrives(two('public_html/precious'));
    await pair.quiet();
    rmSync(one('public_html/precious'));
    await vi.waitFor(() => expect(existsSync(two('public_html/precious'))).toBe(false), waiting);
    const { json } = await pair.ask(2, 'trash', 'precious');
    const [kept = ''] = json as string[];
    await pair.ask(2, 'restore', kept);
    await vi.waitFor(() => expect(readFileSync(one('public_html/precious'), 'utf8')).toBe('precious'), waiting);
  });

  it('an account whose files do not travel is left alone, also over a restart, and made equal when they do again', async () => {
    await pair.quiet();
    for (const side of [1, 2] as const) await pair.ask(side, 'account', 'off', 'bob');
    await pair.stop(2);
    await pair.start(2);
    writeFileSync(one('public_html/stays'), 'here');
    writeFileSync(two('public_html/stays-too'), 'there');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([existsSync(two('public_html/stays')), existsSync(one('public_html/stays-too'))]).toEqual([false, false]);
    expect((await pair.ask(2, 'status')).json).toMatchObject({ off: ['home/bob'], paused: {} });
    expect((await pair.ask(1, 'check')).text).not.toContain('bob');
    for (const side of [1, 2] as const) await pair.ask(side, 'account', 'on', 'bob');
    await Promise.all([arrives(two('public_html/stays')), arrives(one('public_html/stays-too'))]);
    await pair.quiet();
  });

  it('a home that is emptied is held on the other side, and can be put back', async () => {
    mkdirSync(one('public_html/site'));
    for (let n = 0; n < 300; n++) writeFileSync(one(`public_html/site/f${n}`), `page ${n}`);
    await vi.waitFor(() => expect(readdirSync(two('public_html/site')).length).toBe(300), waiting);
    await pair.quiet();
    rmSync(one('public_html'), { recursive: true });
    await vi.waitFor(async () => {
      expect((await pair.ask(2, 'status')).json).toMatchObject({
        held: { 'home/bob': expect.stringContaining('files') },
      });
    }, waiting);
    expect((await pair.ask(2, 'check')).exit).toBe(2);
    expect(readdirSync(two('public_html/site')).length).toBeGreaterThan(30);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const left = readdirSync(two('public_html/site')).length;
    await pair.ask(2, 'release', 'home/bob', '--put-back');
    await vi.waitFor(() => expect(readdirSync(one('public_html/site')).length).toBe(left), waiting);
  });

  it('a side that is cut off by hand stays so over a restart', async () => {
    await pair.quiet();
    await pair.ask(1, 'isolate');
    await pair.stop(1);
    await pair.start(1);
    writeFileSync(one('alone'), 'x');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(existsSync(two('alone'))).toBe(false);
    await pair.ask(1, 'join');
    await arrives(two('alone'));
  });
});
