import { describe, expect, it } from 'vitest';
import { account, action, both, noAccount, type Row } from './support.ts';

describe('account.terminate', () => {
  const rows: readonly Row[] = [
    [
      'an account that is there is removed',
      { account: 'bob' },
      [account()],
      false,
      ['removeacct username=bob keepdns=0'],
    ],
    ['its zones may stay', { account: 'bob', keepDns: 'on' }, [account()], true, ['removeacct username=bob keepdns=1']],
    [
      'what was never there was not removed',
      { account: 'bob' },
      [noAccount],
      false,
      'refused: System user bob does not exist!',
    ],
    ['what is gone after our send is removed', { account: 'bob' }, [noAccount], true, 'settled'],
  ];
  it.each(rows)('%s', (...row) => {
    const { got, wanted } = both('account.terminate', row);
    expect(got).toEqual(wanted);
  });

  it('nothing new is made under its domains meanwhile', () => {
    const terminate = action('account.terminate');
    const keys = terminate.keys(terminate.params.parse({ account: 'bob', domains: ['bob.example'] }));
    expect(keys.map((key) => key.name)).toEqual(['account:bob', 'domain:bob.example']);
    expect(terminate.destroys).toEqual(['home', 'mail', 'database', 'zone']);
  });
});

describe('account settings', () => {
  const rows: readonly (readonly [string, ...Row])[] = [
    [
      'account.suspend',
      'suspends',
      { account: 'bob', reason: 'not paid' },
      [account()],
      false,
      ['suspendacct user=bob reason=not paid disallowun=0 leave-ftp-accts-enabled=0'],
    ],
    ['account.suspend', 'twice is once', { account: 'bob' }, [account({ suspended: '1' })], false, 'settled'],
    [
      'account.suspend',
      'needs the account',
      { account: 'bob' },
      [noAccount],
      false,
      'refused: Sorry, the user bob does not exist.',
    ],
    [
      'account.unsuspend',
      'lifts it',
      { account: 'bob' },
      [account({ suspended: 1 })],
      false,
      ['unsuspendacct user=bob'],
    ],
    ['account.unsuspend', 'nothing to lift is settled', { account: 'bob' }, [account()], true, 'settled'],
    [
      'account.password',
      'is always sent, since it cannot be read',
      { account: 'bob', password: 'N3w-password' },
      [],
      true,
      ['passwd user=bob password=N3w-password db_pass_update=1'],
    ],
    [
      'account.password',
      'with a user id is for the account that has it',
      { account: 'bob', password: 'N3w-password', uid: 5001 },
      [account({ uid: 5001 })],
      false,
      ['passwd user=bob password=N3w-password db_pass_update=1'],
    ],
    [
      'account.password',
      'and for no other of that name',
      { account: 'bob', password: 'N3w-password', uid: 5001 },
      [account({ uid: 5002 })],
      false,
      'refused: Sorry, the user bob does not exist.',
    ],
    [
      'account.password',
      'nor where there is none',
      { account: 'bob', password: 'N3w-password', uid: 5001 },
      [noAccount],
      false,
      'refused: Sorry, the user bob does not exist.',
    ],
    [
      'account.contact',
      'sends the address and nothing else',
      { account: 'bob', contactEmail: 'b@new.example' },
      [account()],
      false,
      ['modifyacct user=bob contactemail=b@new.example'],
    ],
    [
      'account.contact',
      'is settled where it is so, whoever wrote it',
      { account: 'bob', contactEmail: 'b@new.example' },
      [account({ email: 'b@new.example' })],
      false,
      'settled',
    ],
    [
      'account.contact',
      'refuses for an account that is not there',
      { account: 'bob', contactEmail: 'b@new.example' },
      [noAccount],
      false,
      'refused: Sorry, the user bob does not exist.',
    ],
    [
      'account.change-package',
      'moves to the package',
      { account: 'bob', plan: 'silver' },
      [account()],
      false,
      ['changepackage user=bob pkg=silver'],
    ],
    ['account.change-package', 'is settled on it', { account: 'bob', plan: 'gold' }, [account()], false, 'settled'],
    [
      'account.modify',
      'sends only what differs',
      { account: 'bob', contactEmail: 'b@new.example', maxDatabases: 3, maxAddons: '5', shell: true },
      [account()],
      false,
      ['modifyacct user=bob contactemail=b@new.example HASSHELL=1 MAXADDON=5'],
    ],
    [
      'account.modify',
      'sets quotas in MB',
      { account: 'bob', quotaMb: 900, bandwidthMb: 'unlimited' },
      [account()],
      false,
      ['editquota user=bob quota=900', 'limitbw user=bob bwlimit=unlimited'],
    ],
    [
      'account.modify',
      'is settled when all is so',
      { account: 'bob', quotaMb: 500, owner: 'root', maxFtp: 'unlimited' },
      [account()],
      false,
      'settled',
    ],
    [
      'account.rename',
      'renames',
      { account: 'bob', newName: 'rob' },
      [account(), noAccount],
      false,
      ['modifyacct user=bob newuser=rob rename_database_objects=0'],
    ],
    [
      'account.rename',
      'is settled under the new name after our send',
      { account: 'bob', newName: 'rob' },
      [noAccount, account({ user: 'rob' })],
      true,
      'settled',
    ],
    [
      'account.rename',
      'is refused when only the new name is there before',
      { account: 'bob', newName: 'rob' },
      [noAccount, account({ user: 'rob' })],
      false,
      'refused: Sorry, the user bob does not exist.',
    ],
    [
      'account.rename',
      'is refused when both are there',
      { account: 'bob', newName: 'rob' },
      [account(), account({ user: 'rob' })],
      true,
      'refused: This system already has an account named “rob”.',
    ],
  ];
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });
});
