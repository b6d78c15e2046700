import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filePair } from '../../../test/support/filesync.ts';
import type { Making, Tool } from './tool.ts';

const packages = new Map<string, Promise<readonly string[]>>();

/** Packs the agents as a master gets them, with a Node of their own. Answers the words that start one. */
async function packed(dir: string): Promise<readonly string[]> {
  const words = ['--import', 'tsx', 'packaging/filesync/pack.ts', '--fast', '--out', dir];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  await promisify(execFile)('tar', ['-xzf', stdout.trim(), '-C', dir, '--strip-components=1']);
  return [join(dir, 'bin/tandem-filesync')];
}

/** One package for all pairs of a run. */
function packedOnce(dir: string): Promise<readonly string[]> {
  const known = packages.get(dir) ?? packed(dir);
  packages.set(dir, known);
  return known;
}

/** Tandem's own agents, from the package that a master installs in the folder. */
export async function tandemTool({ roundTripMs, dir }: Making): Promise<Tool> {
  const pair = await filePair({ roundTripMs, agent: await packedOnce(dir) });
  return {
    ...pair,
    name: 'tandem',
    async start() {
      await pair.start(2);
      await pair.start(1);
    },
    // A million files are a matter of minutes.
    started: () => pair.quiet(1_200_000),
    async killBoth() {
      await Promise.all([pair.kill(1), pair.kill(2)]);
    },
    // As on two masters, where neither waits for the other.
    async restart() {
      await Promise.all([pair.start(2), pair.start(1)]);
    },
    settle: () => pair.quiet(),
    async kept() {
      let all = '';
      for (const at of [1, 2] as const) {
        for (const where of ['conflicts', 'trash']) {
          const { json } = await pair.ask(at, where);
          for (const path of json as string[])
            all += readFileSync(`${pair.home[at - 1]}/.tandem-filesync/${path}`, 'utf8').slice(0, 100);
        }
      }
      return all;
    },
    stop: () => pair.close(),
  };
}
