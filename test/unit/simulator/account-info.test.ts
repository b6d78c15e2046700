import { expect, test } from 'vitest';
import { account, strong, type TestServer, testServer } from './server.ts';

function server(): TestServer {
  const made = testServer('m1', '192.0.2.1');
  account('bob', [made], { maxpop: 4 });
  return made;
}

test('features follow the feature list of the account', () => {
  const m1 = server();
  expect(m1.uapi('bob', 'Features::has_feature', { name: 'cron' })).toMatchObject({ ok: true });
  m1.whm('create_featurelist', { featurelist: 'few', cron: 0 });
  m1.whm('modifyacct', { user: 'bob', FEATURELIST: 'few' });
  expect(m1.data(m1.uapi('bob', 'Features::list_features'))).toMatchObject({ cron: 0, mysql: 1 });
  expect(m1.uapi('bob', 'Features::has_feature', { name: 'cron' })).toEqual({
    ok: false,
    reason: 'You do not have the feature “cron”.',
  });
});

test('stats count what is there, in the order asked for, and are the same in both APIs', () => {
  const m1 = server();
  m1.uapi('bob', 'Email::add_pop', { email: 'a', domain: 'bob.example', password: strong });
  const ask = { display: 'emailaccounts|hostname|nonsense|diskusage' };
  const rows = m1.data(m1.uapi('bob', 'StatsBar::get_stats', ask));
  expect(rows).toMatchObject([
    { name: 'emailaccounts', _count: '1', _max: '4', percent: 25, percent20: 20, is_maxed: 0 },
    { name: 'hostname', value: 'm1.example.net' },
    { name: 'diskusage', count: '0 MB', _max: 'unlimited', units: 'MB' },
  ]);
  expect(m1.data(m1.api2('bob', 'StatsBar::stat', ask))).toEqual(rows);
});

test('contact switches that are left out are off, and the address is the account’s', () => {
  const m1 = server();
  m1.data(m1.api2('bob', 'CustInfo::savecontactinfo', { email: 'b@x.example', notify_disk_limit: 1 }));
  expect(m1.data(m1.api2('bob', 'CustInfo::displaycontactinfo'))).toMatchObject([
    { name: 'email', value: 'b@x.example', type: 'string' },
    { name: 'second_email', value: '' },
    { name: 'notify_disk_limit', value: 1 },
    { name: 'notify_bandwidth_limit', value: 0 },
    { name: 'notify_email_quota_limit', value: 0 },
  ]);
  expect(m1.data(m1.whm('accountsummary', { user: 'bob' }))).toMatchObject({ acct: [{ email: 'b@x.example' }] });
});

test('a password is changed only by who knows the old one', () => {
  const m1 = server();
  expect(m1.api2('bob', 'Passwd::change_password', { newpass: 'An0ther-Pass-2?' })).toEqual({
    ok: false,
    reason: '"oldpass" is a required argument.',
    data: [{ status: 0, applist: [{ app: 'none' }], statustxt: '"oldpass" is a required argument.' }],
  });
  expect(m1.api2('bob', 'Passwd::change_password', { oldpass: 'x', newpass: 'An0ther-Pass-2?' })).toMatchObject({
    ok: false,
  });
  const good = { oldpass: strong, newpass: 'An0ther-Pass-2?' };
  expect(m1.data(m1.api2('bob', 'Passwd::change_password', good))).toMatchObject([{ status: 1 }]);
  expect(m1.api2('bob', 'Passwd::change_password', good)).toMatchObject({ ok: false });
});

test('document roots are told of the own domains alone', () => {
  const m1 = server();
  account('eve', [m1], { uid: 2002, gid: 2002 });
  expect(m1.data(m1.api2('bob', 'DomainLookup::getdocroot', { domain: 'bob.example' }))).toEqual([
    { docroot: '/home/bob/public_html', reldocroot: 'public_html' },
  ]);
  expect(m1.api2('bob', 'DomainLookup::getdocroot', { domain: 'eve.example' })).toMatchObject({ ok: false });
  expect(m1.data(m1.api2('bob', 'DomainLookup::getbasedomains'))).toEqual([{ domain: 'bob.example' }]);
});
