import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../../support/processes.ts';

// Below the project, so that `vitest` is found from there.
mkdirSync('.cache', { recursive: true });
const dir = mkdtempSync(join(process.cwd(), '.cache', 'reporter-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function runOf(files: Readonly<Record<string, string>>) {
  rmSync(join(dir, 't'), { recursive: true, force: true });
  mkdirSync(join(dir, 't'));
  writeFileSync(join(dir, 'vitest.config.mjs'), 'export default {};');
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(dir, 't', name), `import { afterAll, beforeAll, expect, it } from 'vitest';\n${text}`);
  }
  const reporter = join(process.cwd(), 'test/support/reporter.ts');
  const vitest = join(process.cwd(), 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--root', dir, '--reporter', reporter, '--reporter', 'dot', '--maxWorkers', '1'];
  // One pipe for both streams, as bin/test has it: of two nobody knows which is read last.
  const program = run('sh', ['-c', 'exec "$0" "$@" 2>&1', process.execPath, ...args]);
  await program.exited;
  return { code: program.child.exitCode, lines: program.output().trimEnd().split('\n') };
}

const one = "it('is fine', () => expect(1).toBe(1));\n";

it.each([
  ['a good file', one, '1 passed, 0 failed, 0 skipped', 0],
  ['a failing test', `${one}it('is not', () => expect(1).toBe(2));`, '1 passed, 1 failed, 0 skipped', 1],
  [
    'a hook that fails after good tests',
    `${one}afterAll(() => { throw new Error('leak'); });`,
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a hook that fails before them',
    `${one}beforeAll(() => { throw new Error('no'); });`,
    '0 passed, 1 failed, 1 skipped',
    1,
  ],
  ['a file that cannot be loaded', "throw new Error('no');", '0 passed, 1 failed, 0 skipped', 1],
  ['an unhandled rejection', `${one}void Promise.reject(new Error('late'));`, '1 passed, 1 failed, 0 skipped', 1],
])('the last line counts %s', async (_what, text, last, code) => {
  const done = await runOf({ 'a.test.ts': text });
  expect(done.lines.at(-1)).toBe(last);
  expect(done.code).toBe(code);
});

it('a skipped test is named with its reason', async () => {
  const { lines } = await runOf({
    'a.test.ts': "it('needs Redis', (context) => context.skip('redis-server is not installed'));",
  });
  expect(lines.at(-2)).toBe('skipped: t/a.test.ts › needs Redis: redis-server is not installed');
  expect(lines.at(-1)).toBe('0 passed, 0 failed, 1 skipped');
});

it('the files that are red are named, for whoever runs them again', async () => {
  const { lines } = await runOf({
    'a.test.ts': one,
    'b.test.ts': `${one}it('is not', () => expect(1).toBe(2));`,
    'c.test.ts': `${one}afterAll(() => { throw new Error('leak'); });`,
  });
  expect(lines.filter((line) => line.startsWith('red: ')).sort()).toEqual(['red: t/b.test.ts', 'red: t/c.test.ts']);
  expect(lines.at(-1)).toBe('3 passed, 2 failed, 0 skipped');
});
