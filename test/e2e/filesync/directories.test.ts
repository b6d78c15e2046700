import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Store } from '../../../src/filesync/store.ts';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';
import { dailyEvery, thorough } from '../../support/thorough.ts';

const lacking = noFileSync();
const waiting = { timeout: 25_000, interval: 20 };
let pair: FilePair;
const one = (path: string): string => `${pair.home[0]}/${path}`;
const two = (path: string): string => `${pair.home[1]}/${path}`;

/** Folders in folders with so many files, more than one frame or one step of a scan holds. */
function fill(top: string, files: number): void {
  for (let n = 0; n < files; n++) {
    const folder = `${top}/a${n % 3}/b${n % 4}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/f${n}`, `file ${n}`);
  }
}

/** An account of its own with so much that stays that the brake finds nothing in what a test does. */
function account(name: string): void {
  fill(one(`${name}/stays`), 500);
}

function filesBelow(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((one) => one.isFile()).length;
}

const bothLeft = async (path: string): Promise<void> => {
  await vi.waitFor(() => expect([existsSync(one(path)), existsSync(two(path))]).toEqual([false, false]), waiting);
  await pair.quiet();
  expect([existsSync(one(path)), existsSync(two(path))]).toEqual([false, false]);
};

const bothHave = async (path: string, files: number): Promise<void> => {
  await vi.waitFor(() => expect([filesBelow(one(path)), filesBelow(two(path))]).toEqual([files, files]), waiting);
  await pair.quiet();
};

describe.skipIf(lacking !== undefined)('a directory that was removed or renamed does not come back', () => {
  beforeAll(async () => {
    pair = await filePair({ roundTripMs: 30 });
    await pair.start(2);
    await pair.start(1);
    await pair.quiet();
  });
  afterAll(() => pair?.close());

  it('with a file in it that was written a moment before', async () => {
    for (let round = 0; round < 2; round++) {
      mkdirSync(one('bob/hot/e/f'), { recursive: true });
      writeFileSync(one('bob/hot/e/f/deep'), 'deep');
      await vi.waitFor(() => expect(existsSync(two('bob/hot/e/f/deep'))).toBe(true), waiting);
      for (let n = 0; n < 3; n++) {
        writeFileSync(one('bob/hot/e/f/deep'), `deep ${n}`);
        await new Promise((resolve) => setTimeout(resolve, 70));
      }
      rmSync(one('bob/hot'), { recursive: true });
      await bothLeft('bob/hot');
    }
  });

  it.runIf(thorough)('on the side that had just received it, piece by piece (only with --all)', async () => {
    mkdirSync(two('bob/d/e/f'), { recursive: true });
    writeFileSync(two('bob/d/e/f/deep'), 'deep');
    await vi.waitFor(() => expect(existsSync(one('bob/d/e/f/deep'))).toBe(true), waiting);
    rmSync(one('bob/d'), { recursive: true });
    await bothLeft('bob/d');
  });

  it.runIf(thorough)('while the agent of its side was down (only with --all)', async () => {
    account('ann');
    fill(one('ann/down'), 700);
    await bothHave('ann', 1200);
    await pair.stop(1);
    rmSync(one('ann/down'), { recursive: true });
    await pair.start(1);
    await bothLeft('ann/down');
  });

  it('while the line was cut, with a restart before it came back', async () => {
    account('eve');
    fill(one('eve/cut'), 1100);
    await bothHave('eve', 1600);
    pair.line.cut();
    rmSync(one('eve/cut'), { recursive: true });
    await vi.waitFor(async () => {
      expect((await pair.ask(1, 'status')).json).toMatchObject({ backlog: expect.toSatisfy((n: number) => n > 1100) });
    }, waiting);
    await pair.kill(1);
    await pair.start(1);
    pair.line.mend();
    await bothLeft('eve/cut');
  });

  it.each(dailyEvery(2, ['at once', 'when the other side has it']))('renamed and then removed, %s', async (when) => {
    for (const [near, far, name] of [
      [one, two, `dan ${when}`],
      [two, one, `sue ${when}`],
    ] as const) {
      account(name);
      fill(near(`${name}/before`), 700);
      await bothHave(name, 1200);
      renameSync(near(`${name}/before`), near(`${name}/after`));
      if (when !== 'at once')
        await vi.waitFor(() => expect(existsSync(far(`${name}/after/a1/b1`))).toBe(true), waiting);
      rmSync((when === 'at once' ? near : far)(`${name}/after`), { recursive: true });
      await bothLeft(`${name}/before`);
      await bothLeft(`${name}/after`);
    }
  });

  it.runIf(thorough)('renamed while what is in it is on its way, and renamed again (only with --all)', async () => {
    account('tom');
    await bothHave('tom', 500);
    fill(one('tom/r1'), 1100);
    renameSync(one('tom/r1'), one('tom/r2'));
    await vi.waitFor(() => expect(filesBelow(two('tom/r2'))).toBeGreaterThan(0), waiting);
    renameSync(one('tom/r2'), one('tom/r3'));
    renameSync(one('tom/r3'), one('tom/r4'));
    await bothHave('tom/r4', 1100);
    for (const gone of ['r1', 'r2', 'r3']) await bothLeft(`tom/${gone}`);
    renameSync(two('tom/r4'), two('tom/r5'));
    await bothHave('tom/r5', 1100);
    await bothLeft('tom/r4');
  });

  it('what one side forgot is found by the comparison of both', async () => {
    mkdirSync(one('ned/x'), { recursive: true });
    writeFileSync(one('ned/x/forgotten'), 'forgotten by two');
    writeFileSync(one('ned/x/known'), 'known');
    await bothHave('ned', 2);
    await pair.stop(2);
    const store = new Store(`${pair.settings[1].stateDir}/state`);
    store.remove('home/ned/x/forgotten');
    await store.close();
    rmSync(two('ned/x/forgotten'));
    await pair.start(2);
    await pair.quiet();
    expect(existsSync(two('ned/x/forgotten'))).toBe(false);
    expect((await pair.ask(1, 'compare')).json).toMatchObject({ differing: 1 });
    await vi.waitFor(() => expect(existsSync(two('ned/x/forgotten'))).toBe(true), waiting);
    await pair.quiet();
    expect((await pair.ask(2, 'compare')).json).toMatchObject({ differing: 0 });
  });

  it('removed on one side while the other renames it: the new name stays, the old one does not', async () => {
    account('pam');
    fill(one('pam/both'), 50);
    await bothHave('pam', 550);
    renameSync(two('pam/both'), two('pam/kept'));
    rmSync(one('pam/both'), { recursive: true });
    await bothHave('pam/kept', 50);
    await bothLeft('pam/both');
  });

  it('made a file on one side while the other writes into it: neither waits for the other, and nothing is lost', async () => {
    account('tim');
    fill(one('tim/turned'), 5);
    await bothHave('tim', 505);
    pair.line.cut();
    rmSync(one('tim/turned'), { recursive: true });
    writeFileSync(one('tim/turned'), 'a file now');
    writeFileSync(two('tim/turned/new'), 'written there');
    await new Promise((resolve) => setTimeout(resolve, 500));
    pair.line.mend();
    await pair.quiet(20_000);
    for (const at of [one, two]) expect(readFileSync(at('tim/turned/new'), 'utf8')).toBe('written there');
    const kept = await Promise.all([1, 2].map((side) => pair.ask(side as 1 | 2, 'trash', 'tim/turned')));
    expect(JSON.stringify(kept.map(({ json }) => json))).toMatch(/tim\/turned"/);
  });
});
