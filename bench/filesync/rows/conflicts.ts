import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pause, seconds, until } from '../clock.ts';
import type { Tool } from '../tools/tool.ts';
import type { Row } from './row.ts';
import { reads } from './small.ts';

const text = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** What a folder holds on both sides, copies of losers beside it included, and what the tool put elsewhere. */
async function everything(tool: Tool, folder: string): Promise<string> {
  let all = await tool.kept();
  for (const home of tool.home)
    for (const name of readdirSync(`${home}/${folder}`)) all += text(`${home}/${folder}/${name}`) ?? '';
  return all;
}

/** g: both sides change the same five files at once, and five more are edited here and deleted there. */
export const conflicts: Row = {
  letter: 'g',
  async run({ tool, sizes }) {
    const folder = 'user0/public_html/conflicts';
    const [a, b] = tool.home.map((home) => `${home}/${folder}`) as [string, string];
    mkdirSync(a);
    for (let n = 0; n < 10; n++) writeFileSync(`${a}/c${n}`, 'base');
    await until(() => existsSync(`${b}/c9`), sizes.limitMs);
    await tool.settle();
    mkdirSync(b, { recursive: true });
    const written: string[] = [];
    const put = (side: string, n: number, name: string): void => {
      written.push(`${name}${n} end`);
      writeFileSync(`${side}/c${n}`, `${name}${n} end ${name.repeat(50)}`);
    };
    for (let n = 0; n < 5; n++) {
      put(a, n, 'A');
      await pause(40);
      put(b, n, 'B');
    }
    for (let n = 5; n < 10; n++) {
      put(a, n, 'E');
      rmSync(`${b}/c${n}`, { force: true });
    }
    await pause(1000);
    await tool.settle();
    const kept = await everything(tool, folder);
    const differ = Array.from({ length: 10 }, (_, n) => n).filter((n) => text(`${a}/c${n}`) !== text(`${b}/c${n}`));
    return { conflicts_differ: differ.length, conflicts_lost: written.filter((one) => !kept.includes(one)).length };
  },
};

const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, n) => from + n);

/** How many of the files that the cut row changed are not as they should be in a folder. */
function wrongAfterCut(folder: string): number {
  const edits = numbers(0, 20).filter((n) => !reads(`${folder}/cut${n}`, `${n < 10 ? 'one' : 'two'} ${n}`));
  const left = numbers(20, 30).filter((n) => existsSync(`${folder}/cut${n}`));
  const made = numbers(0, 10).filter((n) => !reads(`${folder}/new${n}`, `new ${n}`));
  const both = numbers(30, 35).filter((n) => text(`${folder}/cut${n}`)?.startsWith(`later ${n} `) !== true);
  const kept = numbers(35, 40).filter((n) => !reads(`${folder}/cut${n}`, `edited ${n}`));
  return edits.length + left.length + made.length + both.length + kept.length;
}

async function changeBoth(a: string, b: string): Promise<void> {
  for (const n of numbers(0, 10)) writeFileSync(`${a}/cut${n}`, `one ${n}`);
  for (const n of numbers(10, 20)) writeFileSync(`${b}/cut${n}`, `two ${n}`);
  // A loop of rsync may have deleted it by now, at its origin too.
  for (const n of numbers(20, 25)) rmSync(`${a}/cut${n}`, { force: true });
  for (const n of numbers(25, 30)) rmSync(`${b}/cut${n}`, { force: true });
  for (const n of numbers(0, 10)) writeFileSync(`${n % 2 === 0 ? a : b}/new${n}`, `new ${n}`);
  for (const n of numbers(30, 35)) writeFileSync(`${a}/cut${n}`, `sooner ${n} end`);
  // Not every tool sees a difference within a second.
  await pause(1100);
  for (const n of numbers(30, 35)) writeFileSync(`${b}/cut${n}`, `later ${n} end`);
  for (const n of numbers(35, 40)) {
    writeFileSync(`${a}/cut${n}`, `edited ${n}`);
    rmSync(`${b}/cut${n}`, { force: true });
  }
}

/**
 * h: the line is cut while both sides edit, delete and make files, also the same ones. Afterwards the later of two edits
 * and the edit of what the other one deleted must be on both, and the sooner edits somewhere.
 */
export const cut: Row = {
  letter: 'h',
  async run({ tool, sizes }) {
    const folder = 'user0/public_html/cut';
    const [a, b] = tool.home.map((home) => `${home}/${folder}`) as [string, string];
    mkdirSync(a);
    for (const n of numbers(0, 40)) writeFileSync(`${a}/cut${n}`, `base ${n}`);
    await until(() => existsSync(`${b}/cut39`), sizes.limitMs);
    await tool.settle();
    mkdirSync(b, { recursive: true });
    tool.line.cut();
    await changeBoth(a, b);
    await pause(sizes.cutMs);
    tool.line.mend();
    const wrong = (): number => wrongAfterCut(a) + wrongAfterCut(b);
    const took = await until(() => wrong() === 0, Math.min(120_000, sizes.limitMs), 10);
    await tool.settle();
    const kept = await everything(tool, folder);
    const lost = numbers(30, 35).filter((n) => !kept.includes(`sooner ${n} end`));
    return { converge_s: seconds(took), cut_wrong: wrong(), cut_lost: lost.length };
  },
};
