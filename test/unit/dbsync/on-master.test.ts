/** The program on a master believes nothing that the other end of the line says. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { tempDir } from '../../support/processes.ts';

const dir = tempDir('mariadb-files');
afterAll(() => dir.remove());

it.each([
  ['', 'usage'],
  ['sh', 'usage'],
  ['check more', 'too many words'],
  ['send', 'name one database'],
  ['send bob_shop eve_blog', 'name one database'],
  ['send ../mysql', 'no such database name'],
  ['drop *', 'no such database name'],
  ['place bob_shop;id', 'no such database name'],
  ['send mysql', 'not of an account'],
  ['place mysql', 'not of an account'],
  ['receive performance_schema', 'not of an account'],
])('refuses: %s', (command, why) => {
  mkdirSync(`${dir.path}/copies`, { recursive: true });
  const env = { PATH: process.env['PATH'] ?? '', SSH_ORIGINAL_COMMAND: command, TANDEM_COPIES: `${dir.path}/copies` };
  const { status, stderr, stdout } = spawnSync('bin/on-master/tandem-mariadb-files', { encoding: 'utf8', env });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(why);
  expect(readdirSync(`${dir.path}/copies`)).toEqual([]);
});
