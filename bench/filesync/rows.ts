import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { FilePair } from '../../test/support/filesync.ts';

/** Milliseconds, or that it did not happen in time. */
export type Took = number | 'dnf';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long it takes until something is so; looks every 2 ms. */
export async function until(isDone: () => boolean, limitMs: number): Promise<Took> {
  const begun = performance.now();
  while (!isDone()) {
    if (performance.now() - begun > limitMs) return 'dnf';
    await pause(2);
  }
  return performance.now() - begun;
}

function reads(path: string, content: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === content;
}

const side = (n: number): 0 | 1 => (n % 2 === 0 ? 0 : 1);
const other = (one: 0 | 1): 0 | 1 => (one === 0 ? 1 : 0);

/** The bench's tree, equal on both sides. */
export function layOut(home: readonly [string, string], files: number): void {
  for (const root of home) {
    for (let n = 0; n < files; n++) {
      const folder = `${root}/user${n % 2}/public_html/d${Math.floor(n / 2) % 6}`;
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/f${n}.php`, `<?php /* ${n} */ ${'x'.repeat(1000 + (n % 7000))}`);
    }
  }
}

/** c: single small files, alternately from either side. */
export async function singles({ home }: FilePair, count: number, limitMs: number): Promise<readonly Took[]> {
  const all: Took[] = [];
  for (let n = 0; n < count; n++) {
    const [from, content] = [side(n), `single ${n} ${'y'.repeat(2000)}`];
    const path = `user${n % 2}/public_html/d${n % 5}/single${n}.txt`;
    writeFileSync(`${home[from]}/${path}`, content);
    all.push(await until(() => reads(`${home[other(from)]}/${path}`, content), limitMs));
    await pause(150 + ((n * 97) % 200));
  }
  return all;
}

/** d: 2,000 files of 2 KB in twenty new directories. */
export async function burst({ home }: FilePair, limitMs: number): Promise<Took> {
  const paths: string[] = [];
  const begun = performance.now();
  for (let d = 0; d < 20; d++) {
    mkdirSync(`${home[0]}/user1/burst/x${d}`, { recursive: true });
    for (let n = 0; n < 100; n++) {
      paths.push(`user1/burst/x${d}/n${n}`);
      writeFileSync(`${home[0]}/user1/burst/x${d}/n${n}`, Buffer.alloc(2048, `${d} ${n} `));
    }
  }
  const took = await until(() => {
    while (paths.length > 0 && existsSync(`${home[1]}/${paths[0]}`)) paths.shift();
    return paths.length === 0;
  }, limitMs);
  return took === 'dnf' ? 'dnf' : performance.now() - begun;
}

function count(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** f: a directory of 1,000 files is renamed, then removed. */
export async function rename(
  pair: FilePair,
  settle: () => Promise<void>,
  limitMs: number,
): Promise<{ rename: Took; bytes: number; remove: Took }> {
  const [from, to] = [`${pair.home[0]}/user1/many`, `${pair.home[0]}/user1/renamed`];
  const there = (path: string): string => path.replace(pair.home[0], pair.home[1]);
  mkdirSync(from);
  for (let n = 0; n < 1000; n++) writeFileSync(`${from}/m${n}`, `many ${n}`);
  await until(() => count(there(from)) === 1000, limitMs);
  await settle();
  const before = pair.line.bytes();
  renameSync(from, to);
  const renamed = await until(() => count(there(to)) === 1000 && !existsSync(there(from)), limitMs);
  await pause(500);
  const bytes = pair.line.bytes() - before;
  await settle();
  rmSync(to, { recursive: true, force: true });
  return { rename: renamed, bytes, remove: await until(() => !existsSync(there(to)), limitMs) };
}

/** g: both edit the same files at once. Answers how many end differing, and how many versions are nowhere. */
export async function conflicts(
  { home, ask }: FilePair,
  settle: () => Promise<void>,
  isOurs: boolean,
): Promise<{ differ: number; lost: number }> {
  const path = (at: 0 | 1, n: number): string => `${home[at]}/user0/public_html/d0/conflict${n}`;
  for (let n = 0; n < 5; n++) writeFileSync(path(0, n), 'base');
  await until(() => existsSync(path(1, 4)), 20_000);
  await settle();
  for (let n = 0; n < 5; n++) {
    writeFileSync(path(0, n), `A${n} ${'a'.repeat(50)}`);
    await pause(30);
    writeFileSync(path(1, n), `B${n} ${'b'.repeat(50)}`);
  }
  await settle();
  const kept = isOurs ? await keptContents(home, ask) : '';
  let [differ, lost] = [0, 0];
  for (let n = 0; n < 5; n++) {
    const [a, b] = [readFileSync(path(0, n), 'utf8'), readFileSync(path(1, n), 'utf8')];
    if (a !== b) differ += 1;
    for (const start of [`A${n} `, `B${n} `])
      if (![a, b].some((text) => text.startsWith(start)) && !kept.includes(start)) lost += 1;
  }
  return { differ, lost };
}

/** What conflicts and trash of both sides hold. */
async function keptContents(home: readonly [string, string], ask: FilePair['ask']): Promise<string> {
  let all = '';
  for (const at of [1, 2] as const) {
    for (const where of ['conflicts', 'trash']) {
      const { json } = await ask(at, where);
      for (const path of json as string[])
        all += readFileSync(`${home[at - 1]}/.tandem-filesync/${path}`, 'utf8').slice(0, 100);
    }
  }
  return all;
}

/** How many of the files that the cut row changed are not as they should be in a folder. */
function wrongAfterCut(folder: string): number {
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  const edits = numbers.slice(0, 20).filter((n) => !reads(`${folder}cut${n}`, `${n < 10 ? 'one' : 'two'} ${n}`));
  const left = numbers.slice(20).filter((n) => existsSync(`${folder}cut${n}`));
  const made = numbers.slice(0, 10).filter((n) => !reads(`${folder}new${n}`, `new ${n}`));
  return edits.length + left.length + made.length;
}

/** h: the line is cut while both sides are changed. Answers how long after its return both are right, and what is wrong. */
export async function cut(
  pair: FilePair,
  settle: () => Promise<void>,
  downMs: number,
  limitMs: number,
): Promise<{ took: Took; wrong: number }> {
  const at = (one: 0 | 1, name: string): string => `${pair.home[one]}/user0/public_html/d0/${name}`;
  for (let n = 0; n < 40; n++) writeFileSync(at(0, `cut${n}`), `base ${n}`);
  await until(() => existsSync(at(1, 'cut39')), 20_000);
  await settle();
  pair.line.cut();
  for (let n = 0; n < 10; n++) writeFileSync(at(0, `cut${n}`), `one ${n}`);
  for (let n = 10; n < 20; n++) writeFileSync(at(1, `cut${n}`), `two ${n}`);
  for (let n = 20; n < 25; n++) rmSync(at(0, `cut${n}`), { force: true });
  // A loop of rsync may have deleted it by now, at its origin too.
  for (let n = 25; n < 30; n++) rmSync(at(1, `cut${n}`), { force: true });
  for (let n = 0; n < 10; n++) writeFileSync(at(side(n), `new${n}`), `new ${n}`);
  await pause(downMs);
  pair.line.mend();
  const wrong = (): number => wrongAfterCut(at(0, '')) + wrongAfterCut(at(1, ''));
  const took = await until(() => wrong() === 0, limitMs);
  return { took, wrong: wrong() };
}
