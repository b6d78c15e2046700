import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/index.ts';
import { Blocked, Invalid, NotAllowed, NotFound, Refused, Unreachable } from '../../../src/errors.ts';
import { leg, operation, tandem } from './desk.ts';

const add = [
  'mailbox',
  'add',
  '--address',
  'info@bob.example',
  '--account',
  'bob',
  '--quota-mb',
  '500',
  '--password-stdin',
];

describe('an action on the command line', () => {
  it('is typed with its fields as flags; the password comes from the standard input without its line break', async () => {
    const ran = await tandem(add, { stdin: 'Xy7 fast horse\n' });
    expect(ran).toMatchObject({ exit: 0, closed: 1 });
    expect(ran.accepted).toEqual([
      {
        action: 'mailbox.add',
        params: { account: 'bob', address: 'info@bob.example', quotaMb: '500', password: 'Xy7 fast horse' },
        actor: { kind: 'person', name: 'anna', scope: 'all', role: 'owner', address: 'local' },
        door: 'cli',
      },
    ]);
  });

  it('takes the password from a file', async () => {
    const argv = [...add.slice(0, -1), '--password-file', 'secret.txt'];
    const ran = await tandem(argv, { files: { 'secret.txt': 'from-file' } });
    expect(ran.accepted[0]?.params).toMatchObject({ password: 'from-file' });
  });

  it('takes no password on the command line, and says what to use instead', async () => {
    const ran = await tandem([...add.slice(0, -1), '--password', 'visible']);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain('--password-stdin');
    expect(ran.accepted).toEqual([]);
  });

  it('says with --dry-run what it would do and accepts nothing', async () => {
    const ran = await tandem([...add, '--dry-run']);
    expect(ran).toMatchObject({ exit: 0, accepted: [] });
    expect(ran.stdout).toContain('Email::add_pop');
  });

  it('names the flag of each wrong field', async () => {
    const ran = await tandem(add, {
      accept: () => {
        throw new Invalid('Add mailbox: the parameters are wrong.', [{ path: 'quotaMb', message: 'must be a number' }]);
      },
    });
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain('--quota-mb must be a number');
    expect(ran.stdout).toBe('');
  });

  it('passes the idempotency key and the wish to queue on', async () => {
    const ran = await tandem([...add, '--idempotency-key', 'k1', '--queue']);
    expect(ran.accepted[0]).toMatchObject({ idempotencyKey: 'k1', queue: true });
  });

  it('gives arguments of a generic call in order, with repeats', async () => {
    const ran = await tandem([
      'whm',
      'call',
      '--function',
      'setsiteip',
      '--args',
      'user=bob',
      '--args',
      'ip=192.0.2.5',
      '--args',
      'user=a=b',
    ]);
    expect(ran.stderr).toBe('');
    expect(ran.accepted[0]?.params).toMatchObject({
      function: 'setsiteip',
      args: [
        ['user', 'bob'],
        ['ip', '192.0.2.5'],
        ['user', 'a=b'],
      ],
    });
  });

  it('exists for every action of the catalogue, with help that names every flag', async () => {
    for (const { id, title } of actions) {
      const ran = await tandem([...id.split('.'), '--help']);
      expect(ran).toMatchObject({ exit: 0, configs: [] });
      expect(ran.stdout).toContain(title);
    }
  });
});

describe('the exit code', () => {
  it.each([
    ['done', 0],
    ['refused', 3],
    ['withdrawn', 3],
    ['undecided', 4],
    ['following', 4],
    ['accepted', 4],
  ] as const)('of an operation that is %s is %d', async (state, exit) => {
    const waiting = { state: 'waiting', waitsFor: { sentence: 'M2 unreachable' } } as const;
    const legs =
      state === 'following'
        ? [leg('m1'), leg('m2', waiting)]
        : [leg('m1', { state: 'held' }), leg('m2', { state: 'held' })];
    const ran = await tandem(add, { views: [operation({ state, legs })] });
    expect(ran.exit).toBe(exit);
  });

  it.each([
    [new Invalid('x'), 2],
    [new NotFound('x'), 2],
    [new Refused('x'), 3],
    [new NotAllowed('x'), 3],
    [new Blocked('x'), 4],
    [new Unreachable('x'), 5],
    [new TypeError('x'), 1],
  ])('of %o is %d', async (error, exit) => {
    const ran = await tandem(add, {
      accept: () => {
        throw error;
      },
    });
    expect(ran).toMatchObject({ exit, closed: 1 });
  });

  it('of a wrong configuration is 2', async () => {
    const ran = await tandem(['status', '--config', 'x.yaml'], {
      open: () => {
        throw new Invalid('masters: at least one is needed');
      },
    });
    expect(ran).toMatchObject({ exit: 2, configs: ['x.yaml'], stderr: 'masters: at least one is needed\n' });
  });

  it('of --no-wait is 0 once the operation is accepted, and nobody waits', async () => {
    const ran = await tandem([...add, '--no-wait'], {
      views: [operation({ state: 'accepted', legs: [leg('m1', { state: 'ready' })] })],
    });
    expect(ran).toMatchObject({ exit: 0, waits: 0 });
  });
});

describe('waiting', () => {
  const down = leg('m2', { state: 'waiting', waitsFor: { sentence: 'M2 unreachable since 13:41' } });

  it('goes on until both masters have it', async () => {
    const views = [
      operation({ state: 'accepted', legs: [leg('m1', { state: 'sent' }), leg('m2', { state: 'waiting' })] }),
      operation({ state: 'following', legs: [leg('m1'), leg('m2', { state: 'sent' })] }),
      operation(),
    ];
    const ran = await tandem(add, { views });
    expect(ran).toMatchObject({ exit: 0, waits: 2 });
    expect(ran.stdout).toContain('Done on m1 and m2.');
  });

  it('ends early when what is left waits for a master that is down, and says so', async () => {
    const ran = await tandem(add, { views: [operation({ state: 'following', legs: [leg('m1'), down] })] });
    expect(ran).toMatchObject({ exit: 4, waits: 0 });
    expect(ran.stdout).toContain('M2 unreachable since 13:41');
    expect(ran.stdout).toContain('Done on m1; m2 still to follow.');
  });

  it('lasts as long as --wait says when it was said', async () => {
    const ran = await tandem([...add, '--wait', '2'], {
      views: [operation({ state: 'following', legs: [leg('m1'), down] })],
    });
    expect(ran).toMatchObject({ exit: 4, waits: 4 });
  });

  it.each(['-1', 'x', '', '1e9'])('--wait %s is bad input, before anything is accepted', async (seconds) => {
    const ran = await tandem([...add, `--wait=${seconds}`]);
    expect(ran).toMatchObject({ exit: 2, accepted: [] });
  });

  it('shows both legs live on a terminal, and nothing twice', async () => {
    const first = operation({
      state: 'accepted',
      legs: [leg('m1', { state: 'sent' }), leg('m2', { state: 'waiting' })],
    });
    const ran = await tandem(add, { views: [first, first, operation()], tty: true });
    expect(ran.stdout.match(/Add mailbox/g)).toHaveLength(2);
    expect(ran.stdout.split('\u001b[J')[1]).toContain('Done on m1 and m2.');
  });
});

describe('--json', () => {
  it.each([[['--json', ...add]], [[...add, '--json']]])('prints exactly one document: %j', async (argv) => {
    const ran = await tandem(argv, { tty: true });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      id: '01OP',
      state: 'done',
      legs: [{ master: 'm1' }, { master: 'm2' }],
    });
    expect(ran.stdout.trim().split('\n')).toHaveLength(1);
  });

  it('prints failures as one document too', async () => {
    const ran = await tandem(['operation', '01NONE', '--json']);
    expect(ran.exit).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'not-found' } });
  });
});
