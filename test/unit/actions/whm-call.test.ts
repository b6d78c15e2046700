import { describe, expect, it } from 'vitest';
import { action, both, type Row } from './support.ts';

const call = action('whm.call');

describe('whm.call', () => {
  const rows: readonly Row[] = [
    [
      'an address becomes each master’s own',
      {
        function: 'setsiteip',
        args: [
          ['user', 'bob'],
          ['ip', '192.0.2.50'],
        ],
      },
      [],
      false,
      (p) => [`setsiteip user=bob ip=${p.master.id === 'm1' ? '192.0.2.50' : '198.51.100.50'}`],
    ],
    [
      'order and repeats stay',
      {
        function: 'php_set_vhost_versions',
        args: [
          ['version', 'ea-php82'],
          ['vhost', 'b.example'],
          ['vhost', 'a.example'],
        ],
      },
      [],
      false,
      ['php_set_vhost_versions version=ea-php82 vhost=b.example vhost=a.example'],
    ],
    [
      'a UAPI function runs as its account',
      {
        function: 'Email::add_domain_forwarder',
        api: 'uapi',
        user: 'bob',
        args: [
          ['domain', 'a.example'],
          ['destdomain', 'b.example'],
        ],
      },
      [],
      true,
      ['Email::add_domain_forwarder@bob domain=a.example destdomain=b.example'],
    ],
  ];
  it.each(rows)('%s', (...row) => {
    const { got, wanted } = both('whm.call', row);
    expect(got).toEqual(wanted);
  });

  it.each([
    ['an unknown function', { function: 'frobnicate' }, 'is not a known function'],
    ['a read', { function: 'listaccts' }, 'is not for all masters'],
    ['createacct', { function: 'createacct', args: [['username', 'x']] }, 'account.create'],
    [
      'an unknown argument',
      {
        function: 'setsiteip',
        args: [
          ['ip', '192.0.2.1'],
          ['user', 'bob'],
          ['x', '1'],
        ],
      },
      'has no argument x',
    ],
    ['a missing argument', { function: 'setsiteip', args: [['user', 'bob']] }, 'needs ip'],
    [
      'UAPI without an account',
      {
        function: 'Email::add_domain_forwarder',
        api: 'uapi',
        args: [
          ['domain', 'a.example'],
          ['destdomain', 'b.example'],
        ],
      },
      'is needed for UAPI',
    ],
    [
      'a line number',
      {
        function: 'removezonerecord',
        args: [
          ['zone', 'a.example'],
          ['line', '3'],
        ],
      },
      'is not for all masters',
    ],
  ])('%s is refused', (_sentence, input, message) => {
    const parsed = call.params.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues.map((issue) => issue.message).join()).toContain(message);
  });

  it('keys come from the table’s templates', () => {
    const names = (input: unknown) =>
      call.keys(call.params.parse(input)).map((k) => `${k.exclusive ? '' : '~'}${k.name}`);
    expect(
      names({
        function: 'setsiteip',
        args: [
          ['user', 'Bob'],
          ['ip', '192.0.2.1'],
        ],
      }),
    ).toContain('account:bob');
    expect(
      names({
        function: 'Email::add_domain_forwarder',
        api: 'uapi',
        user: 'bob',
        args: [
          ['domain', 'a.example'],
          ['destdomain', 'b.example'],
        ],
      }),
    ).toContain('account:bob');
  });

  it('what cannot be read back is made again only where the table calls it safe', () => {
    const again = (fn: string, args: readonly (readonly [string, string])[]) =>
      call.againFor?.(call.params.parse({ function: fn, args }));
    expect(
      again('editquota', [
        ['user', 'bob'],
        ['quota', '5'],
      ]),
    ).toBe('safe');
    expect(
      again('adddns', [
        ['domain', 'a.example'],
        ['ip', '192.0.2.1'],
      ]),
    ).toBe('never');
    expect(call.again).toBe('never');
  });

  it('secrets of the function are known', () => {
    const p = call.params.parse({
      function: 'passwd',
      args: [
        ['user', 'bob'],
        ['password', 's3cret-Word'],
      ],
    });
    expect(call.secrets?.(p)).toEqual(['s3cret-Word']);
  });
});
