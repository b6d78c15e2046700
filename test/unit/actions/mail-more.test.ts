import { describe, expect, it } from 'vitest';
import { action, both, no, ok, type Row } from './support.ts';

const ann = (change: object = {}) =>
  ok([{ email: 'ann@bob.example', suspended_login: 0, suspended_incoming: 0, suspended_outgoing: 0, ...change }]);
const access = { account: 'bob', address: 'ann@bob.example' };
const noUser = no('You do not have a user named “bob”.');

const rule = { part: '$header_subject:', match: 'contains', value: 'win' };
const filter = {
  account: 'bob',
  address: 'ann@bob.example',
  name: 'Junk',
  rules: [rule, { ...rule, value: 'prize' }],
  actions: [{ does: 'save', to: '$home/mail/bob.example/ann/.Junk' }, { does: 'finish' }],
};
const stored = {
  filtername: 'Junk',
  enabled: '1',
  rules: [
    { part: '$header_subject:', match: 'contains', val: 'win', opt: 'or' },
    { part: '$header_subject:', match: 'contains', val: 'prize', opt: null },
  ],
  actions: [
    { action: 'save', dest: '$home/mail/bob.example/ann/.Junk' },
    { action: 'finish', dest: null },
  ],
};
const store =
  'Email::store_filter@bob account=ann@bob.example filtername=Junk ' +
  'part1=$header_subject: match1=contains val1=win opt1=or part2=$header_subject: match2=contains val2=prize opt2=or ' +
  'action1=save dest1=$home/mail/bob.example/ann/.Junk action2=finish';
const whole = { account: 'bob', name: 'Junk' };

const mxs = (mxcheck: string) => ok([{ domain: 'bob.example', mxcheck }]);
const routing = { account: 'bob', domain: 'bob.example', routing: 'local' };

const spam = { account: 'bob', enabled: true, box: true, requiredScore: 5 };
const settings = (change: object = {}) =>
  ok({ spam_enabled: 1, spam_box_enabled: 1, spam_auto_delete: 0, spam_auto_delete_score: null, ...change });
const preferences = ok({ required_score: ['5'], whitelist_from: [], blacklist_from: [] });

const rows: readonly (readonly [string, ...Row])[] = [
  [
    'mailbox.access',
    'suspends only what differs',
    { ...access, login: false, incoming: true },
    [ann()],
    false,
    ['Email::suspend_login@bob email=ann@bob.example'],
  ],
  ['mailbox.access', 'is settled on it', { ...access, login: false }, [ann({ suspended_login: '1' })], true, 'settled'],
  [
    'mailbox.access',
    'tells a server that does not list outgoing mail',
    { ...access, outgoing: false },
    [ok([{ email: 'ann@bob.example', suspended_login: 0, suspended_incoming: 0 }])],
    false,
    ['Email::suspend_outgoing@bob email=ann@bob.example'],
  ],
  [
    'mailbox.access',
    'needs the mailbox',
    { ...access, login: false },
    [ok([])],
    false,
    'refused: The email account "ann@bob.example" does not exist.',
  ],
  ['mail-filter.set', 'stores a new one', filter, [ok([])], false, [store]],
  ['mail-filter.set', 'is settled when the same stands there', filter, [ok([stored])], true, 'settled'],
  [
    'mail-filter.set',
    'replaces one that joins its rules in another way',
    { ...filter, join: 'and' },
    [ok([stored])],
    false,
    [store.replace('opt1=or', 'opt1=and').replace('opt2=or', 'opt2=and')],
  ],
  [
    'mail-filter.set',
    'is refused without the account',
    filter,
    [noUser],
    false,
    'refused: You do not have a user named “bob”.',
  ],
  [
    'mail-filter.delete',
    'of the whole account, by its name',
    whole,
    [ok([stored])],
    false,
    ['Email::delete_filter@bob account=bob filtername=Junk'],
  ],
  ['mail-filter.delete', 'is settled when it is gone after our send', whole, [ok([])], true, 'settled'],
  [
    'mail-filter.delete',
    'refuses what was absent before',
    whole,
    [ok([])],
    false,
    'refused: The filter “Junk” does not exist.',
  ],
  [
    'mail-filter.switch',
    'off',
    { ...whole, enabled: false },
    [ok([stored])],
    false,
    ['Email::disable_filter@bob account=bob filtername=Junk'],
  ],
  ['mail-filter.switch', 'is settled on it', { ...whole, enabled: true }, [ok([stored])], true, 'settled'],
  [
    'mail-routing.set',
    'the same on every master',
    routing,
    [mxs('auto')],
    false,
    ['Email::set_always_accept@bob domain=bob.example mxcheck=local'],
  ],
  ['mail-routing.set', 'is settled on it', routing, [mxs('local')], false, 'settled'],
  ['mail-routing.set', 'needs the domain', routing, [ok([])], false, 'refused: The account has no domain bob.example.'],
  ['spam.set', 'is settled on what is there', spam, [settings(), preferences], false, 'settled'],
  [
    'spam.set',
    'calls only what differs',
    { ...spam, box: false, deleteScore: 9, requiredScore: 4, allow: ['*@friend.example', 'a@b.example'] },
    [settings({ spam_enabled: 0 }), preferences],
    false,
    [
      'Email::enable_spam_assassin@bob',
      'Email::disable_spam_box@bob',
      'Email::add_spam_filter@bob required_score=9',
      'SpamAssassin::update_user_preference@bob preference=required_score value=4',
      'SpamAssassin::update_user_preference@bob preference=whitelist_from value=*@friend.example value-1=a@b.example',
    ],
  ],
  [
    'spam.set',
    'takes deleting back',
    spam,
    [settings({ spam_auto_delete: 1, spam_auto_delete_score: 8 }), preferences],
    false,
    ['Email::disable_spam_autodelete@bob'],
  ],
  [
    'spam.set',
    'is refused where the feature is off',
    spam,
    [no('You do not have the feature “spamassassin”.'), preferences],
    false,
    'refused: You do not have the feature “spamassassin”.',
  ],
];

describe('mail beyond mailboxes', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });

  it.each([
    ['a folder outside of the mailbox', { does: 'save', to: '/home/../etc/passwd' }],
    ['a folder of another mailbox', { does: 'save', to: '$home/mail/bob.example/eve/.Junk' }],
    ['no address', { does: 'deliver', to: 'nobody' }],
    ['no message', { does: 'fail' }],
    ['a program', { does: 'pipe', to: '/bin/sh' }],
  ])('a filter does not take %s', (_what, deed) => {
    expect(action('mail-filter.set').params.safeParse({ ...filter, actions: [deed] }).success).toBe(false);
  });

  it('what a mailbox user may do names its mailbox', () => {
    const subject = (id: string, params: object) => action(id).subject(action(id).params.parse(params));
    expect(subject('mail-filter.set', filter)).toMatchObject({ account: 'bob', mailbox: 'ann@bob.example' });
    expect(subject('mail-filter.delete', whole)).not.toHaveProperty('mailbox');
    expect(subject('mailbox.access', { ...access, login: true })).toMatchObject({ mailbox: 'ann@bob.example' });
  });
});
