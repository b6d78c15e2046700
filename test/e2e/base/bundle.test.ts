import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stop } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../../packaging/bundle.ts';
import { run, tempDir } from '../../support/processes.ts';

/** Elsewhere: what is bundled from it must not need the project's folder. */
const dir = tempDir('bundle');
const out = join(dir.path, 'out');
const program = join(dir.path, 'program.ts');

beforeAll(async () => {
  const log = JSON.stringify(resolve('src/log.ts'));
  const sources = [
    `import { createLogger } from ${log};`,
    `const log = createLogger({ level: 'error', redact: [] });`,
    `interface Failing { readonly fail: () => void }`,
    `const failing: Failing = { fail() { throw new Error('on purpose'); } };`,
    `try { failing.fail(); } catch (err) { log.error({ err }, 'failed'); }`,
  ];
  writeFileSync(program, sources.join('\n'));
  await bundle(out, { program });
});
afterAll(async () => {
  await stop();
  dir.remove();
});

describe('what is bundled', () => {
  it('runs, and names sources in the stack traces that it logs', async () => {
    const running = run(process.execPath, [join(out, 'program.js')]);
    await running.exited;
    const { err } = JSON.parse(running.output().split('\n')[0] ?? '');
    expect(err.message).toBe('on purpose');
    expect(err.stack).toContain(`${pathToFileURL(program).href}:4:`);
    expect(err.stack).toContain(`${pathToFileURL(program).href}:5:`);
    expect(err.stack).not.toContain('.js:');
  });

  it('has the threads beside it that a program may start', () => {
    expect(existsSync(join(out, 'operations/leg-thread-work.js'))).toBe(true);
    expect(existsSync(join(out, 'failover/apply/planner-thread.js'))).toBe(true);
  });

  it('drops parts of earlier builds, except of late ones, which a running program may still load', async () => {
    const [late, early] = ['chunk-LATE.js', 'chunk-EARLY.js'].map((name) => join(out, name)) as [string, string];
    writeFileSync(late, '');
    writeFileSync(early, '');
    const before = new Date(Date.now() - 2 * 86_400_000);
    utimesSync(early, before, before);
    await bundle(out, { program });
    expect([existsSync(late), existsSync(early)]).toEqual([true, false]);
  });
});
