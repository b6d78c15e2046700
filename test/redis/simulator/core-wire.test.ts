import { describe, expect, test } from 'vitest';
import type { Heard } from './core-client.ts';
import { type Args, bob, made, present, useSimulator } from './core-harness.ts';

const on = useSimulator();
const { post, whm, control } = on;

describe('signing in', () => {
  test('a wrong token, password or session gets the 403 of cPanel', async () => {
    for (const authorization of [
      'whm root:wrong',
      `whm bob:${on.sim.rootToken}`,
      'Basic cm9vdDp4',
      'Bearer x',
      'root',
    ]) {
      const heard = await post('/json-api/version', { 'api.version': '1' }, { authorization });
      expect([heard.status, heard.message]).toEqual([403, 'Forbidden Access denied']);
      expect(heard.headers['content-type']).toBe('text/plain; charset="utf-8"');
      expect(JSON.parse(heard.text)).toEqual({
        cpanelresult: {
          apiversion: '2',
          error: 'Access denied',
          data: { reason: 'Access denied', result: '0' },
          type: 'text',
        },
      });
    }
  });

  test('Basic works with the password of root', async () => {
    const authorization = `Basic ${Buffer.from('root:root-Pass-99').toString('base64')}`;
    const heard = await post('/json-api/gethostname', { 'api.version': '1' }, { authorization });
    expect(JSON.parse(heard.text)).toMatchObject({ data: { hostname: 'm1.example.net' } });
  });

  test('a cookie session needs cookie and path together', async () => {
    const login = await post('/login/?login_only=1', { user: 'root', pass: 'root-Pass-99' });
    const { status, security_token: token } = JSON.parse(login.text);
    expect([login.status, status]).toEqual([200, 1]);
    expect(token).toMatch(/^\/cpsess\d{10}$/u);
    const [cookie = ''] = String(login.headers['set-cookie']).split(';');
    const ask = (path: string, headers: Args): Promise<Heard> =>
      post(`${path}/json-api/version`, { 'api.version': '1' }, headers);
    expect((await ask(token, { cookie })).status).toBe(200);
    expect((await ask('', { cookie })).status).toBe(403);
    expect((await ask('/cpsess0000000000', { cookie })).status).toBe(403);
    expect((await ask(token, {})).status).toBe(403);
  });

  test('a wrong password at /login says invalid_login', async () => {
    const only = await post('/login/?login_only=1', { user: 'root', pass: 'x' });
    expect([only.status, JSON.parse(only.text)]).toEqual([401, { status: 0, message: 'invalid_login' }]);
    const page = await post('/login/', { user: 'root', pass: 'x' });
    expect(page.text).toContain('msg_code:[invalid_login]');
  });

  test('the URL of create_user_session works once', async () => {
    await whm('createacct', bob);
    const answer = await whm('create_user_session', { user: 'bob', service: 'cpaneld' });
    const { url, cp_security_token: token } = (answer as { data: { url: string; cp_security_token: string } }).data;
    const open = `${on.sim.cpanelUrl}${new URL(url).pathname}${new URL(url).search}`;
    const first = await on.http.call(open);
    const [cookie = ''] = String(first.headers['set-cookie']).split(';');
    expect([first.status, first.headers['location']]).toEqual([301, `${token}/`]);
    const list = await on.http.call(`${on.sim.cpanelUrl}${token}/execute/Email/list_pops`, undefined, {
      headers: { cookie },
    });
    expect(JSON.parse(list.text)).toMatchObject({ status: 1, errors: null });
    expect((await on.http.call(open)).status).toBe(401);
  });

  test('a token with bounds may not go beyond them', async () => {
    const answer = await whm('api_token_create', { token_name: 'few', 'acl-0': 'list-accts' });
    const { token } = (answer as { data: { token: string } }).data;
    const headers = { authorization: `WHM root:${token}` };
    expect(JSON.parse((await post('/json-api/listaccts', { 'api.version': '1' }, headers)).text)).toMatchObject({
      metadata: { result: 1 },
    });
    expect(
      JSON.parse((await post('/json-api/createacct', { 'api.version': '1', ...bob }, headers)).text),
    ).toMatchObject({
      metadata: { result: 0, reason: 'Permission denied: You do not have the required privileges to run createacct' },
    });
  });
});

describe('on the wire', () => {
  test('GET, form and JSON bodies mean the same', async () => {
    const headers = { authorization: `whm root:${on.sim.rootToken}` };
    const url = `${on.sim.whmUrl}/json-api/version`;
    const json = { ...headers, 'content-type': 'application/json' };
    const heard = await Promise.all([
      on.http.call(`${url}?api.version=1`, undefined, { headers }),
      on.http.call(url, 'api.version=1', { headers }),
      on.http.call(url, '{"api.version":1}', { headers: json }),
    ]);
    for (const { text } of heard) expect(JSON.parse(text)).toMatchObject({ data: { version: '11.134.0.20' } });
  });

  test('sixty kilobytes may travel in the address', async () => {
    const headers = { authorization: `whm root:${on.sim.rootToken}` };
    const url = `${on.sim.whmUrl}/json-api/version?api.version=1&crt=${'x'.repeat(60_000)}`;
    expect((await on.http.call(url, undefined, { headers })).status).toBe(200);
  });

  test('without api.version the answer has the shape of API 0', async () => {
    const headers = { authorization: `whm root:${on.sim.rootToken}` };
    const zero = async (fn: string, args: Args): Promise<unknown> =>
      JSON.parse((await post(`/json-api/${fn}`, args, headers)).text);
    expect(await zero('createacct', bob)).toMatchObject({
      result: [{ status: 1, statusmsg: 'Account Creation Ok', options: { package: 'undefined' } }],
    });
    expect(await zero('createacct', bob)).toMatchObject({ result: [{ status: 0, rawout: null, options: null }] });
    expect(await zero('accountsummary', { user: 'bob' })).toMatchObject({
      status: 1,
      statusmsg: 'Ok',
      acct: [{ user: 'bob' }],
    });
    expect(await zero('accountsummary', { user: 'x' })).toMatchObject({ status: 0, acct: null });
    expect(await zero('passwd', { user: 'bob', pass: 'An0ther-Pass-2?' })).toMatchObject({ passwd: [{ status: 1 }] });
    expect(await zero('version', {})).toEqual({ version: '11.134.0.20' });
    expect(await zero('nonsense', {})).toEqual({ error: 'Unknown App Requested: nonsense' });
  });

  test('an unknown function is named in API 1', async () => {
    expect(await whm('nonsense')).toEqual({
      metadata: {
        version: 1,
        command: 'nonsense',
        result: 0,
        reason: 'Unknown app (“nonsense”) requested for this version (1) of the API.',
      },
    });
    expect(await control('GET', 'unknown')).toMatchObject({ functions: { nonsense: 1 } });
  });

  test('UAPI through WHM keeps the outer result at 1 when the inner call fails', async () => {
    await whm('createacct', bob);
    const inner = { 'cpanel.user': 'bob', 'cpanel.module': 'Email', 'cpanel.function': 'add_pop' };
    expect(await whm('uapi_cpanel', inner)).toMatchObject({
      metadata: { result: 1 },
      data: { uapi: { status: 0, data: null } },
    });
  });

  test('API 2 through WHM answers as cpanelresult, and so does a wrong user', async () => {
    await whm('createacct', bob);
    const call = { cpanel_jsonapi_apiversion: '2', cpanel_jsonapi_module: 'Nope', cpanel_jsonapi_func: 'f' };
    expect(await whm('cpanel', { ...call, cpanel_jsonapi_user: 'bob' })).toEqual({
      cpanelresult: { apiversion: 2, error: "Could not find function 'f' in module 'Nope'", func: 'f', module: 'Nope' },
    });
    expect(await whm('cpanel', { ...call, cpanel_jsonapi_user: 'nobody' })).toMatchObject({
      cpanelresult: { error: 'User parameter is invalid or was not supplied', data: { result: '0' } },
    });
  });

  test('batch runs its commands in order, each with its own answer', async () => {
    const commands = {
      'command-0': `createacct?${new URLSearchParams(bob)}`,
      'command-1': 'accountsummary?user=bob',
      'command-2': 'nonsense',
    };
    expect(await whm('batch', commands)).toMatchObject({
      metadata: { result: 1 },
      data: { result: [made, present, { metadata: { result: 0 } }] },
    });
  });
});
