import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../src/log.ts';
import { type Keeper, type KeeperWord, openKeeper } from '../../../src/roles/keeper.ts';

/** A process that does nothing by itself: the test says what it does. */
class Puppet extends EventEmitter {
  readonly pid: number;
  readonly heard: KeeperWord['kind'][] = [];
  connected = true;
  exitCode: number | null = null;
  signalCode: string | null = null;

  constructor(pid: number) {
    super();
    this.pid = pid;
  }

  send(word: KeeperWord): void {
    this.heard.push(word.kind);
  }

  disconnect(): void {
    this.connected = false;
    this.end(0);
  }

  kill(): boolean {
    return true;
  }

  say(kind: 'prepared' | 'working'): void {
    this.emit('message', { kind });
  }

  end(code: number | null): void {
    this.exitCode = code;
    this.signalCode = code === null ? 'SIGKILL' : null;
    this.emit('exit', code);
  }
}

let puppets: Puppet[];
let keeper: Keeper;
beforeEach(() => {
  vi.useFakeTimers();
  puppets = [];
  keeper = openKeeper({
    fork() {
      const puppet = new Puppet(puppets.length + 1);
      puppets.push(puppet);
      // Cast: of a child process the keeper uses only what a puppet has.
      return puppet as unknown as ChildProcess;
    },
    redisUrl: undefined,
    log: createLogger({ level: 'silent', redact: [] }),
  });
});
afterEach(async () => {
  await keeper.close();
  vi.useRealTimers();
});

const puppet = (n: number): Puppet => {
  const found = puppets[n - 1];
  if (found === undefined) throw new Error(`only ${puppets.length} were started`);
  return found;
};

/** Number `n` works from now on. */
function work(n: number): void {
  if (!puppet(n).heard.includes('begin')) puppet(n).say('prepared');
  puppet(n).say('working');
}

async function die(n: number, code: number | null = null): Promise<void> {
  puppet(n).end(code);
  await vi.advanceTimersByTimeAsync(0);
}

describe('a keeper', () => {
  it('lets the first begin when it is ready, and makes a standby ready that does not begin', async () => {
    expect(puppet(1).heard).toEqual(['prepare']);
    puppet(1).say('prepared');
    expect(puppet(1).heard).toEqual(['prepare', 'begin']);
    puppet(1).say('working');
    await vi.advanceTimersByTimeAsync(5000);
    puppet(2).say('prepared');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([puppet(2).heard, puppets.length]).toEqual([['prepare'], 2]);
  });

  it('lets the standby begin in the moment in which the worker dies, and makes another one ready later', async () => {
    work(1);
    await vi.advanceTimersByTimeAsync(5000);
    puppet(2).say('prepared');
    await die(1);
    expect(puppet(2).heard).toEqual(['prepare', 'begin']);
    work(2);
    expect(puppets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect(puppets).toHaveLength(3);
  });

  it('a standby that is not ready yet begins as soon as it is', async () => {
    work(1);
    await vi.advanceTimersByTimeAsync(5000);
    await die(1);
    expect(puppet(2).heard).toEqual(['prepare']);
    puppet(2).say('prepared');
    expect(puppet(2).heard).toEqual(['prepare', 'begin']);
  });

  it('without a standby starts a worker anew', async () => {
    work(1);
    await die(1);
    puppet(2).say('prepared');
    expect(puppet(2).heard).toEqual(['prepare', 'begin']);
  });

  it('goes on without a standby that dies, and tries again', async () => {
    work(1);
    await vi.advanceTimersByTimeAsync(5000);
    await die(2, 1);
    expect(puppet(1).heard).toEqual(['prepare', 'begin']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(puppets).toHaveLength(3);
  });

  it('ends with the exit code of a worker that could not start', async () => {
    await die(1, 5);
    expect(await keeper.ended).toBe(5);
    expect(puppets).toHaveLength(1);
  });

  it('one that is killed while it begins is replaced like any other', async () => {
    puppet(1).say('prepared');
    await die(1);
    work(2);
    expect(puppet(2).heard).toEqual(['prepare', 'begin']);
  });

  it('ends when its workers die again and again', async () => {
    for (let n = 1; n <= 6; n += 1) {
      work(n);
      await die(n);
    }
    expect(await keeper.ended).toBe(1);
    expect(puppets).toHaveLength(6);
  });

  it('goes on for ever when they die seldom', async () => {
    for (let n = 1; n <= 20; n += 2) {
      work(n);
      await vi.advanceTimersByTimeAsync(20_000);
      await die(n);
      work(n + 1);
      await vi.advanceTimersByTimeAsync(20_000);
      await die(n + 1);
    }
    expect(puppets).toHaveLength(21);
  });

  it('closes both by letting go of them, and starts nothing any more', async () => {
    work(1);
    await vi.advanceTimersByTimeAsync(5000);
    await keeper.close();
    expect(puppets.map(({ connected }) => connected)).toEqual([false, false]);
    expect(await keeper.ended).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(puppets).toHaveLength(2);
  });
});
