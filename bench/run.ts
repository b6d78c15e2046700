/**
 *   npm run bench -- NAME [--quick] [--seed N] [--SETTING VALUE …]
 *
 * Prints a table, and as the last line one JSON object. Exit 1 when the benchmark fails, 2 for an unknown name.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../packaging/bundle.ts';
import { dbsync } from './dbsync/index.ts';
import { drift } from './drift/index.ts';
import { fanout } from './fanout/index.ts';
import { filesync } from './filesync/index.ts';
import { pagesBench } from './pages/index.ts';
import { passthrough } from './passthrough/index.ts';
import type { Bench } from './result.ts';
import { switching } from './switch/index.ts';

const benches: Readonly<Record<string, Bench>> = {
  fanout,
  passthrough,
  pages: pagesBench,
  drift,
  switch: switching,
  filesync,
  dbsync,
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function parse(argv: readonly string[]): {
  name: string;
  quick: boolean;
  seed: number;
  settings: Record<string, string>;
} {
  const settings: Record<string, string> = {};
  let name = '';
  let quick = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--quick') quick = true;
    else if (word.startsWith('--')) settings[word.slice(2)] = argv[++at] ?? '';
    else name = word;
  }
  const { seed = '1', ...rest } = settings;
  return { name, quick, seed: Number(seed), settings: rest };
}

/** Where the benchmark's files lie; a file system in memory would make every fsync free. */
function fileSystemOf(dir: string): string {
  const type = execFileSync('stat', ['-f', '-c', '%T', dir], { encoding: 'utf8' }).trim();
  if (type === 'tmpfs' || type === 'ramfs') throw new Error(`${dir} is in memory; name a folder on a disk with --dir`);
  return type;
}

/** Bundles what the processes of a benchmark run (fanout/child.ts), as the program is. Throws when it does not compile. */
async function compile(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const processes = readdirSync(join(root, 'bench'), { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith('-process.ts'))
    .map((file) => [`bench/${file.replace(/\.ts$/, '')}`, `bench/${file}`] as const);
  await bundle(join(root, '.cache/bench'), Object.fromEntries(processes));
}

async function main(): Promise<number> {
  const { name, quick, seed, settings } = parse(process.argv.slice(2));
  const bench = benches[name];
  if (bench === undefined) {
    say(
      `npm run bench -- NAME [--quick]\n${Object.entries(benches)
        .map(([key, { about }]) => `  ${key}: ${about}`)
        .join('\n')}`,
    );
    return 2;
  }
  if (bench.isUncompiled !== true) await compile();
  const parent = settings['dir'] ?? fileURLToPath(new URL('../var/bench', import.meta.url));
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, `${name}-`));
  try {
    const fileSystem = fileSystemOf(dir);
    const result = await bench.run({ quick, seed, settings, dir, say });
    const machine = { node: process.version, cpus: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
    say(JSON.stringify({ name, quick, ...result, seed, fileSystem, ...machine }));
    return 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
