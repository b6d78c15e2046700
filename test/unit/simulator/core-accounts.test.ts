import { describe, expect, test } from 'vitest';
import { accounts, domains } from '../../../src/simulator/tables.ts';
import { bench, GOOD_PASSWORD, newAccount, reseller } from './core-engine.ts';

describe('createacct', () => {
  test('makes an account with its own uid, its domain, and the limits of its plan', () => {
    const { engine, whm } = bench();
    whm('addpkg', { name: 'gold', quota: '1000', maxpop: '5' });
    expect(whm('createacct', newAccount('bob', { plan: 'gold' }))).toMatchObject({
      ok: true,
      reason: 'Account Creation Ok',
      data: { ip: '192.0.2.1', nameserver: 'ns1.example.net', nameserver3: '', nameservera: null, package: 'gold' },
    });
    const bob = engine.state.of(accounts).get('bob');
    expect(bob).toMatchObject({ domain: 'bob.example', owner: 'root', homedir: '/home/bob', plan: 'gold' });
    expect(bob?.limits).toMatchObject({ quota: 1000, maxpop: 5, maxsql: null });
    expect(engine.state.of(domains).get('bob.example')).toMatchObject({ user: 'bob', type: 'main' });
  });

  test('two servers give different uids unless one is asked for', () => {
    const [one, two] = [bench({ id: 'm1' }), bench({ id: 'm2' })];
    for (const server of [one, two]) {
      server.whm('createacct', newAccount('bob'));
      server.whm('createacct', newAccount('amy', { uid: '5005', gid: '5005' }));
    }
    const uid = (server: typeof one, user: string): unknown => server.engine.state.of(accounts).get(user)?.uid;
    expect(uid(one, 'bob')).not.toBe(uid(two, 'bob'));
    expect([uid(one, 'amy'), uid(two, 'amy')]).toEqual([5005, 5005]);
    expect(one.reason('createacct', newAccount('eve', { uid: '5005' }))).toContain('UID “5005” is already in use');
  });

  test('the log holds the password unless showpass is n', () => {
    const { whm } = bench();
    expect(whm('createacct', newAccount('bob'))).toMatchObject({ raw: expect.stringContaining(GOOD_PASSWORD) });
    expect(whm('createacct', newAccount('amy', { showpass: 'n' }))).toMatchObject({
      raw: expect.not.stringContaining(GOOD_PASSWORD),
    });
  });

  test('without a password one is made, and without a domain a temporary one', () => {
    const { engine, whm } = bench();
    whm('createacct', { username: 'bob' });
    const bob = engine.state.of(accounts).get('bob');
    expect(bob?.password.length).toBeGreaterThan(10);
    expect(bob).toMatchObject({ temporary: true, domain: expect.stringContaining('bob.') });
  });

  const refusals: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['a name that is taken', newAccount('bob', { domain: 'x.example' }), 'already has an account named “bob”'],
    ['the first eight characters of another', newAccount('longname2'), 'same initial 8 characters'],
    ['a name that begins with a digit', newAccount('1bob'), 'not a valid username'],
    ['a name of seventeen characters', newAccount('a'.repeat(17)), 'not a valid username'],
    ['a name that begins with test', newAccount('tester'), '“test”'],
    ['a reserved name', newAccount('mysql'), 'is a reserved username'],
    ['a domain that is taken', newAccount('amy', { domain: 'bob.example' }), 'already exists'],
    ['a domain of one label', newAccount('amy', { domain: 'localhost' }), 'not a valid domain name'],
    ['a weak password', newAccount('amy', { password: 'secret' }), 'strength rating of 65 or higher'],
    [
      'a password with the name in it',
      newAccount('amy', { password: 'xx-Amy-77-Qq-zz' }),
      'may not contain the username',
    ],
    ['an unknown plan', newAccount('amy', { plan: 'silver' }), 'is not a valid package name'],
    ['an address that is not there', newAccount('amy', { customip: '203.0.113.9' }), 'is not on this server'],
    ['an own address when none is free', newAccount('amy', { ip: 'y' }), 'no dedicated IP addresses'],
    ['no name', { domain: 'amy.example' }, 'username'],
  ];
  test.each(refusals)('refuses %s, and changes nothing', (_what, args, sentence) => {
    const { engine, reason, referee, whm } = bench();
    whm('createacct', newAccount('bob'));
    whm('createacct', newAccount('longname1'));
    const before = engine.state.dump();
    const effects = referee.effects().length;
    expect(reason('createacct', args)).toContain(sentence);
    expect({ ...engine.state.dump(), '#': before['#'] }).toEqual(before);
    expect(referee.effects()).toHaveLength(effects);
  });

  test('refuses when the licence has no seat left', () => {
    const { reason } = bench({ seats: 1 });
    expect(reason('createacct', newAccount('bob'))).toBe('done');
    expect(reason('createacct', newAccount('amy'))).toContain('maximum number of accounts (1)');
  });

  test('an own address is given once and is free again after removal', () => {
    const { engine, reason } = bench({ dedicated: ['192.0.2.7'] });
    expect(reason('createacct', newAccount('bob', { ip: 'y' }))).toBe('done');
    expect(engine.state.of(accounts).get('bob')).toMatchObject({ ip: '192.0.2.7', dedicated: true });
    expect(reason('createacct', newAccount('amy', { ip: 'y' }))).toContain('no dedicated IP');
    expect(reason('removeacct', { username: 'bob' })).toBe('done');
    expect(reason('createacct', newAccount('amy', { ip: 'y' }))).toBe('done');
  });
});

describe('an account', () => {
  test('is renamed with its domains, and the old name is free again', () => {
    const { engine, reason, whm } = bench();
    whm('createacct', newAccount('bob'));
    expect(whm('modifyacct', { user: 'bob', newuser: 'rob' })).toMatchObject({ ok: true, data: { user: 'rob' } });
    expect(engine.state.of(domains).get('bob.example')).toMatchObject({
      user: 'rob',
      docroot: '/home/rob/public_html',
    });
    expect(reason('accountsummary', { user: 'bob' })).toBe('Account does not exist.');
    expect(reason('createacct', newAccount('bob', { domain: 'other.example' }))).toBe('done');
  });

  test('gets another main domain, and the old one is free again', () => {
    const { engine, reason, whm } = bench();
    whm('createacct', newAccount('bob'));
    expect(reason('modifyacct', { user: 'bob', domain: 'new.example' })).toBe('done');
    expect(engine.state.of(accounts).get('bob')?.domain).toBe('new.example');
    expect(reason('createacct', newAccount('amy', { domain: 'bob.example' }))).toBe('done');
  });

  test('takes limits in upper case, bandwidth in bytes, and ignores the wrong case but counts nothing it knows', () => {
    const { engine, whm } = bench();
    whm('createacct', newAccount('bob', { maxpop: '3' }));
    whm('modifyacct', { user: 'bob', MAXPOP: '9', BWLIMIT: '1048576000', maxsql: '1' });
    expect(engine.state.of(accounts).get('bob')?.limits).toMatchObject({ maxpop: 9, bwlimit: 1000, maxsql: null });
  });

  test('follows its package when that is edited, and loses own limits at a package change', () => {
    const { engine, reason, whm } = bench();
    whm('addpkg', { name: 'gold', quota: '1000' });
    whm('addpkg', { name: 'iron', quota: '10' });
    whm('createacct', newAccount('bob', { plan: 'gold' }));
    whm('editpkg', { name: 'gold', quota: '2000' });
    expect(engine.state.of(accounts).get('bob')?.limits.quota).toBe(2000);
    whm('editquota', { user: 'bob', quota: '7' });
    whm('changepackage', { user: 'bob', pkg: 'iron' });
    expect(engine.state.of(accounts).get('bob')).toMatchObject({ plan: 'iron', limits: { quota: 10 } });
    expect(reason('killpkg', { pkgname: 'iron' })).toContain('accounts use it');
    expect(reason('killpkg', { pkgname: 'gold' })).toBe('done');
    expect(reason('changepackage', { user: 'bob', pkg: 'gold' })).toBe('Specified package does not exist.');
  });

  test('is suspended once, says so the second time, and comes back', () => {
    const { engine, whm } = bench();
    whm('createacct', newAccount('bob'));
    whm('suspendacct', { user: 'bob', reason: 'unpaid' });
    expect(engine.state.of(accounts).get('bob')).toMatchObject({ suspended: true, suspendReason: 'unpaid' });
    expect(whm('suspendacct', { user: 'bob' })).toMatchObject({
      ok: true,
      raw: expect.stringContaining('Already Suspended'),
    });
    expect(whm('listsuspended')).toMatchObject({ data: { account: [{ user: 'bob', reason: 'unpaid' }] } });
    whm('unsuspendacct', { user: 'bob' });
    expect(engine.state.of(accounts).get('bob')).toMatchObject({ suspended: false, suspendReason: 'not suspended' });
  });

  test('is gone after removal, with its domains', () => {
    const { engine, reason, whm } = bench();
    whm('createacct', newAccount('bob'));
    expect(whm('removeacct', { username: 'bob' })).toMatchObject({ ok: true, reason: 'bob account removed' });
    expect(engine.state.of(domains).size).toBe(0);
    expect(reason('removeacct', { username: 'bob' })).toBe('System user bob does not exist!');
    expect(reason('createacct', newAccount('bob'))).toBe('done');
  });

  test('listaccts searches and gives only the wanted fields', () => {
    const { whm } = bench();
    whm('createacct', newAccount('bob'));
    whm('createacct', newAccount('amy'));
    expect(whm('listaccts', { search: '^am', searchtype: 'user', want: 'user,domain' })).toMatchObject({
      data: { acct: [{ user: 'amy', domain: 'amy.example' }] },
    });
    expect(whm('listaccts', { search: 'zzz' })).toMatchObject({ ok: true, data: { acct: [] } });
    expect(bench({ version: '11.138.0.1' }).reason('listaccts', { search: 'zzz' })).toBe('No accounts found.');
  });
});

describe('a reseller', () => {
  const ann = reseller('ann', 'create-acct', 'kill-acct', 'list-accts', 'add-pkg', 'list-pkgs', 'acct-summary');

  function withAnn(): ReturnType<typeof bench> {
    const server = bench();
    server.whm('createacct', newAccount('ann'));
    server.whm('createacct', newAccount('bob'));
    server.whm('setupreseller', { user: 'ann' });
    return server;
  }

  test('owns what it makes and sees only its own', () => {
    const { engine, reason, whm } = withAnn();
    expect(reason('createacct', newAccount('amy', { owner: 'root' }), ann)).toBe('done');
    expect(engine.state.of(accounts).get('amy')?.owner).toBe('ann');
    expect(whm('listaccts', { want: 'user' }, ann)).toMatchObject({
      data: { acct: [{ user: 'ann' }, { user: 'amy' }] },
    });
    expect(reason('removeacct', { username: 'bob' }, ann)).toContain('do not have access');
    expect(reason('removeacct', { username: 'amy' }, ann)).toBe('done');
  });

  test('lacks a privilege: the sentence names the function', () => {
    const { reason } = withAnn();
    expect(reason('suspendacct', { user: 'bob' }, ann)).toBe(
      'Permission denied: You do not have the required privileges to run suspendacct',
    );
  });

  test('may not choose a uid', () => {
    expect(withAnn().reason('createacct', newAccount('amy', { uid: '7000' }), ann)).toContain('Permission denied');
  });

  test('packages carry its name, may be called without it, and unlimited ones need a privilege', () => {
    const { reason, whm } = withAnn();
    const bounded = { quota: '10', bwlimit: '10', maxpark: '0', maxaddon: '0' };
    expect(whm('addpkg', { name: 'small', ...bounded }, ann)).toMatchObject({ data: { pkg: 'ann_small' } });
    expect(reason('createacct', newAccount('amy', { plan: 'small' }), ann)).toBe('done');
    expect(reason('addpkg', { name: 'big', ...bounded, quota: 'unlimited' }, ann)).toContain('unlimited disk quota');
    whm('addpkg', { name: 'gold' });
    expect(reason('createacct', newAccount('eve', { plan: 'gold' }), ann)).toContain('not a valid package name');
  });

  test('limits hold: number of accounts, disk space, packages', () => {
    const { reason, whm } = withAnn();
    whm('setresellerlimits', { user: 'ann', enable_account_limit: '1', account_limit: '2' });
    expect(reason('createacct', newAccount('amy', { quota: '600' }), ann)).toBe('done');
    whm('setresellerlimits', { user: 'ann', enable_resource_limits: '1', diskspace_limit: '1000' });
    expect(reason('createacct', newAccount('eve', { quota: '600' }), ann)).toContain('disk space limit');
    expect(reason('createacct', newAccount('eve'), ann)).toContain('unlimited disk space');
    expect(reason('createacct', newAccount('eve', { quota: '400' }), ann)).toBe('done');
    expect(reason('createacct', newAccount('ida', { quota: '1' }), ann)).toContain('account limit of 2');
  });

  test('suspended as a whole, all its accounts are', () => {
    const { engine, whm } = withAnn();
    whm('createacct', newAccount('amy'), ann);
    whm('suspendreseller', { user: 'ann' });
    const suspended = (user: string): unknown => engine.state.of(accounts).get(user)?.suspended;
    expect(['ann', 'amy', 'bob'].map(suspended)).toEqual([true, true, false]);
    whm('unsuspendreseller', { user: 'ann' });
    expect(suspended('amy')).toBe(false);
  });

  test('renamed, it keeps its accounts', () => {
    const { engine, whm } = withAnn();
    whm('createacct', newAccount('amy'), ann);
    whm('modifyacct', { user: 'ann', newuser: 'anna' });
    expect(engine.state.of(accounts).get('amy')?.owner).toBe('anna');
  });
});
