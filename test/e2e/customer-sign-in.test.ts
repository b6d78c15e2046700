import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customerKey } from '../../src/auth/customers.ts';
import { visitor } from '../support/browser-less.ts';
import { asCustomer, customerPassword, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';

let site: RunningCustomers;
let now = Date.UTC(2026, 4, 6, 14, 0, 0);

beforeAll(async () => {
  site = await startCustomers(() => now);
});
afterAll(() => site.close());
beforeEach(() => {
  now += 3 * 60 * 60_000;
  site.fake.putAccounts([bob, { ...bob, user: 'eve', domain: 'eve.example' }]);
});

async function attempt(name: string, password: string, headers: Record<string, string> = {}) {
  const person = visitor(site.url, site.ca);
  await person.get('/my/sign-in', headers);
  return { person, page: await person.post('/my/sign-in', { name, password }, headers) };
}

describe('signing in', () => {
  it('an owner comes in with cPanel’s name and password, and leads to the overview', async () => {
    const { person, page } = await attempt(' BOB ', customerPassword);
    expect([page.status, page.location]).toEqual([303, '/my']);
    const home = await person.get((await person.get('/my')).location);
    expect([home.status, home.text.includes('Overview')]).toEqual([200, true]);
  });

  it('a bad password costs one question to one master, and says the same as an unknown name', async () => {
    const before = site.asked.length;
    const { page } = await attempt('bob', 'wrong');
    expect(site.asked.slice(before)).toEqual(['bob']);
    const unknown = await attempt('Not a name!', 'wrong');
    expect(site.asked.length).toBe(before + 1);
    expect([page.status, unknown.page.status]).toEqual([401, 401]);
    expect(page.text).toContain('Name or password is wrong.');
    expect(unknown.page.text).toContain('Name or password is wrong.');
  });

  it('guessing is slowed down, and what is not looked at costs no master anything', async () => {
    for (let turn = 0; turn < 6; turn += 1) await attempt('eve', 'wrong');
    const before = site.asked.length;
    const { page } = await attempt('eve', customerPassword);
    expect(page.status).toBe(429);
    expect(site.asked.length).toBe(before);
  });

  it('no master that knows the newest state: try again later, and it is counted as no guess', async () => {
    site.setPassword('later');
    for (let turn = 0; turn < 8; turn += 1) expect((await attempt('bob', customerPassword)).page.status).toBe(503);
    site.setPassword('right');
    expect((await attempt('bob', customerPassword)).page.status).toBe(303);
  });

  it('speaks the language that the browser asks for', async () => {
    const page = await visitor(site.url, site.ca).get('/my/sign-in', { 'accept-language': 'de-CH,de;q=0.9' });
    expect(page.text).toContain('<html lang="de"');
    expect(page.text).toContain('Anmelden');
  });
});

describe('the second factor', () => {
  it('is set up by a code, asked for after the right password alone, and lets in by a code or a recovery code', async () => {
    const person = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
    const path = '/my/own/second-factor';
    await person.post(`${path}/begin`, { password: customerPassword });
    const shown = (await person.get(path)).text;
    const secret = (/<pre><code>([A-Z2-7 ]+)<\/code>/.exec(shown)?.[1] ?? '').replaceAll(' ', '');
    const code = (steps = 0): string =>
      new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
        timestamp: now + steps * 30_000,
      });
    expect((await person.post(`${path}/confirm`, { code: '000000' })).status).toBe(422);
    const kept = (await person.post(`${path}/confirm`, { code: code() })).text;
    const recovery = /<pre><code>([^<]+)<\/code>/.exec(kept)?.[1]?.split('\n') ?? [];
    expect(recovery).toHaveLength(10);

    now += 3_600_000;
    site.setPassword('wrong');
    const wrong = await attempt('bob', 'wrong');
    expect([wrong.page.status, wrong.page.location]).toEqual([401, '']);
    site.setPassword('right');
    const right = await attempt('bob', customerPassword);
    expect([right.page.status, right.page.location]).toEqual([303, '/my/sign-in/code']);
    expect((await right.person.get('/my/overview')).status).toBe(303);
    expect((await right.person.get('/my/sign-in/code')).status).toBe(200);
    expect((await right.person.post('/my/sign-in/code', { code: '000000' })).status).toBe(401);
    expect((await right.person.post('/my/sign-in/code', { code: code() })).location).toBe('/my');
    expect((await right.person.get('/my/overview')).status).toBe(200);

    const lost = await attempt('bob', customerPassword);
    await lost.person.get('/my/sign-in/code');
    expect((await lost.person.post('/my/sign-in/code', { code: recovery[0] ?? '' })).location).toBe('/my/own');
    now += 3_600_000;
    const again = await attempt('bob', customerPassword);
    await again.person.get('/my/sign-in/code');
    expect((await again.person.post('/my/sign-in/code', { code: recovery[0] ?? '' })).status).toBe(401);
    await site.auth.secondFactor.remove(customerKey({ account: 'bob', role: 'owner', name: 'bob' }));
  });
});

describe('what is ended is ended', () => {
  it('a new password of the account ends the sessions that began before it', async () => {
    const person = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
    expect((await person.get('/my/overview')).status).toBe(200);
    now += 1000;
    const request = {
      action: 'account.password',
      params: { account: 'bob', password: 'A-fresh-Horse-43' },
      door: 'portal',
    } as const;
    await site.fake.operations.accept({ ...request, actor: { kind: 'system', name: 'test', scope: 'all' } });
    expect((await person.get('/my/overview')).status).toBe(303);
  });

  it.each([
    ['mailbox.password', { password: 'A-fresh-Horse-43' }, 303],
    ['mailbox.access', { login: false }, 303],
    ['mailbox.access', { incoming: false }, 200],
  ] as const)(
    '%s %j of a mailbox answers its user with %i, however many others follow',
    async (action, more, status) => {
      const person = await asCustomer(site, { account: 'bob', role: 'mailbox', name: 'info@bob.example' });
      expect((await person.get('/my/mailbox/home')).status).toBe(200);
      const change = async (address: string): Promise<void> => {
        now += 1000;
        const params = { account: 'bob', address, ...more };
        const actor = { kind: 'system', name: 'test', scope: 'all' } as const;
        await site.fake.operations.accept({ action, params, door: 'portal', actor });
      };
      await change('info@bob.example');
      for (let n = 0; n < 45; n += 1) await change(`other${n}@bob.example`);
      expect((await person.get('/my/mailbox/home')).status).toBe(status);
    },
  );

  it('a suspended or removed account closes its pages', async () => {
    const person = await asCustomer(site, { account: 'eve', role: 'owner', name: 'eve' });
    site.fake.putAccounts([{ ...bob, user: 'eve', suspended: true }]);
    now += 10_000;
    expect((await person.get('/my/overview')).status).toBe(303);
  });

  it('a link works once', async () => {
    const secret = await site.auth.customers.enterLink({ account: 'bob', role: 'owner', name: 'bob' });
    const first = await visitor(site.url, site.ca).get(`/my/enter/${secret}`);
    const second = await visitor(site.url, site.ca).get(`/my/enter/${secret}`);
    expect([first.status, second.status]).toEqual([303, 403]);
  });
});
