import { expect, test } from 'vitest';
import { codeAt } from '../../../src/simulator/totp.ts';
import { bench, newAccount, reseller } from './core-engine.ts';

const secret = 'JBSWY3DPEHPK3PXP';
const now = 1_700_000_000_000;

function server(): ReturnType<typeof bench> {
  const made = bench();
  made.whm('createacct', newAccount('ann', { reseller: '1' }));
  made.whm('createacct', newAccount('bob', { owner: 'ann' }));
  made.whm('createacct', newAccount('eve'));
  made.whm('twofactorauth_enable_policy');
  for (const user of ['ann', 'bob', 'eve']) {
    const args = Object.entries({ secret, tfa_token: codeAt(secret, now) });
    made.run({ api: 'uapi', fn: 'TwoFactorAuth::set_user_configuration', user, args });
  }
  return made;
}

test('a reseller takes the second factor from its own accounts alone', () => {
  const made = server();
  const ann = reseller('ann', 'create-acct');
  const args: readonly (readonly [string, string])[] = [
    ['user', 'bob'],
    ['user', 'eve'],
  ];
  expect(made.run({ fn: 'twofactorauth_remove_user_config', args, caller: ann }).executed).toMatchObject({
    result: { data: { users_modified: ['bob'], failed: { eve: expect.any(String) } } },
  });
  expect(made.whm('twofactorauth_get_user_configs')).toMatchObject({
    data: { ann: { is_enabled: 1 }, bob: { is_enabled: 0 }, eve: { is_enabled: 1 } },
  });
  expect(made.whm('twofactorauth_get_user_configs', {}, ann)).not.toHaveProperty('data.eve');
  expect(made.reason('twofactorauth_set_issuer', { issuer: 'x' }, ann)).toContain('Permission denied');
});

test('a configuration follows its account to another name and goes with it', () => {
  const made = server();
  made.whm('modifyacct', { user: 'eve', newuser: 'zoe' });
  expect(made.whm('twofactorauth_get_user_configs', { user: 'zoe' })).toMatchObject({
    data: { zoe: { is_enabled: 1 } },
  });
  made.whm('removeacct', { username: 'zoe' });
  expect(Object.keys(made.engine.state.dump()['second-factors'] ?? {})).toEqual(['ann', 'bob']);
});

test('no second factor is configured while the policy is off', () => {
  const made = bench();
  const args = { secret, tfa_token: codeAt(secret, now) };
  expect(made.whm('twofactorauth_set_tfa_config', args)).toMatchObject({ ok: false });
});

test('certificates of others are not shown to a reseller, and it needs the privilege to install one', () => {
  const made = server();
  const ask = { domain: 'eve.example', crt: 'x', key: 'y' };
  expect(made.reason('installssl', ask, reseller('ann', 'create-acct'))).toContain('Permission denied');
  expect(made.reason('installssl', ask, reseller('ann', 'ssl'))).toContain('You do not have access');
});
