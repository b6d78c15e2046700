import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missing, type Running, run, tempDir } from '../support/processes.ts';
import { dailyEvery } from '../support/thorough.ts';
import { noWebmail } from '../support/webmail.ts';

/** A net of its own: a demo may be running on this machine while its test runs. */
const net = `127.0.${100 + (process.pid % 100)}`;
const hosts = { m1: `${net}.1`, m2: `${net}.2`, s3: `${net}.3`, s4: `${net}.4`, tandem: `${net}.9` };
const ports = [2083, 2087, 2096, 2484, 5953, 8443, 9087, 9464, 9465, 9993];
const all = Object.values(hosts).flatMap((host) => ports.map((port) => ({ host, port })));
const hasBind = missing('named') === undefined;
const hasWebmail = noWebmail() === undefined;
const dir = tempDir('tandem-demo');
// Mail belongs to the accounts' own numbers, and its server must get through to it.
chmodSync(dir.path, 0o711);
/** Inherited by everything that the demo starts, also by what leaves its process group. */
const mark = `DEMO_TEST=${randomUUID()}`;
const env = { ...process.env, DEMO_TEST: mark.slice('DEMO_TEST='.length) };

function demo(...args: readonly string[]): Running {
  return run('./bin/tandem', ['demo', '--net', net, '--state', join(dir.path, 'state'), ...args], { env });
}

/** Processes that carry the mark, as pid and command. */
function left(): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      // Ended meanwhile, or somebody else's.
      return false;
    }
  });
}

function isTaken(where: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(where);
    socket.once('connect', () => socket.destroy(resolve(true) ?? undefined));
    socket.once('error', () => resolve(false));
  });
}

async function portsTaken(): Promise<readonly string[]> {
  const taken = await Promise.all(all.map(isTaken));
  return all.filter((_, n) => taken[n]).map(({ host, port }) => `${host}:${port}`);
}

async function welcomed(program: Running): Promise<void> {
  await vi.waitFor(
    () => {
      if (program.child.exitCode !== null) throw new Error(program.output());
      expect(program.output()).toContain('Ctrl-C ends everything.');
    },
    { timeout: 150_000, interval: 100 },
  );
}

/** The commands of the welcome text, lines that go on joined: what a reader pastes. */
function commands(text: string): readonly string[] {
  const joined = text.replaceAll(/\\\n\s*/g, '');
  return joined.split('\n').flatMap((line) => (/^ {3}(?:curl|dig|\.\/bin)/.test(line) ? [line.trim()] : []));
}

async function asked(url: string): Promise<{ readonly calls: readonly { readonly function: string }[] }> {
  // Cast: the control port's own shape.
  return (await (await fetch(url)).json()) as { readonly calls: readonly { readonly function: string }[] };
}

const execFileDone = promisify(execFile);
const paste = async (command: string) => (await execFileDone('bash', ['-c', command], { env })).stdout;

afterAll(() => dir.remove());

describe.skipIf(missing('redis-server') !== undefined)('the demo', () => {
  it('plays its story to the end, answers 0, and leaves neither process nor port', async () => {
    const program = demo('--check');
    await program.exited;
    expect(program.output()).not.toContain('✗');
    expect(program.output()).toContain('✓');
    expect(program.output().match(/✓/g)).toHaveLength((hasBind ? 9 : 6) + (hasWebmail ? 1 : 0));
    expect(program.child.exitCode).toBe(0);
    expect([left(), await portsTaken()]).toEqual([[], []]);
    // On a busy machine, with a build before it.
  }, 400_000);

  it.each(dailyEvery(2, ['SIGTERM', 'SIGINT'] as const))('%s while it starts leaves nothing', async (signal) => {
    const program = demo();
    await vi.waitFor(() => expect(program.output()).toContain('Starting Redis'), { timeout: 100_000, interval: 10 });
    await program.end(signal);
    await vi.waitFor(() => expect(left()).toEqual([]), 20_000);
    expect(await portsTaken()).toEqual([]);
  });

  it('a taken port is told with its holder, and what an earlier demo left is not touched', async () => {
    const journal = join(dir.path, 'state/state');
    expect(existsSync(journal)).toBe(true);
    const holder = createServer().listen(2087, hosts.m2);
    try {
      const program = demo();
      await program.exited;
      expect(program.child.exitCode).toBe(2);
      expect(program.output()).toContain(`${hosts.m2}:2087 is taken by node`);
      expect(program.output()).toContain(`(pid ${process.pid})`);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
    expect(existsSync(journal)).toBe(true);
    expect(left()).toEqual([]);
  });

  describe('while it runs', () => {
    let program: Running;
    let lines: readonly string[];
    beforeAll(async () => {
      program = demo();
      await welcomed(program);
      lines = commands(program.output());
    });
    afterAll(() => program.end('SIGTERM'));

    const line = (part: string): string => lines.find((one) => one.includes(part)) ?? `no command with ${part}`;

    it('its first command, pasted, creates an account on both masters', async () => {
      const answer: unknown = JSON.parse(await paste(line('createacct?api.version=1')));
      expect(answer).toMatchObject({ metadata: { result: 1, command: 'createacct' } });
      await vi.waitFor(async () => {
        for (const host of [hosts.m1, hosts.m2]) {
          const state = await (await fetch(`http://${host}:9087/_sim/state`)).text();
          expect(state).toContain('bob.example');
        }
      }, 40_000);
    });

    it('the commands of the second story take M2 down, add a mailbox meanwhile, and bring M2 back', async () => {
      await paste(line('"kind":"down"'));
      expect(await isTaken({ host: hosts.m2, port: 2087 })).toBe(false);
      const waiting = execFileDone('bash', ['-c', line('mailbox add')], { env }).catch((error: unknown) => error);
      // 4: accepted, and waiting for a master.
      expect(await waiting).toMatchObject({ code: 4, stdout: expect.stringContaining('M2') });
      await paste(line('-X DELETE'));
      await vi.waitFor(async () => {
        const state = await (await fetch(`http://${hosts.m2}:9087/_sim/state`)).text();
        expect(state).toMatch(/"info"|info@bakery\.example/);
      }, 40_000);
    });

    it('the command of the third story loses one answer, and the account is there once', async () => {
      await paste(line('"kind":"drop-after"'));
      const create = line('createacct?api.version=1').replaceAll('bob', 'dora');
      expect(JSON.parse(await paste(create))).toMatchObject({ metadata: { result: 1 } });
      const { calls } = await asked(`http://${hosts.m1}:9087/_sim/calls?limit=10000`);
      const sent = calls.filter((one) => one.function === 'createacct' && JSON.stringify(one).includes('dora.example'));
      expect(sent).toHaveLength(1);
    });

    it.skipIf(!hasBind)(
      'the commands of the fourth story: M1 is taken away, names follow to M2, and a return brings them back',
      async () => {
        const [taking, bringing] = [
          `http://${hosts.m1}:9087/_sim/faults -d '{"function":"*"`,
          `-X DELETE http://${hosts.m1}`,
        ];
        const answers = async (address: string) => {
          const { stdout } = await execFileDone('bash', ['-c', line('dig +short')], { env });
          expect(stdout.trim().split('\n')).toEqual([address, address]);
        };
        const soon = { timeout: 60_000, interval: 300 };
        await vi.waitFor(() => answers(hosts.m1), soon);
        await paste(line(taking));
        await vi.waitFor(() => answers(hosts.m2), soon);
        await paste(line(bringing));
        // Closed until M1 has been well for two seconds.
        await vi.waitFor(() => paste(line('failover return')), soon);
        await vi.waitFor(() => answers(hosts.m1), soon);
      },
      300_000,
    );

    it('Ctrl-C ends it and everything that it started', async () => {
      await program.end('SIGINT');
      expect(program.child.exitCode).toBe(0);
      await vi.waitFor(() => expect(left()).toEqual([]), 20_000);
      expect(await portsTaken()).toEqual([]);
    });
  });
});
