import { describe, expect, it } from 'vitest';
import { fixedCommands } from '../../../src/cli/help.ts';
import { plain, table } from '../../../src/cli/render.ts';
import { leg, operation, tandem } from './desk.ts';

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
      parts: { auth: { ...none, ...auth } },
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
    const ran = await tandem(argv, { parts: { auth: { ...none, ...auth } } });
    expect(ran).toMatchObject({ exit: 0, stdout: 'ABCDEF\n' });
    expect(inputs).toEqual([
      { owner: 'root', acl: ['read', 'mailbox.*', 'all'], addresses: [], expiresAt: 172_800_000 },
    ]);
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
    expect(ran.stdout).toContain('Disk full. You can: retry, skip.');
  });
});

const refuse = (): never => {
  throw new Error('not asked for');
};
const none = {
  personAdd: refuse,
  personRemove: refuse,
  people: refuse,
  tokenCreate: refuse,
  tokens: refuse,
  tokenRevoke: refuse,
};

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
