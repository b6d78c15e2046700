import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { form, openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

describe('a one-time link', () => {
  it('opens the account’s own pages once; its session on this port shows, and changes nothing', async () => {
    const made = (await stage.whm('/json-api/create_user_session?api.version=2&user=bob&service=cpaneld')).json();
    const { url, cp_security_token: token } = made['data'] as { url: string; cp_security_token: string };
    const { port, pathname, search } = new URL(url);
    expect(Number(port)).toBe(stage.web.cpanel.port);
    const opened = await stage.cpanel(`${pathname}${search}`);
    expect([opened.status, opened.headers.location]).toEqual([301, `${token}/`]);
    const cookie = String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    const page = await stage.cpanel(`${token}/`, { headers: { cookie } });
    expect([page.status, page.headers['cache-control']]).toEqual([303, 'no-store']);
    // The customers' own pages on this very port, with a secret of their own (their tests walk on from there).
    expect(page.headers.location).toMatch(/^\/my\/enter\/[\w-]{20,}$/);
    expect((await stage.cpanel(`${pathname}${search}`)).status).toBe(401);
    expect((await stage.cpanel(`${token}/execute/Email/list_pops`, { headers: { cookie } })).json()).toMatchObject({
      status: 1,
    });
    const changed = await stage.cpanel(`${token}/execute/Mysql/create_database?name=bob_link`, { headers: { cookie } });
    expect(changed.json()).toMatchObject({ status: 0 });
  });
});

describe('a one-time link for webmail', () => {
  const box = 'info@bob.example';

  async function linkFor(query: string, authorization?: string) {
    const headers = authorization === undefined ? {} : { headers: { authorization } };
    const answer = await stage.whm(`/json-api/create_user_session?api.version=1&service=webmaild&${query}`, headers);
    return answer.json() as never as {
      data?: { url: string; cp_security_token: string; session: string };
      metadata: { result: number; reason: string };
    };
  }

  it('signs a mailbox user in to the self-service as that mailbox, and nobody on this port', async () => {
    await stage.perform('mailbox.add', { account: 'bob', address: box, password: 'Vy8-kestrel-mail', quotaMb: 100 });
    const { data } = await linkFor(`user=${encodeURIComponent(box)}`);
    expect(data?.session).toMatch(/^info@bob\.example:/);
    const { pathname, search } = new URL(data?.url ?? '');
    const token = data?.cp_security_token ?? '';
    const opened = await stage.cpanel(`${pathname}${search}`);
    const cookie = String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    // What a mailbox user may do is on the pages; the account's functions are not theirs.
    const listed = await stage.cpanel(`${token}/execute/Email/list_pops`, { headers: { cookie } });
    expect(listed.json()).toMatchObject({ status: 0 });
    const entered = await stage.cpanel(`${token}/`, { headers: { cookie } });
    const secret = /^\/my\/enter\/([\w-]{20,})$/.exec(String(entered.headers.location))?.[1] ?? '';
    expect(await stage.pair.core.auth.customers.linkOf(secret)).toEqual({
      kind: 'enter',
      customer: { account: 'bob', role: 'mailbox', name: box },
    });
    const inside = await stage.cpanel(`/my/enter/${secret}`);
    const mine = String(inside.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    expect((await stage.cpanel('/my/mailbox', { headers: { cookie: mine } })).text).toContain(box);
    expect((await stage.cpanel('/my/databases', { headers: { cookie: mine } })).status).toBe(404);
  });

  it('is made for mailboxes that exist, and for nobody else’s', async () => {
    expect((await linkFor('user=nobody@bob.example')).metadata).toEqual(
      expect.objectContaining({ result: 0, reason: 'The mailbox “nobody@bob.example” does not exist.' }),
    );
    const { token } = await stage.pair.core.auth.tokenCreate({ owner: 'stranger', acl: ['all'], scope: 'account' });
    expect((await linkFor(`user=${box}`, `whm stranger:${token}`)).metadata).toBeUndefined();
    expect((await linkFor('user=info@elsewhere.example')).metadata.result).toBe(0);
  });

  it('of the account opens the account', async () => {
    expect((await linkFor('user=bob')).metadata).toMatchObject({ result: 1, reason: 'Created session' });
  });
});

describe('a session that a token opened', () => {
  it('is sent to the self-service’s own sign-in: what the token may not do, its holder does not do there', async () => {
    const { token } = await stage.pair.core.auth.tokenCreate({ owner: 'bob', acl: ['read'], scope: 'account' });
    const opened = await stage.cpanel('/login/?login_only=1', form({ user: 'bob', pass: token }));
    const cookie = String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    const prefix = String(opened.json()['security_token']);
    const page = await stage.cpanel(`${prefix}/`, { headers: { cookie } });
    expect([page.status, page.headers.location]).toEqual([303, '/my']);
  });

  it('signs in to no single server: those functions are refused with what to use', async () => {
    const answer = await stage.cpanel('/execute/Session/create_webmail_session_for_self', {
      headers: { authorization: `cpanel bob:${await bobToken()}` },
    });
    expect(answer.json()).toMatchObject({ status: 0, errors: [expect.stringContaining('create_user_session')] });
  });

  async function bobToken(): Promise<string> {
    return (await stage.pair.core.auth.tokenCreate({ owner: 'bob', acl: ['all'], scope: 'account' })).token;
  }
});
