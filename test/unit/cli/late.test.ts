import { expect, it } from 'vitest';
import type { Shell } from '../../../src/cli/parts.ts';
import { runCli } from '../../../src/cli/run-cli.ts';

/** A command line that cannot load the catalogue. */
function shell(said: string[]): Shell {
  const refuse = () => Promise.reject(new Error('not for this'));
  return {
    stdin: (async function* () {})(),
    stdout: { write: (text) => said.push(text) },
    stderr: { write: (text) => said.push(text) },
    env: {},
    open: refuse,
    roles: { worker: async () => 7 },
    tools: { check: async () => 8 },
    catalogue: refuse,
    readFile: refuse,
    now: () => 0,
    version: '1.2.3',
  };
}

it.each([
  ['a role', ['worker', '--config', 'x'], 7, ''],
  ['a tool', ['--json', 'check'], 8, ''],
  ['the version', ['--version'], 0, '1.2.3\n'],
  ['the version as JSON', ['--json', 'version'], 0, '{"version":"1.2.3"}\n'],
  ['help, which does', ['help'], 1, 'not for this\n'],
])('what loads the catalogue, and what does not: %s', async (_what, argv, exit, text) => {
  const said: string[] = [];
  expect([await runCli(argv, shell(said)), said.join('').toLowerCase()]).toEqual([exit, text]);
});
