/**
 * Breaks the rules of rules.ts one at a time, in a copy of the tree, and runs the tests that must notice.
 *
 *   npm run mutants -- [words]     only the rules whose text or file has one of the words
 *
 * Exit 1 when a broken rule turns no test red, when a search text no longer fits, or when a test is red unbroken.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants } from './rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = [
  'src',
  'test',
  'bin',
  'bench',
  'views',
  'public',
  'docs',
  'packaging',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
  'README.md',
  'docker-compose.yml',
];
const longestMs = 300_000;
/** Tests that are ended at the first failure cannot tidy up; by this bin/lib.sh knows what they started. */
const mark = `mutants-${process.pid}`;

type Verdict = 'killed' | 'SURVIVED' | 'DOES NOT FIT' | 'BREAKS THE FILE';

interface Result {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly by: string;
  readonly seconds: number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function copyTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'tandem-mutants-'));
  for (const name of copied) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(tree, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

interface Report {
  readonly numFailedTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

interface Run {
  readonly report: Report | undefined;
  readonly output: string;
  readonly timedOut: boolean;
}

function runTests(tree: string, tests: readonly string[]): Run {
  const file = join(tree, 'mutant-report.json');
  rmSync(file, { force: true });
  const args = ['run', '--bail=1', '--reporter=json', `--outputFile=${file}`, ...tests];
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const ran = spawnSync(process.execPath, [vitest, ...args], {
    cwd: tree,
    encoding: 'utf8',
    timeout: longestMs,
    killSignal: 'SIGTERM',
    env: { ...process.env, TANDEM_TEST_RUN: mark },
  });
  spawnSync('bash', ['-c', '. bin/lib.sh; end_own_processes "$0"', mark], { cwd: root });
  const output = `${ran.stdout}${ran.stderr}`;
  const timedOut = ran.signal !== null;
  try {
    // vitest's own format; only the fields above are read.
    return { report: JSON.parse(readFileSync(file, 'utf8')) as Report, output, timedOut };
  } catch {
    // Killed or broken before it could report: the output says how.
    return { report: undefined, output, timedOut };
  }
}

function firstFailure(report: Report): { readonly title: string; readonly message: string } | undefined {
  const failed = report.testResults.flatMap((r) => r.assertionResults).find((a) => a.status === 'failed');
  return failed && { title: failed.title, message: failed.failureMessages?.join('\n') ?? '' };
}

function judge(run: Run): { readonly verdict: Verdict; readonly by: string } {
  if (run.timedOut) return { verdict: 'killed', by: 'the tests never end' };
  const failure = run.report === undefined ? undefined : firstFailure(run.report);
  if (failure !== undefined) return { verdict: 'killed', by: failure.title };
  if (run.report === undefined || run.report.numPassedTests === 0)
    return { verdict: 'BREAKS THE FILE', by: run.output.slice(-300) };
  return { verdict: 'SURVIVED', by: '' };
}

function tryOne(tree: string, mutant: Mutant): Result {
  const started = performance.now();
  const path = join(tree, mutant.file);
  const original = readFileSync(path, 'utf8');
  const seconds = () => (performance.now() - started) / 1000;
  const parts = original.split(mutant.search);
  if (parts.length !== 2) return { mutant, verdict: 'DOES NOT FIT', by: `found ${parts.length - 1} times`, seconds: 0 };
  writeFileSync(path, parts.join(mutant.replace));
  try {
    return { mutant, ...judge(runTests(tree, mutant.tests)), seconds: seconds() };
  } finally {
    writeFileSync(path, original);
  }
}

function chosen(words: readonly string[]): readonly Mutant[] {
  if (words.length === 0) return mutants;
  return mutants.filter((mutant) => words.some((word) => `${mutant.rule} ${mutant.file}`.includes(word)));
}

function row(result: Result): string {
  return `${result.verdict.padEnd(16)}${result.seconds.toFixed(1).padStart(6)} s  ${result.mutant.rule}${result.by === '' ? '' : `\n${' '.repeat(26)}${result.by}`}`;
}

/** A red test means nothing when it is red without the change. */
function isGreenUnbroken(tree: string, list: readonly Mutant[]): boolean {
  const files = [...new Set(list.flatMap((mutant) => mutant.tests))];
  say(`${list.length} rules; first the ${files.length} test files as they are …`);
  const { report, output } = runTests(tree, files);
  if (report !== undefined && report.numFailedTests === 0 && report.numPassedTests > 0) return true;
  const failure = report === undefined ? undefined : firstFailure(report);
  say(`red before anything was broken: ${failure?.title ?? ''}\n${failure?.message ?? output.slice(-2000)}`);
  return false;
}

function main(): number {
  const list = chosen(process.argv.slice(2));
  const tree = copyTree();
  try {
    if (!isGreenUnbroken(tree, list)) return 1;
    const results = list.map((mutant) => {
      const result = tryOne(tree, mutant);
      say(row(result));
      return result;
    });
    const killed = results.filter((result) => result.verdict === 'killed').length;
    say(`${killed} of ${results.length} broken rules turned a test red`);
    return killed === results.length && results.length > 0 ? 0 : 1;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

process.exitCode = main();
