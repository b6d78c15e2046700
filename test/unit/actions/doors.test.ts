import { describe, expect, it } from 'vitest';
import { covered, fieldsOf, redact, secretsOf } from '../../../src/actions/index.ts';
import { action } from './support.ts';

describe('forms and secrets', () => {
  it('a field knows its input, its options and its default', () => {
    const fields = new Map(fieldsOf(action('dns.add-record')).map((f) => [f.name, f]));
    expect(fields.get('type')).toMatchObject({
      input: 'select',
      required: true,
      options: ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'SRV', 'CAA'],
    });
    expect(fields.get('ttl')).toMatchObject({ required: false, default: 14_400 });
    expect(fieldsOf(action('account.password')).find((f) => f.name === 'databases')).toMatchObject({
      input: 'checkbox',
      default: true,
    });
  });

  it('secrets are covered, and nothing else', () => {
    const create = action('account.create');
    const p = create.params.parse({ account: 'bob', domain: 'bob.example', password: 'Str0ng-enough!' });
    expect(redact(create, p)).toMatchObject({ account: 'bob', domain: 'bob.example', password: '•••' });
    expect(secretsOf(create, p)).toEqual(['Str0ng-enough!']);
    const call = action('whm.call');
    const q = call.params.parse({
      function: 'passwd',
      args: [
        ['user', 'bob'],
        ['password', 'Str0ng-enough!'],
      ],
    });
    expect(redact(call, q)).toMatchObject({
      args: [
        ['user', 'bob'],
        ['password', '•••'],
      ],
    });
    expect(secretsOf(call, q)).toEqual(['Str0ng-enough!']);
  });
});

describe('passthrough calls', () => {
  const user = ['cpanel.user', 'bob'] as const;
  it.each([
    [
      'createacct',
      [
        ['username', 'bob'],
        ['domain', 'bob.example'],
        ['password', 'x'],
        ['plan', 'gold'],
        ['useregns', '0'],
      ],
      'account.create',
      { account: 'bob', domain: 'bob.example', password: 'x', plan: 'gold' },
    ],
    [
      'createacct',
      [
        ['username', 'bob'],
        ['pass', 'x'],
        ['api.version', '1'],
      ],
      'account.create',
      { account: 'bob', password: 'x' },
    ],
    [
      'createacct',
      [
        ['username', 'bob'],
        ['forcedns', '1'],
      ],
      'account.create',
      { account: 'bob', forcedns: '1' },
    ],
    [
      'removeacct',
      [
        ['user', 'bob'],
        ['keepdns', '1'],
      ],
      'account.terminate',
      { account: 'bob', keepDns: '1', archive: 'verified' },
    ],
    [
      'passwd',
      [
        ['user', 'bob'],
        ['pass', 'x'],
      ],
      'account.password',
      { account: 'bob', password: 'x' },
    ],
    [
      'modifyacct',
      [
        ['user', 'bob'],
        ['newuser', 'rob'],
      ],
      'account.rename',
      { account: 'bob', newName: 'rob' },
    ],
    [
      'modifyacct',
      [
        ['user', 'bob'],
        ['MAXPOP', '3'],
      ],
      'account.modify',
      { account: 'bob', maxMailboxes: '3' },
    ],
    [
      'addzonerecord',
      [
        ['domain', 'a.example'],
        ['name', 'x'],
        ['type', 'mx'],
        ['class', 'IN'],
        ['exchange', 'm.example'],
        ['preference', '5'],
      ],
      'dns.add-record',
      { zone: 'a.example', name: 'x', type: 'MX', value: 'm.example', priority: '5' },
    ],
    [
      'Email::add_pop',
      [user, ['email', 'ann'], ['domain', 'bob.example'], ['password', 'x']],
      'mailbox.add',
      { account: 'bob', address: 'ann@bob.example', password: 'x' },
    ],
    [
      'Email::set_default_address',
      [user, ['domain', 'a.example'], ['fwdopt', 'blackhole']],
      'default-address.set',
      { account: 'bob', domain: 'a.example', mode: 'discard' },
    ],
    [
      'AddonDomain::deladdondomain',
      [user, ['domain', 'n.example'], ['subdomain', 'new_bob.example']],
      'domain.remove-addon',
      { account: 'bob', domain: 'n.example', subdomain: 'new' },
    ],
    [
      'Ftp::add_ftp',
      [user, ['user', 'up@bob.example'], ['pass', 'x']],
      'ftp.add',
      { account: 'bob', login: 'up', domain: 'bob.example', password: 'x' },
    ],
  ] as const)('%s %j becomes %s', (fn, raw, id, params) => {
    expect(covered(fn, raw)).toMatchObject({ action: { id }, params });
    expect(Object.keys(covered(fn, raw)?.params ?? {}).sort()).toEqual(Object.keys(params).sort());
  });

  it.each([
    [
      'an argument that no action has a word for',
      'modifyacct',
      [
        ['user', 'bob'],
        ['BWLIMIT', '5'],
      ],
    ],
    [
      'a rename with a change',
      'modifyacct',
      [
        ['user', 'bob'],
        ['newuser', 'rob'],
        ['MAXPOP', '3'],
      ],
    ],
    [
      'two values for one thing',
      'suspendacct',
      [
        ['user', 'bob'],
        ['username', 'eve'],
      ],
    ],
    [
      'a forwarder into a pipe',
      'Email::add_forwarder',
      [user, ['email', 'a'], ['domain', 'b.example'], ['fwdopt', 'pipe'], ['pipefwd', 'x']],
    ],
    ['an FTP login with its files', 'Ftp::delete_ftp', [user, ['user', 'up@bob.example'], ['destroy', '1']]],
    ['a mailbox without its domain', 'Email::add_pop', [user, ['email', 'ann'], ['password', 'x']]],
    [
      'a record of a type that is not offered',
      'addzonerecord',
      [
        ['domain', 'a.example'],
        ['type', 'NS'],
        ['nsdname', 'x'],
      ],
    ],
    ['a function that nobody covers', 'setsiteip', [['user', 'bob']]],
  ] as const)('%s is left alone', (_sentence, fn, raw) => {
    expect(covered(fn, raw)).toBeUndefined();
  });

  it('what createacct is asked beyond the action is refused by name', () => {
    const found = covered('createacct', [
      ['username', 'bob'],
      ['domain', 'bob.example'],
      ['maxpop', '3'],
    ]);
    const parsed = found?.action.params.safeParse(found.params);
    expect(parsed?.error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['maxpop'] });
  });
});
