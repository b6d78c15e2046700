import { describe, expect, test } from 'vitest';
import { codeAt } from '../../../src/simulator/totp.ts';
import type { Heard } from './core-client.ts';
import { useSimulator } from './core-harness.ts';

const on = useSimulator();
const secret = 'JBSWY3DPEHPK3PXP';
const root = { user: 'root', pass: 'root-Pass-99' };

const login = (more: Readonly<Record<string, string>> = {}): Promise<Heard> =>
  on.post('/login/?login_only=1', { ...root, ...more });
const version = (token: string): Promise<Heard> =>
  on.post('/json-api/version', { 'api.version': '1' }, { authorization: `whm root:${token}` });

describe('the second factor', () => {
  test('a code is asked for as a page, and only the right one opens a session', async () => {
    await on.whm('twofactorauth_enable_policy');
    const set = await on.whm('twofactorauth_set_tfa_config', { secret, tfa_token: codeAt(secret, Date.now()) });
    expect(set).toMatchObject({ data: { success: 1 } });
    const asked = await login();
    expect([asked.status, asked.headers['content-type']]).toEqual([200, 'text/html; charset="utf-8"']);
    expect(asked.text).toContain('tfa_login_form');
    expect((await login({ tfa_token: '000000x' })).status).toBe(401);
    expect((await login({ pass: 'wrong', tfa_token: codeAt(secret, Date.now()) })).status).toBe(401);
    expect(JSON.parse((await login({ tfa_token: codeAt(secret, Date.now()) })).text)).toMatchObject({ status: 1 });
  });

  test('API calls with token and password go on without a code, and no policy asks for none', async () => {
    await on.whm('twofactorauth_enable_policy');
    await on.whm('twofactorauth_set_tfa_config', { secret, tfa_token: codeAt(secret, Date.now()) });
    expect((await version(on.sim.rootToken)).status).toBe(200);
    await on.whm('twofactorauth_disable_policy');
    expect((await login()).status).toBe(200);
    expect(JSON.parse((await login()).text)).toMatchObject({ status: 1 });
  });

  test('a wrong code configures nothing', async () => {
    await on.whm('twofactorauth_enable_policy');
    expect(await on.whm('twofactorauth_set_tfa_config', { secret, tfa_token: '12' })).toMatchObject({
      metadata: { result: 0 },
    });
  });

  test('the codes are those of RFC 6238', () => {
    expect(codeAt('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 59_000)).toBe('287082');
    expect(codeAt('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 1_111_111_109_000)).toBe('081804');
  });
});

describe('cPHulk', () => {
  test('is off until it is switched on', async () => {
    for (let n = 0; n < 20; n += 1) await version('wrong');
    expect((await version(on.sim.rootToken)).status).toBe(200);
  });

  test('locks an address out after five failures, whatever it then knows', async () => {
    await on.whm('enable_cphulk');
    for (let n = 0; n < 4; n += 1) expect((await version('wrong')).status).toBe(403);
    expect((await version(on.sim.rootToken)).status).toBe(200);
    expect((await login({ pass: 'wrong' })).status).toBe(401);
    expect((await version(on.sim.rootToken)).status).toBe(403);
    expect((await login()).status).toBe(401);
  });

  test('never locks out who is on the white list', async () => {
    await on.whm('enable_cphulk');
    await on.whm('create_cphulk_record', { list_name: 'white', ip: '127.0.0.1' });
    for (let n = 0; n < 20; n += 1) await version('wrong');
    expect((await version(on.sim.rootToken)).status).toBe(200);
    expect(await on.whm('get_cphulk_failed_logins')).toMatchObject({ data: { failed_logins: [] } });
  });

  test('locks a user by name, and forgets when the history is flushed', async () => {
    await on.whm('enable_cphulk');
    await on.whm('save_cphulk_config', { max_failures: '2', max_failures_byip: '100' });
    await on.post('/login/?login_only=1', { user: 'eve', pass: 'x' });
    await on.post('/login/?login_only=1', { user: 'eve', pass: 'x' });
    expect(await on.whm('get_cphulk_user_brutes')).toMatchObject({ data: { user_brutes: [{ user: 'eve' }] } });
    expect(await on.whm('flush_cphulk_login_history')).toMatchObject({ data: { records_removed: 2 } });
    expect(await on.whm('get_cphulk_user_brutes')).toMatchObject({ data: { user_brutes: [] } });
  });
});

describe('a cookie from another address', () => {
  async function ask(): Promise<number> {
    const heard = await login();
    const { security_token: token } = JSON.parse(heard.text) as { security_token: string };
    const [cookie = ''] = String(heard.headers['set-cookie']).split(';');
    const url = `${on.sim.whmUrl}${token}/json-api/version`;
    const form = { 'content-type': 'application/x-www-form-urlencoded', cookie };
    return (await on.http.call(url, 'api.version=1', { headers: form, localAddress: '127.0.9.9' })).status;
  }

  test('is refused as the server stands, and taken when the switch is off', async () => {
    expect(await ask()).toBe(403);
    await on.whm('set_tweaksetting', { key: 'cookieipvalidation', value: 'loose' });
    expect(await ask()).toBe(403);
    await on.whm('set_tweaksetting', { key: 'cookieipvalidation', value: 'disabled' });
    expect(await ask()).toBe(200);
    expect(await on.whm('get_tweaksetting', { key: 'cookieipvalidation' })).toMatchObject({
      data: { tweaksetting: { key: 'cookieipvalidation', value: 'disabled' } },
    });
  });
});
