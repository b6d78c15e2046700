import { describe, expect, it } from 'vitest';
import type { TokenChange } from '../../../src/auth/tokens.ts';
import { fixedCommands } from '../../../src/cli/help.ts';
import { plain, table } from '../../../src/cli/render.ts';
import type { Actor, Status } from '../../../src/operations/model.ts';
import { leg, noAuth, operation, tandem } from './desk.ts';

const refuse = (): never => {
  throw new Error('not asked for');
};

describe('commands', () => {
  it('a role gets the arguments after its name', async () => {
    expect((await tandem(['web', '--config', 'x'])).exit).toBe(2);
  });

  it.each([[[]], [['help']], [['--help']], [['-h']]])('help is shown for %j without a configuration', async (argv) => {
    const ran = await tandem(argv);
    expect(ran).toMatchObject({ exit: 0, configs: [] });
    for (const [usage] of fixedCommands) expect(ran.stdout).toContain(usage);
    expect(ran.stdout).toMatch(/mailbox +.*add/);
  });

  it.each([[['help', 'mailbox']], [['mailbox']], [['mailbox', '--help']]])(
    '%j lists the verbs of an object',
    async (argv) => {
      const ran = await tandem(argv);
      expect(ran.stdout).toContain('tandem mailbox add');
      expect(ran.stdout).not.toContain('tandem account create');
    },
  );

  it.each([
    [['help', 'status'], 'tandem status', 'tandem doctor'],
    [['status', '--help'], 'tandem status', 'tandem doctor'],
    [['help', 'adopt'], 'retry|adopt|skip|undo ID MASTER', 'tandem status'],
    [['help', 'token'], 'token revoke ID', 'tandem status'],
    [['functions', '--help'], 'tandem functions [NAME]', 'tandem status'],
  ])('%j is about that command alone', async (argv, shown, hidden) => {
    const ran = await tandem(argv);
    expect(ran).toMatchObject({ exit: 0, configs: [] });
    expect(ran.stdout).toContain(shown);
    expect(ran.stdout).not.toContain(hidden);
  });

  it.each([
    [['nope']],
    [['mailbox', 'nope']],
    [['status', '--nope']],
    [['operation']],
    [['retry', '01OP']],
    [['constructor']],
    [['__proto__']],
  ])('%j is bad input', async (argv) => {
    const ran = await tandem(argv);
    expect(ran.exit).toBe(2);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).not.toBe('');
  });

  it('crash-points and version need no configuration', async () => {
    expect(await tandem(['crash-points'])).toMatchObject({ exit: 0, stdout: 'accept.before\n', configs: [] });
    expect(await tandem(['version'])).toMatchObject({ exit: 0, stdout: '1.2.3\n', configs: [] });
  });

  it('functions tells treatment and reason', async () => {
    const ran = await tandem(['functions', 'createacct']);
    expect(ran.stdout).toMatch(/treatment +fan-out/);
    expect(await tandem(['functions', 'no_such_function'])).toMatchObject({ exit: 2 });
    const refused = await tandem(['functions', '--treatment', 'refused', '--json']);
    expect(JSON.parse(refused.stdout).functions.length).toBeGreaterThan(0);
  });

  it('person add takes the password from the standard input', async () => {
    const added: unknown[] = [];
    const auth = {
      personAdd: async (input: { name: string; role: string; password: string }) => {
        added.push(input);
        return { name: input.name, role: 'owner' as const, createdAt: 0 };
      },
    };
    const ran = await tandem(['person', 'add', 'anna', '--role', 'owner', '--password-stdin'], {
      stdin: 'pw pw pw\r\n',
      parts: { auth: { ...noAuth, ...auth } },
    });
    expect(ran.exit).toBe(0);
    expect(added).toEqual([{ name: 'anna', role: 'owner', password: 'pw pw pw' }]);
    expect(ran.stdout).not.toContain('pw pw');
  });

  it('token create prints the token and nothing else', async () => {
    const inputs: unknown[] = [];
    const auth = {
      tokenCreate: async (input: unknown) => {
        inputs.push(input);
        return {
          token: 'ABCDEF',
          info: { id: '1', label: '', owner: 'root', acl: ['all'], addresses: [], createdAt: 0 },
        };
      },
    };
    const argv = ['token', 'create', '--user', 'root', '--acl', 'read,mailbox.*', '--acl', 'all', '--days', '2'];
    const ran = await tandem(argv, { parts: { auth: { ...noAuth, ...auth } } });
    expect(ran).toMatchObject({ exit: 0, stdout: 'ABCDEF\n' });
    expect(inputs).toEqual([
      { owner: 'root', acl: ['read', 'mailbox.*', 'all'], addresses: [], expiresAt: 172_800_000 },
    ]);
  });

  it('token patience says how long calls with it wait, and token create takes it too', async () => {
    const asked: unknown[] = [];
    const info = { id: '1', label: '', owner: 'root', acl: ['all'], addresses: [], createdAt: 0 };
    const auth = {
      tokenCreate: async (input: unknown) => {
        asked.push(input);
        return { token: 'ABCDEF', info };
      },
      tokenUpdate: async (id: string, change: TokenChange) => {
        asked.push([id, change]);
        return change.waitMs == null ? info : { ...info, waitMs: change.waitMs };
      },
      tokens: async () => [{ ...info, waitMs: 300_000 }],
    };
    const said = async (...argv: string[]) => (await tandem(argv, { parts: { auth: { ...noAuth, ...auth } } })).stdout;
    await said('token', 'create', '--user', 'root', '--acl', 'all', '--patience', '9');
    expect(await said('token', 'patience', '1', '--patience', '300')).toBe('Calls with it wait at most 300 seconds.\n');
    expect(await said('token', 'patience', '1', '--patience', 'default')).toContain('as is configured');
    expect(await said('token', 'list')).toContain('300 s');
    expect(asked).toEqual([
      { owner: 'root', acl: ['all'], addresses: [], waitMs: 9000 },
      ['1', { waitMs: 300_000 }],
      ['1', { waitMs: null }],
    ]);
    const without = await tandem(['token', 'patience', '1'], { parts: { auth: { ...noAuth, ...auth } } });
    expect(without.exit).toBe(2);
  });

  it('doctor exits 2 when something failed', async () => {
    const checks = [
      { check: 'journal', state: 'failed' as const, sentence: 'synchronous is off.', hint: 'Set it to FULL.' },
    ];
    const ran = await tandem(['doctor'], { parts: { doctor: async () => checks } });
    expect(ran.exit).toBe(2);
    expect(ran.stdout).toContain('Set it to FULL.');
  });

  it('verify reports each difference while it runs and exits 3', async () => {
    const ran = await tandem(['verify', 'm1', '--read-only'], {
      parts: {
        verify: async (_master, options) => {
          const check = { check: 'version', state: 'different' as const, sentence: `read only ${options.readOnly}` };
          options.progress(check);
          return [check];
        },
      },
    });
    expect(ran.exit).toBe(3);
    expect(ran.stderr).toContain('read only true');
    expect(ran.stdout).toContain('1 different');
  });

  it('operation shows causes and choices of a held leg', async () => {
    const held = leg('m2', { state: 'held', error: { code: 'x', message: 'Disk full.' }, choices: ['retry', 'skip'] });
    const ran = await tandem(['operation', '01OP'], {
      views: [operation({ state: 'following', legs: [leg('m1'), held] })],
    });
    expect(ran.exit).toBe(4);
    expect(ran.stdout).toContain('Disk full.');
    expect(ran.stdout).toContain(
      'm2 waits for your decision:\n  tandem retry 01OP m2   try again on m2\n  tandem skip 01OP m2 ',
    );
    expect(ran.stdout).not.toContain('tandem adopt');
  });

  it('operation says a cause once', async () => {
    const held = leg('m2', {
      state: 'held',
      waitsFor: { sentence: 'on hold on M2: M2: Disk full' },
      error: { code: 'x', message: 'M2: Disk full', hint: 'Make room.' },
    });
    const ran = await tandem(['operation', '01OP'], { views: [operation({ legs: [leg('m1'), held] })] });
    expect(ran.stdout.split('Disk full')).toHaveLength(2);
    expect(ran.stdout).toContain('M2: Disk full. Make room.');
  });

  it('operations on hold say how to decide', async () => {
    const held = operation({ state: 'following', legs: [leg('m1'), leg('m2', { state: 'held' })] });
    const ran = await tandem(['operations', '--state', 'held'], { views: [held] });
    expect(ran.stdout).toContain('tandem operation ID');
    expect((await tandem(['operations'], { views: [operation()] })).stdout).not.toContain('tandem operation ID');
  });

  it.each(['retry', 'adopt', 'skip', 'undo'])('%s takes M2 for m2, and knows what is there', async (choice) => {
    const chosen: string[] = [];
    const choose = async (id: string, master: string, what: string) => {
      chosen.push(`${what} ${id} ${master}`);
      return operation();
    };
    const ran = await tandem([choice, '01OP', 'M2'], { views: [operation()], operations: { choose } });
    expect([ran.exit, chosen]).toEqual([0, [`${choice} 01OP m2`]]);
    const none = await tandem([choice, '01NO', 'm2'], { operations: { choose } });
    expect(none).toMatchObject({ exit: 2, stderr: 'There is no operation 01NO.\nSee: tandem operations\n' });
  });
});

describe('a word that is no command', () => {
  it.each([
    [['nope', '--config', 'x'], '“nope” is no command.\nSee: tandem help\n'],
    [['mailbox', 'nope'], '“mailbox” has no verb “nope”.\nSee: tandem help mailbox\n'],
  ])('%j', async (argv, stderr) => {
    expect(await tandem(argv)).toMatchObject({ exit: 2, stderr });
  });
});

const pair: Status = {
  light: 'degraded',
  sentence: 'Degraded: M2 parked since 20:14 UTC',
  next: 'M2 is parked: Access denied. Put right what parked it, then: tandem resume m2.',
  masters: [
    { ...{ id: 'm1', name: 'M1', site: 'London', hostname: 'a' }, state: 'reachable', since: '', backlog: 0, held: 0 },
    {
      ...{ id: 'm2', name: 'M2', site: 'Oslo', hostname: 'b', state: 'parked', reason: 'Access denied' },
      ...{ since: '2026-01-01T20:14:00.000Z', backlog: 2, held: 1, version: '11.138.0.1' },
    },
  ],
  open: 2,
  held: 1,
  drift: 0,
  redis: 'up',
  workers: 1,
  journal: { kind: 'sqlite', nodes: 1, singlePointOfFailure: true },
};

describe('the pair', () => {
  const reads = { status: async () => pair, accounts: refuse, call: refuse, order: refuse };

  it('is said in one sentence, and last what to type next', async () => {
    const ran = await tandem(['status'], { parts: { reads } });
    const lines = ran.stdout.trimEnd().split('\n');
    expect(ran.exit).toBe(0);
    expect(lines[0]).toBe('Degraded: M2 parked since 20:14 UTC.');
    expect(lines.at(-1)).toBe(pair.next);
    expect(ran.stdout).toContain('since 2026-01-01 20:14: Access denied');
  });

  it('names the versions when they differ', async () => {
    const masters = pair.masters.map((m) => ({ ...m, version: m.id === 'm1' ? '11.134.0.20' : '11.138.0.1' }));
    const status = async () => ({ ...pair, masters });
    const ran = await tandem(['status'], { parts: { reads: { ...reads, status } } });
    expect(ran.stdout).toContain('M1 runs 11.134.0.20, M2 runs 11.138.0.1.');
    expect((await tandem(['status'], { parts: { reads } })).stdout).not.toContain('different versions');
  });

  it.each(['resume', 'adopt-master'])('%s takes a master by id or name', async (command) => {
    const told: string[] = [];
    const note = async (master: string, actor: Actor) => void told.push(`${actor.name} ${master}`);
    for (const typed of ['m2', 'M2', 'm9'])
      await tandem([command, typed], { parts: { reads }, operations: { resume: note, adoptMaster: note } });
    expect(told).toEqual(['anna m2', 'anna m2', 'anna m9']);
    const ran = await tandem([command], { parts: { reads }, operations: { resume: note, adoptMaster: note } });
    expect(ran).toMatchObject({ exit: 2, stderr: 'The master is missing.\nName one of: m1, m2.\n' });
  });
});

describe('what is printed', () => {
  it('cannot move the cursor of who reads it', () => {
    expect(plain('a\u001b[2Jb\u009bc\nd\u202ee')).toBe('a [2Jb c d e');
    expect(table(['A', 'B'], [['x\u001b[31m', 'y']])).not.toContain('\u001b');
  });

  it('stands in columns', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['long', 'x'],
          ['s', ''],
        ],
      ),
    ).toBe('A     B\nlong  x\ns\n');
  });
});
