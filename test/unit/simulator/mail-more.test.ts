import { describe, expect, test } from 'vitest';
import { account, strong, type TestServer, testServer } from './server.ts';

function server(more: Readonly<Record<string, string | number>> = {}): TestServer {
  const made = testServer('m1', '192.0.2.1');
  account('bob', [made], more);
  return made;
}

const list = { list: 'news', domain: 'bob.example', password: strong };

describe('mailing lists', () => {
  test('a private one is not advertised and asks for approval', () => {
    const m1 = server();
    m1.data(m1.uapi('bob', 'Email::add_list', { ...list, private: 1 }));
    expect(m1.data(m1.uapi('bob', 'Email::list_lists'))).toMatchObject([
      {
        list: 'news@bob.example',
        listid: 'news_bob.example',
        accesstype: 'private',
        advertised: 0,
        subscribe_policy: 3,
      },
    ]);
  });

  test('a second one of the name, one over the limit, and one against a mailbox are refused', () => {
    const m1 = server({ maxlst: 1 });
    m1.uapi('bob', 'Email::add_pop', { email: 'post', domain: 'bob.example', password: strong });
    expect(m1.uapi('bob', 'Email::add_list', { ...list, list: 'post' })).toMatchObject({ ok: false });
    m1.data(m1.uapi('bob', 'Email::add_list', list));
    expect(m1.uapi('bob', 'Email::add_list', list)).toMatchObject({
      reason: 'The mailing list “news@bob.example” already exists.',
    });
    expect(m1.uapi('bob', 'Email::add_list', { ...list, list: 'more' })).toMatchObject({ ok: false });
  });

  test('its password and privacy change, and it can be deleted', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::add_list', list);
    const one = { list: 'news@bob.example' };
    m1.data(
      m1.uapi('bob', 'Email::set_list_privacy_options', {
        ...one,
        advertised: 0,
        archive_private: 1,
        subscribe_policy: 2,
      }),
    );
    expect(m1.data(m1.uapi('bob', 'Email::list_lists'))).toMatchObject([{ archive_private: 1, subscribe_policy: 2 }]);
    expect(m1.uapi('bob', 'Email::passwd_list', { ...one, password: 'x' })).toMatchObject({ ok: false });
    m1.data(m1.uapi('bob', 'Email::delete_list', one));
    expect(m1.data(m1.uapi('bob', 'Email::count_lists'))).toBe(0);
  });
});

test('lists follow the account to another name and another main domain', () => {
  const m1 = server();
  m1.uapi('bob', 'Email::add_list', list);
  m1.whm('modifyacct', { user: 'bob', newuser: 'rob', domain: 'rob.example' });
  expect(m1.data(m1.uapi('rob', 'Email::list_lists'))).toMatchObject([{ list: 'news@rob.example' }]);
  m1.whm('removeacct', { username: 'rob' });
  expect(m1.engine.state.dump()['mailing-lists']).toBeUndefined();
});

describe('filters', () => {
  const filter = {
    filtername: 'spam',
    part1: '$header_subject:',
    match1: 'contains',
    val1: 'win',
    action1: 'save',
    dest1: '/dev/null',
  };

  test('one is stored with its rules and actions, and listed as it was given', () => {
    const m1 = server();
    expect(m1.data(m1.uapi('bob', 'Email::store_filter', filter))).toEqual({ account: 'bob' });
    expect(m1.data(m1.uapi('bob', 'Email::list_filters'))).toEqual([
      {
        actions: [{ action: 'save', dest: '/dev/null' }],
        enabled: 1,
        filtername: 'spam',
        rules: [{ part: '$header_subject:', match: 'contains', val: 'win', opt: 'or' }],
        unescaped: false,
      },
    ]);
  });

  test('storing it again replaces it, also under another name', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::store_filter', filter);
    m1.uapi('bob', 'Email::disable_filter', { account: 'bob', filtername: 'spam' });
    m1.api2('bob', 'Email::storefilter', { ...filter, filtername: 'junk', oldfiltername: 'spam' });
    expect(m1.data(m1.api2('bob', 'Email::filterlist'))).toMatchObject([{ filtername: 'junk', enabled: 0 }]);
  });

  test('they stand in the order that was asked for', () => {
    const m1 = server();
    for (const filtername of ['a', 'b', 'c']) m1.uapi('bob', 'Email::store_filter', { ...filter, filtername });
    m1.data(m1.uapi('bob', 'Email::reorder_filters', { mailbox: 'bob', filter1: 'c', filter2: 'a', filter3: 'b' }));
    const names = m1.data(m1.uapi('bob', 'Email::list_filters')) as readonly { filtername: string }[];
    expect(names.map((f) => f.filtername)).toEqual(['c', 'a', 'b']);
  });

  test('a mailbox has its own', () => {
    const m1 = server();
    m1.uapi('bob', 'Email::add_pop', { email: 'a', domain: 'bob.example', password: strong });
    m1.data(m1.uapi('bob', 'Email::store_filter', { ...filter, account: 'a@bob.example' }));
    expect(m1.data(m1.uapi('bob', 'Email::list_filters'))).toEqual([]);
    expect(m1.data(m1.uapi('bob', 'Email::list_filters', { account: 'a@bob.example' }))).toHaveLength(1);
    expect(m1.uapi('bob', 'Email::store_filter', { ...filter, account: 'no@bob.example' })).toMatchObject({
      ok: false,
    });
  });
});

test('the switches of SpamAssassin are seen in its settings', () => {
  const m1 = server();
  m1.uapi('bob', 'Email::disable_spam_assassin');
  m1.uapi('bob', 'Email::enable_spam_box');
  m1.uapi('bob', 'Email::add_spam_filter', { required_score: 8 });
  expect(m1.data(m1.uapi('bob', 'Email::get_spam_settings'))).toMatchObject({
    spam_enabled: 0,
    spam_box_enabled: 1,
    spam_auto_delete: 1,
    spam_auto_delete_score: 8,
  });
  m1.uapi('bob', 'SpamAssassin::update_user_preference', { preference: 'whitelist_from', value: 'a@b.example' });
  expect(m1.data(m1.uapi('bob', 'SpamAssassin::get_user_preferences'))).toMatchObject({
    whitelist_from: ['a@b.example'],
    required_score: ['5'],
  });
});

test('addresses are swapped in the named zones alone, and ftp may get another', () => {
  const m1 = server();
  const ask = { domain: 'bob.example', source_ip: '192.0.2.1', dest_ip: '192.0.2.9' };
  const rows = m1.data(m1.uapi('bob', 'DNS::swap_ip_in_zones', ask)) as readonly Record<string, unknown>[];
  expect(rows[0]).toEqual({
    new_value: '192.0.2.9',
    old_value: '192.0.2.1',
    record_name: 'bob.example',
    record_type: 'A',
    zone_name: 'bob.example',
  });
  expect(m1.data(m1.uapi('bob', 'DNS::swap_ip_in_zones', ask))).toEqual([]);
  expect(m1.uapi('bob', 'DNS::swap_ip_in_zones', { ...ask, domain: 'no.example' })).toMatchObject({ ok: false });
  expect(m1.uapi('bob', 'DNS::swap_ip_in_zones', { ...ask, dest_ip: 'x' })).toMatchObject({ ok: false });
});

test('a backup is in progress until its time is over', () => {
  const m1 = server();
  expect(m1.data(m1.uapi('bob', 'Backup::fullbackup_to_homedir'))).toMatchObject({
    pid: expect.stringMatching(/^\d+$/u),
  });
  expect(m1.data(m1.api2('bob', 'Backups::listfullbackups'))).toMatchObject([
    { file: 'backup-11.22.2026_12-00-00_bob.tar.gz', localtime: 'Sun Nov 22 12:00:00 2026', status: 'inprogress' },
  ]);
});

test('tokens of an account are made once each, renamed and revoked', () => {
  const m1 = server();
  expect(m1.data(m1.uapi('bob', 'Tokens::create_full_access', { name: 'ci' }))).toHaveProperty('token');
  expect(m1.uapi('bob', 'Tokens::create_full_access', { name: 'ci' })).toMatchObject({ ok: false });
  m1.data(m1.uapi('bob', 'Tokens::rename', { name: 'ci', new_name: 'cd' }));
  expect(m1.data(m1.uapi('bob', 'Tokens::list'))).toMatchObject([{ name: 'cd', has_full_access: 1 }]);
  m1.data(m1.uapi('bob', 'Tokens::revoke', { name: 'cd' }));
  expect(m1.data(m1.uapi('bob', 'Tokens::list'))).toEqual([]);
});
