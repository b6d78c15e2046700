/**
 *   npm run pack-filesync [-- --out DIR] [--node FILE] [--fast]
 *
 * One tarball with the agent of file sync, its own Node and its modules, for glibc 2.28 and Linux 4.18 or later. Node 24
 * goes with it, which takes a sixth less of the processor than Node 20: this machine's, or else the npm package `node`, put
 * into .cache/node24 as bin/test does. Where npm gets none, this machine's Node goes, and that is said. --node names
 * another; --fast packs less tightly. Prints the path. Exit 1 when something in it asks for a newer glibc.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { forNode } from '../bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
/** They bind C code, so they stay packages of their own. */
const native = ['koffi', 'lmdb'];
const newestGlibc = [2, 28] as const;
const newestNode = 24;

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function isHere(name: string): boolean {
  try {
    manifest(join(root, 'node_modules', name));
    return true;
  } catch {
    // An optional package of another system.
    return false;
  }
}

/** The packages that some packages need, themselves included, as they lie in node_modules. */
function closure(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    if (found.has(name) || !isHere(name)) continue;
    found.add(name);
    const { dependencies, optionalDependencies } = manifest(join(root, 'node_modules', name));
    closure([...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})], found);
  }
  return found;
}

/** The newest glibc that a program asks for, from its symbol versions. */
export function glibcOf(file: string): readonly [number, number] {
  const text = readFileSync(file, 'latin1');
  let newest: [number, number] = [0, 0];
  for (const [, major, minor] of text.matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
    const one: [number, number] = [Number(major), Number(minor)];
    if (one[0] > newest[0] || (one[0] === newest[0] && one[1] > newest[1])) newest = one;
  }
  return newest;
}

function programsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && (entry.name.endsWith('.node') || entry.name === 'node'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Binaries for other C libraries and processors would only be weight. */
function belongs(path: string): boolean {
  return !/\.musl\.|\/musl_|\/(doc|vendor|dependencies)$/.test(path.slice(root.length));
}

async function layOut(stage: string, node: string, version: string): Promise<void> {
  mkdirSync(join(stage, 'agent/node_modules'), { recursive: true });
  mkdirSync(join(stage, 'bin'));
  await build({
    ...forNode,
    entryPoints: [join(root, 'src/filesync/main.ts')],
    outfile: join(stage, 'agent/main.js'),
    external: native,
  });
  writeFileSync(join(stage, 'agent/package.json'), '{ "type": "module" }\n');
  for (const name of closure(native)) {
    const from = join(root, 'node_modules', name);
    cpSync(from, join(stage, 'agent/node_modules', name), {
      recursive: true,
      filter: (path) => path === from || belongs(path),
    });
  }
  cpSync(join(root, 'src/filesync/helpers'), join(stage, 'agent/helpers'), { recursive: true });
  cpSync(node, join(stage, 'node'));
  chmodSync(join(stage, 'node'), 0o755);
  cpSync(join(here, 'tandem-filesync'), join(stage, 'bin/tandem-filesync'));
  for (const name of [
    'install.sh',
    'tandem-filesync.service',
    '90-tandem-filesync.conf',
    'filesync.example.yaml',
    'README.md',
  ])
    cpSync(join(here, name), join(stage, name));
  cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
  writeFileSync(join(stage, 'version'), `${version}\n`);
  writeFileSync(join(stage, 'machine'), execFileSync('uname', ['-m']));
}

/** A program of the npm package below a folder; undefined when none is there. */
function nodeBelow(folder: string): string | undefined {
  if (!existsSync(join(folder, 'node_modules'))) return undefined;
  return programsBelow(join(folder, 'node_modules')).find((file) => file.endsWith('/bin/node'));
}

/** The Node that goes with the agent. */
function nodeForMasters(): string {
  if (Number.parseInt(process.versions.node, 10) >= newestNode) return process.execPath;
  const folder = join(root, `.cache/node${newestNode}`);
  const words = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `node@${newestNode}`];
  const found = nodeBelow(folder);
  if (found !== undefined) return found;
  const { status } = spawnSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const made = status === 0 ? nodeBelow(folder) : undefined;
  if (made === undefined)
    process.stderr.write(`Node ${newestNode} could not be had: ${process.version} goes instead\n`);
  return made ?? process.execPath;
}

/** Starts the program once, so that what V8 makes of it goes with it: its files know their place by the package's. */
function warm(stage: string): void {
  const { status, stderr } = spawnSync(join(stage, 'bin/tandem-filesync'), ['--help'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the packed agent does not start: ${stderr}`);
}

function tooNew(stage: string): readonly string[] {
  return programsBelow(stage).flatMap((file) => {
    const [major, minor] = glibcOf(file);
    const isTooNew = major > newestGlibc[0] || (major === newestGlibc[0] && minor > newestGlibc[1]);
    return isTooNew ? [`${file.slice(stage.length + 1)} needs glibc ${major}.${minor}`] : [];
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, node: { type: 'string' }, fast: { type: 'boolean', default: false } },
  });
  const out = values.out ?? join(root, 'dist');
  const { version } = manifest(root);
  const temp = mkdtempSync(join(tmpdir(), 'pack-filesync-'));
  const name = `tandem-filesync-${version}-linux-${process.arch}`;
  const stage = join(temp, name);
  try {
    mkdirSync(stage);
    await layOut(stage, values.node ?? nodeForMasters(), version);
    const wrong = tooNew(stage);
    if (wrong.length > 0) {
      process.stderr.write(`${wrong.join('\n')}\nName a Node built for glibc 2.28: --node FILE\n`);
      return 1;
    }
    warm(stage);
    mkdirSync(out, { recursive: true });
    const file = join(out, `${name}.tar.gz`);
    const squeeze = values.fast ? 'gzip -1' : 'gzip -9';
    execFileSync('tar', ['-I', squeeze, '-cf', file, '--owner=0', '--group=0', '-C', temp, name]);
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    writeFileSync(`${file}.sha256`, `${digest}  ${name}.tar.gz\n`);
    process.stdout.write(`${file}\n`);
    return 0;
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

process.exitCode = await main();
