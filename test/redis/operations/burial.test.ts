import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { homeOfThisProcess, isGone } from '../../../src/jobs/burial.ts';

const here = homeOfThisProcess();

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

test('a worker whose process lives is not buried', () => {
  expect(isGone({ pid: process.pid, home: here }, here)).toBe(false);
});

test('a worker whose process was killed is gone, and was not before', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const pid = child.pid ?? 0;
  const home = `${here.slice(0, here.lastIndexOf(' '))} ${startOf(pid)}`;
  expect(isGone({ pid, home }, here)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isGone({ pid, home }, here)).toBe(true);
});

test('another process with the number of a dead worker does not keep it alive', () => {
  const home = `${here.slice(0, here.lastIndexOf(' '))} 1`;
  expect(isGone({ pid: process.pid, home }, here)).toBe(true);
});

test('nothing is known of a worker of another machine, boot or container', () => {
  expect(isGone({ pid: 1, home: `another ${here.slice(here.lastIndexOf(' ') + 1)}` }, here)).toBe(false);
  expect(isGone({ pid: 1, home: '' }, here)).toBe(false);
  expect(isGone({ pid: 1, home: here }, '')).toBe(false);
});
