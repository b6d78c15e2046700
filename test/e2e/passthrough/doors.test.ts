import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { form, openStage, type Stage } from './stage.ts';

let stage: Stage;
let bobs: string;

beforeAll(async () => {
  stage = await openStage();
  await stage.pair.core.auth.personAdd({ name: 'ana', role: 'owner', password: 'correct horse battery' });
  const made = await stage.pair.core.auth.tokenCreate({ owner: 'bob', scope: 'account', label: 'site', acl: ['all'] });
  bobs = `cpanel bob:${made.token}`;
});
afterAll(() => stage.close());

describe('the shapes of answers', () => {
  it('version 0, 1 and 2 of one function', async () => {
    expect((await stage.whm('/json-api/accountsummary?user=bob')).json()).toMatchObject({
      status: 1,
      statusmsg: 'Ok',
      acct: [{ user: 'bob' }],
    });
    for (const version of [1, 2]) {
      expect((await stage.whm(`/json-api/accountsummary?user=bob&api.version=${version}`)).json()).toMatchObject({
        metadata: { result: 1, version: 1, command: 'accountsummary' },
        data: { acct: [{ user: 'bob', domain: 'bob.example' }] },
      });
    }
  });

  it('XML of version 0 stands under the function’s name, of version 1 under result', async () => {
    const zero = await stage.whm('/xml-api/accountsummary?user=bob');
    expect(zero.headers['content-type']).toContain('text/xml');
    expect(zero.text).toMatch(/^<accountsummary>\n/);
    expect(zero.text).toContain('<user>bob</user>');
    const one = await stage.whm('/xml-api/version?api.version=1');
    expect(one.text).toMatch(/^<result>\n {2}<metadata>/);
    expect(one.text).toMatch(/<data>\n {4}<version>11\./);
  });

  it('API 2 in JSON and XML, with WHM’s port naming the account', async () => {
    const query = 'cpanel_jsonapi_user=bob&cpanel_jsonapi_module=Email&cpanel_jsonapi_func=listpops';
    const json = await stage.whm(`/json-api/cpanel?${query}&cpanel_jsonapi_apiversion=2`);
    expect(json.json()).toMatchObject({ cpanelresult: { apiversion: 2, module: 'Email', func: 'listpops' } });
    const xml = await stage.whm(`/xml-api/cpanel?${query.replaceAll('jsonapi', 'xmlapi')}&cpanel_xmlapi_apiversion=2`);
    expect(xml.text).toMatch(/^<\?xml version="1.0" \?>\n<cpanelresult>/);
  });

  it('UAPI is flat on cPanel’s port, and wrapped as version 3', async () => {
    const headers = { authorization: bobs };
    const flat = (await stage.cpanel('/execute/Email/list_pops', { headers })).json();
    expect(flat).toMatchObject({ status: 1, errors: null, data: expect.any(Array) });
    const three = await stage.cpanel(
      '/json-api/cpanel?cpanel_jsonapi_module=Email&cpanel_jsonapi_func=list_pops&cpanel_jsonapi_apiversion=3',
      { headers },
    );
    expect(three.json()).toMatchObject({ apiversion: 3, module: 'Email', func: 'list_pops', result: { status: 1 } });
  });

  it('API 1 makes a database in its own shape, on both masters', async () => {
    const path = '/json-api/cpanel?cpanel_jsonapi_module=Mysql&cpanel_jsonapi_func=adddb&cpanel_jsonapi_apiversion=1';
    const made = await stage.cpanel(`${path}&arg-0=bob_old`, { headers: { authorization: bobs } });
    expect(made.json()).toMatchObject({ apiversion: '1', module: 'Mysql', event: { result: 1 }, data: { result: '' } });
    const listed = await stage.cpanel('/execute/Mysql/list_databases', { headers: { authorization: bobs } });
    expect(listed.text).toContain('bob_old');
  });

  it('a JSON body is taken as parameters', async () => {
    const answer = await stage.whm('/json-api/accountsummary', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ 'api.version': 1, user: 'bob' }),
    });
    expect(answer.json()).toMatchObject({ metadata: { result: 1 } });
  });

  it('WHM’s functions are not on cPanel’s port, and accounts are nobody on WHM’s', async () => {
    const there = await stage.cpanel('/json-api/listaccts?api.version=1', { headers: { authorization: bobs } });
    expect(there.json()).toMatchObject({ metadata: { result: 0 } });
    const here = await stage.whm('/json-api/version', { headers: { authorization: bobs.replace('cpanel', 'whm') } });
    expect(here.status).toBe(403);
  });
});

describe('signing in', () => {
  const right = { user: 'ana', pass: 'correct horse battery' };
  const nobody = { authorization: '' };

  async function session(side: 'whm' | 'cpanel' = 'whm') {
    const answer = await stage[side]('/login/?login_only=1', {
      ...form(right),
      headers: { ...nobody, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(200);
    const { security_token: token, status } = answer.json() as { security_token?: string; status?: number };
    expect([status, token]).toEqual([1, expect.stringMatching(/^\/cpsess\d{10}$/)]);
    const cookie = String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    return { token: String(token), cookie };
  }

  // An empty Authorization header would be one; these calls carry none at all.
  function bare(path: string, cookie = '') {
    return stage.cpanel(path, { port: stage.web.whm.port, ...(cookie === '' ? {} : { headers: { cookie } }) });
  }

  it('by form gives a cookie and a security token that work together', async () => {
    const { token, cookie } = await session();
    expect((await bare(`${token}/json-api/version?api.version=1`, cookie)).json()).toMatchObject({
      metadata: { result: 1 },
    });
  });

  it('a cookie without its token, with another, or a token alone is nobody', async () => {
    const { token, cookie } = await session();
    for (const [path, sent] of [
      ['/json-api/version', cookie],
      ['/cpsess1111111111/json-api/version', cookie],
      [`${token}/json-api/version`, ''],
    ] as const) {
      expect((await bare(path, sent)).status).toBe(403);
    }
  });

  it('a session ends with its logout, and with its person', async () => {
    const { token, cookie } = await session();
    await bare(`${token}/logout`, cookie);
    expect((await bare(`${token}/json-api/version`, cookie)).status).toBe(403);
  });

  it('without login_only leads to the session’s own path and to no other site', async () => {
    const answer = await stage.cpanel('/login/', form({ ...right, goto_uri: '//evil.example/' }));
    expect([answer.status, answer.headers.location]).toEqual([301, expect.stringMatching(/^\/cpsess\d{10}\/$/)]);
  });

  it('wrong is said without HTML, and the same for every name', async () => {
    for (const user of ['ana', 'nobody']) {
      const answer = await stage.cpanel('/login/?login_only=1', form({ user, pass: 'wrong' }));
      expect([answer.status, answer.text]).toEqual([401, '{"status":0,"message":"invalid_login"}']);
    }
  });

  it('a person with a second factor is asked for a code as cPanel asks, and comes in with it', async () => {
    const { auth } = stage.pair.core;
    const pass = 'Second-factor-horse-42';
    await auth.personAdd({ name: 'zoe', role: 'owner', password: pass });
    const { secret } = await auth.secondFactor.begin('zoe');
    // A code counts once: the set-up takes this step's, the sign-in the next one's.
    const code = (steps: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
    const on = await auth.secondFactor.confirm('zoe', code(0), '127.0.0.1');
    const login = (more: Readonly<Record<string, string>>) =>
      stage.cpanel('/login/?login_only=1', form({ user: 'zoe', pass, ...more }));
    const asked = await login({});
    expect([asked.status, asked.text.includes('tfa_login_form'), asked.headers['set-cookie']]).toEqual([
      200,
      true,
      undefined,
    ]);
    expect((await login({ tfa_token: '000000' })).status).toBe(401);
    expect((await login({ pass: 'wrong', tfa_token: code(1) })).status).toBe(401);
    expect((await login({ tfa_token: code(1) })).json()).toMatchObject({ status: 1 });
    // One recovery code a call stands for the telephone; without any the password alone is nobody.
    const authorization = `Basic ${Buffer.from(`zoe:${pass}`).toString('base64')}`;
    const call = (headers: Readonly<Record<string, string>>) =>
      stage.whm('/json-api/version', { headers: { authorization, ...headers } });
    expect((await call({})).status).toBe(403);
    const recovery = on.kind === 'on' ? (on.codes[0] ?? '') : '';
    expect((await call({ 'x-cpanel-otp': recovery })).status).toBe(200);
    expect((await call({ 'x-cpanel-otp': recovery })).status).toBe(403);
  });

  it('Basic takes a person’s password, and a token in its place', async () => {
    for (const [user, secret] of [
      ['ana', right.pass],
      ['root', stage.rootToken],
    ] as const) {
      const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
      expect((await stage.whm('/json-api/version', { headers: { authorization } })).status).toBe(200);
    }
  });
});

describe('tokens', () => {
  async function create(query: string, authorization?: string) {
    const headers = authorization === undefined ? {} : { headers: { authorization } };
    return (await stage.whm(`/json-api/api_token_create?api.version=1&${query}`, headers)).json() as never as {
      data: { token: string };
      metadata: { result: number; reason: string };
    };
  }

  it('made through WHM’s own functions are Tandem’s: listed, bound, updated, revoked', async () => {
    const { data } = await create('token_name=billing&acl-0=list-accts&acl-1=suspend-acct');
    const authorization = `whm root:${data.token}`;
    const asked = (path: string) => stage.whm(`/json-api/${path}`, { headers: { authorization } });
    expect((await asked('listaccts?api.version=1')).json()).toMatchObject({ metadata: { result: 1 } });
    expect((await asked('createacct?api.version=1&username=eve&domain=eve.example')).json()).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('You do not have the required privileges to run') },
    });
    expect((await stage.whm('/json-api/api_token_list?api.version=1')).json()).toMatchObject({
      data: { tokens: { billing: { acls: { 'list-accts': 1, 'create-acct': 0 }, expires_at: null } } },
    });
    expect((await stage.whm(`/json-api/api_token_get_details?api.version=1&token=${data.token}`)).json()).toMatchObject(
      {
        data: { name: 'billing' },
      },
    );
    await stage.whm('/json-api/api_token_update?api.version=1&token_name=billing&new_name=money&acl=list-pkgs');
    expect((await asked('listaccts?api.version=1')).json()).toMatchObject({ metadata: { result: 0 } });
    await stage.whm('/json-api/api_token_revoke?api.version=1&token_name=money');
    expect((await asked('version')).status).toBe(403);
  });

  it('never make a stronger one', async () => {
    const { data } = await create('token_name=weak&acl-0=manage-api-tokens&acl-1=list-accts');
    const authorization = `whm root:${data.token}`;
    expect(await create('token_name=strong&acl-0=all', authorization)).toMatchObject({ metadata: { result: 0 } });
    expect(await create('token_name=like&acl-0=kill-acct', authorization)).toMatchObject({ metadata: { result: 0 } });
    const same = await create('token_name=equal', authorization);
    const refused = await stage.whm('/json-api/removeacct?api.version=1&username=bob', {
      headers: { authorization: `whm root:${same.data.token}` },
    });
    expect(refused.json()).toMatchObject({ metadata: { result: 0 } });
  });

  it('are good from allowed addresses and until they expire only', async () => {
    const elsewhere = await create('token_name=far&whitelist_ip-0=192.0.2.0/24');
    const past = await create('token_name=past&expires_at=1000');
    for (const { data } of [elsewhere, past]) {
      const headers = { authorization: `whm root:${data.token}` };
      expect((await stage.whm('/json-api/version', { headers })).status).toBe(403);
    }
  });
});
