import { describe, expect, it } from 'vitest';
import { action, both, no, ok, type Row } from './support.ts';

const pops = (...rows: Readonly<Record<string, unknown>>[]) => ok(rows);
const ann = (diskquota: unknown) => ({ email: 'ann@bob.example', login: 'ann@bob.example', diskquota, _diskquota: 0 });
const wish = { account: 'bob', address: 'Ann@bob.example', password: 'Str0ng-enough!', quotaMb: '250' };
const noUser = no('You do not have a user named “bob”.');
const add = 'Email::add_pop@bob email=ann domain=bob.example password=Str0ng-enough! quota=250';
const fwd = { account: 'bob', address: 'info@bob.example', to: 'Ann@Example.org' };
const fwdRow = { dest: 'info@bob.example', forward: 'ann@example.org', uri_dest: 'x' };
const auto = { account: 'bob', address: 'ann@bob.example', from: 'Ann', subject: 'Away', body: 'Back\r\nsoon' };
const autoSet = {
  from: 'Ann',
  subject: 'Away',
  body: 'Back\nsoon\n',
  is_html: 0,
  interval: '24',
  start: null,
  stop: '',
};
const autoCall =
  'Email::add_auto_responder@bob email=ann domain=bob.example from=Ann subject=Away body=Back\nsoon is_html=0 interval=24 start=0 stop=0 charset=utf-8';
const catchall = { account: 'bob', domain: 'bob.example', mode: 'refuse', message: 'No such person' };

const rows: readonly (readonly [string, ...Row])[] = [
  ['mailbox.add', 'makes the mailbox', wish, [pops()], false, [add]],
  [
    'mailbox.add',
    'refuses in cPanel’s words what is there before',
    wish,
    [pops(ann(250))],
    false,
    'refused: The email account "ann@bob.example" already exists!',
  ],
  ['mailbox.add', 'is settled when ours is there', wish, [pops(ann('250'))], true, 'settled'],
  [
    'mailbox.add',
    'sees a conflict in another quota',
    wish,
    [pops(ann('unlimited'))],
    true,
    'refused: The email account "ann@bob.example" already exists! It differs from what was asked for.',
  ],
  [
    'mailbox.add',
    'is refused without the account',
    wish,
    [noUser],
    false,
    'refused: You do not have a user named “bob”.',
  ],
  [
    'mailbox.password',
    'is always sent',
    { account: 'bob', address: 'ann@bob.example', password: 'N3w-password' },
    [],
    true,
    ['Email::passwd_pop@bob email=ann domain=bob.example password=N3w-password'],
  ],
  [
    'mailbox.quota',
    'sets the quota',
    { account: 'bob', address: 'ann@bob.example', quotaMb: 0 },
    [pops(ann(250))],
    false,
    ['Email::edit_pop_quota@bob email=ann domain=bob.example quota=unlimited'],
  ],
  [
    'mailbox.quota',
    'is settled on it',
    { account: 'bob', address: 'ann@bob.example', quotaMb: 'unlimited' },
    [pops(ann('unlimited'))],
    false,
    'settled',
  ],
  [
    'mailbox.quota',
    'needs the mailbox',
    { account: 'bob', address: 'ann@bob.example', quotaMb: 1 },
    [pops()],
    false,
    'refused: The email account "ann@bob.example" does not exist.',
  ],
  [
    'mailbox.delete',
    'deletes it',
    { account: 'bob', address: 'ann@bob.example' },
    [pops(ann(1))],
    false,
    ['Email::delete_pop@bob email=ann domain=bob.example'],
  ],
  [
    'mailbox.delete',
    'is settled when it is gone after our send',
    { account: 'bob', address: 'ann@bob.example' },
    [pops()],
    true,
    'settled',
  ],
  [
    'mailbox.delete',
    'refuses what was absent before',
    { account: 'bob', address: 'ann@bob.example' },
    [pops()],
    false,
    'refused: The email account "ann@bob.example" does not exist.',
  ],
  [
    'forwarder.add',
    'adds it',
    fwd,
    [ok([])],
    false,
    ['Email::add_forwarder@bob domain=bob.example email=info fwdopt=fwd fwdemail=Ann@example.org'],
  ],
  ['forwarder.add', 'is settled when it is there, as cPanel says', fwd, [ok([fwdRow])], false, 'settled'],
  [
    'forwarder.delete',
    'deletes it',
    fwd,
    [ok([fwdRow])],
    false,
    ['Email::delete_forwarder@bob address=info@bob.example forwarder=Ann@example.org'],
  ],
  [
    'forwarder.delete',
    'refuses what was absent before',
    fwd,
    [ok([])],
    false,
    'refused: There is no forwarder from info@bob.example to Ann@example.org.',
  ],
  ['forwarder.delete', 'is settled when it is gone after our send', fwd, [ok([])], true, 'settled'],
  ['autoresponder.set', 'sets it where there is none', auto, [no('none')], false, [autoCall]],
  ['autoresponder.set', 'sets it where another stands', auto, [ok({ ...autoSet, subject: 'Old' })], false, [autoCall]],
  ['autoresponder.set', 'is settled on it', auto, [ok(autoSet)], false, 'settled'],
  [
    'autoresponder.delete',
    'deletes it',
    { account: 'bob', address: 'ann@bob.example' },
    [ok([{ email: 'ann@bob.example', subject: 'Away' }])],
    false,
    ['Email::delete_auto_responder@bob email=ann@bob.example'],
  ],
  [
    'autoresponder.delete',
    'is settled when it is gone after our send',
    { account: 'bob', address: 'ann@bob.example' },
    [ok([])],
    true,
    'settled',
  ],
  [
    'autoresponder.delete',
    'refuses what was absent before',
    { account: 'bob', address: 'ann@bob.example' },
    [ok([])],
    false,
    'refused: There is no autoresponder for ann@bob.example.',
  ],
  [
    'default-address.set',
    'sets it',
    catchall,
    [ok([{ domain: 'bob.example', defaultaddress: 'bob' }])],
    false,
    ['Email::set_default_address@bob domain=bob.example fwdopt=fail failmsgs=No such person'],
  ],
  [
    'default-address.set',
    'is settled on it, with or without quotes',
    catchall,
    [ok([{ domain: 'bob.example', defaultaddress: '":fail: No such person"' }])],
    false,
    'settled',
  ],
  [
    'default-address.set',
    'discards',
    { account: 'bob', domain: 'bob.example', mode: 'discard' },
    [ok([{ domain: 'bob.example', defaultaddress: ':blackhole:' }])],
    false,
    'settled',
  ],
  [
    'default-address.set',
    'forwards',
    { account: 'bob', domain: 'bob.example', mode: 'forward', to: 'a@b.example' },
    [ok([{ domain: 'bob.example', defaultaddress: ':blackhole:' }])],
    true,
    ['Email::set_default_address@bob domain=bob.example fwdopt=fwd fwdemail=a@b.example'],
  ],
  [
    'default-address.set',
    'needs the domain',
    catchall,
    [ok([])],
    false,
    'refused: The account has no domain bob.example.',
  ],
];

describe('mail', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });

  it('an unknown shape is garbled, not absent', () => {
    expect(() => both('mailbox.add', ['', wish, [ok({ pops: [] })], false, ''])).toThrow('no known shape');
  });

  it('a mailbox’s password may not hold its name', () => {
    expect(
      action('mailbox.add').params.safeParse({ ...wish, address: 'annabel@bob.example', password: 'Annabel-1234' })
        .success,
    ).toBe(false);
  });
});
