import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { accountOf, deskOf } from '../../support/chaos.ts';
import { quick, startPair, type TestPair } from '../../support/pair.ts';
import { type Build, buildScript } from '../../support/process-node.ts';
import { type Running, run } from '../../support/processes.ts';

/** `tandem worker` as it is started: a keeper, a worker, a standby. */
let build: Build;
let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
let keeper: Running;
const started: Running[] = [];
beforeAll(async () => {
  build = await buildScript('tandem-main');
  pair = await startPair({
    worker: false,
    config: { timing: { ...quick, longestSeconds: 2 }, log: { level: 'info' }, redis: { kind: 'embedded' } },
  });
  desk = deskOf(pair);
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.end('SIGTERM');
});
afterAll(() => pair.close());

function start(env: NodeJS.ProcessEnv = {}): Running {
  const args = [build.script, 'worker', '--config', pair.configFile];
  keeper = run(process.execPath, args, { env: { ...process.env, ...env } });
  started.push(keeper);
  return keeper;
}

/** Process numbers that the log has named so, in their order. */
function named(what: 'worker' | 'standby', sentence: string): readonly number[] {
  return keeper
    .output()
    .split('\n')
    .filter((line) => line.includes(`"${sentence}"`))
    .map((line) => Number(new RegExp(`"${what}":(\\d+)`).exec(line)?.[1]));
}

const workers = () => named('worker', 'a worker has begun');
const standbys = () => named('standby', 'a standby is ready');
const within = { timeout: 60_000, interval: 50 };

/** Waits for the worker and the standby number `n`, from 1. */
async function pairOf(n: number): Promise<{ worker: number; standby: number }> {
  await vi.waitFor(() => expect([workers().length, standbys().length], keeper.output()).toEqual([n, n]), within);
  return { worker: workers()[n - 1] ?? 0, standby: standbys()[n - 1] ?? 0 };
}

/** Alive, and no corpse that nobody has asked for yet. */
function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

async function allGone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(lives)).toEqual([]), within);
}

describe('tandem worker', () => {
  it('killed: the standby takes over, ends what was begun, and another one is made ready', async () => {
    start();
    const first = await pairOf(1);
    await desk.run('package.add', { name: 'gold' });
    const asked = await desk.accept('account.create', accountOf('bob'));
    process.kill(first.worker, 'SIGKILL');
    await desk.final(asked.id);
    expect((await pair.core.operations.get(asked.id))?.state).toBe('done');
    const second = await pairOf(2);
    expect(second.worker).toBe(first.standby);
    expect(second.standby).not.toBe(first.standby);
    await keeper.end('SIGTERM');
    expect(keeper.child.exitCode).toBe(0);
    await allGone([second.worker, second.standby]);
  });

  // Starting three programs is most of what these cost: the same three go through them in turn.
  describe('one after the other', () => {
    beforeAll(() => {
      start();
      started.length = 0;
    });
    afterAll(() => keeper.end('SIGKILL'));

    it('frozen: it is not dead, so nobody takes its place', async () => {
      const { worker, standby } = await pairOf(1);
      process.kill(worker, 'SIGSTOP');
      const since = Date.now();
      await vi.waitFor(() => expect(Date.now() - since).toBeGreaterThan(2000), within);
      expect([workers(), lives(standby)]).toEqual([[worker], true]);
      process.kill(worker, 'SIGCONT');
    });

    it('a standby that dies is made anew, and the worker does not notice', async () => {
      const [worker = 0] = workers();
      const [standby = 0] = standbys();
      process.kill(standby, 'SIGKILL');
      await vi.waitFor(() => expect(standbys()).toHaveLength(2), within);
      expect([workers(), lives(worker)]).toEqual([[worker], true]);
    });

    it('signalled all at once, as by Ctrl-C or systemd: everything closes in good order', async () => {
      const all = [workers()[0] ?? 0, standbys()[1] ?? 0, keeper.child.pid ?? 0];
      expect(all.filter(lives)).toEqual(all);
      for (const pid of all) process.kill(pid, 'SIGINT');
      await keeper.exited;
      expect(keeper.child.exitCode).toBe(0);
      await allGone(all);
    });
  });

  it('a keeper that is killed leaves neither of them behind', async () => {
    start();
    const { worker, standby } = await pairOf(1);
    await keeper.end('SIGKILL');
    await allGone([worker, standby]);
  });

  it('a keeper that is killed while its worker is loaded leaves nothing', async () => {
    const { pid = 0 } = start().child;
    const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    const programs = () => children().filter((one) => one > 0 && commandOf(one).includes('--kept'));
    await vi.waitFor(() => expect(programs()).toHaveLength(1), within);
    const loading = programs();
    await keeper.end('SIGKILL');
    await allGone(loading);
  });

  it('that cannot start says why, and ends', async () => {
    await start({ TANDEM_JOURNAL_FILE: '/nowhere/journal.sqlite' }).exited;
    expect(keeper.output()).toContain('ournal /nowhere/journal.sqlite: cannot be opened');
    expect(keeper.child.exitCode).toBe(4);
  });

  it('without a standby, where the configuration says so, is one process', async () => {
    start({ TANDEM_WORKER_STANDBY: 'false' });
    await desk.run('package.add', { name: 'silver' });
    const { pid = 0 } = keeper.child;
    expect(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').length).toBeLessThanOrEqual(1);
    expect(workers()).toEqual([]);
  });
});
