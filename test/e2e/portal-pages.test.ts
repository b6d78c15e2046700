import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Visitor, visitor } from '../support/browser-less.ts';
import { bob, password, type RunningPortal, signedIn, startPortal } from '../support/portal.ts';

let portal: RunningPortal;
let ana: Visitor;

beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.close());

describe('before anybody exists', () => {
  it('the sign-in page says how the first owner is made, and every page leads there', async () => {
    const nobody = visitor(portal.url, portal.ca);
    expect(await nobody.get('/operations?state=held')).toMatchObject({
      status: 303,
      location: '/sign-in?next=%2Foperations%3Fstate%3Dheld',
    });
    expect((await nobody.get('/sign-in')).text).toContain('tandem person add NAME --role owner --password-stdin');
    await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
    await portal.auth.personAdd({ name: 'rita', role: 'read-only', password });
    expect((await nobody.get('/sign-in')).text).toContain('name="password"');
  });
});

describe('signing in', () => {
  it('gives a new session in a cookie for TLS, this host and no script, and leads where one wanted to go', async () => {
    const person = visitor(portal.url, portal.ca);
    await person.get('/sign-in');
    const page = await person.post('/sign-in', { name: 'Ana', password, next: '/operations?state=held' });
    expect(page).toMatchObject({ status: 303, location: '/operations?state=held' });
    const cookie = [page.headers['set-cookie'] ?? []].flat().find((line) => line.startsWith('__Host-tandem='));
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
  });

  it('says the same of a wrong name and a wrong password, keeps the name, and costs no session', async () => {
    const pages = [];
    for (const name of ['ana', 'nobody']) {
      const person = visitor(portal.url, portal.ca);
      await person.get('/sign-in');
      pages.push(await person.post('/sign-in', { name, password: 'wrong' }));
      expect(person.cookies.has('__Host-tandem')).toBe(false);
    }
    const bare = pages.map((page) => page.text.replaceAll(/value="[^"]*"/g, ''));
    expect(pages.map((page) => page.status)).toEqual([401, 401]);
    expect(bare[0]).toBe(bare[1]);
    expect(pages[1]?.text).toContain('value="nobody"');
  });

  it('cannot be sent from another site, or without the form’s token', async () => {
    const person = visitor(portal.url, portal.ca);
    await person.get('/sign-in');
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await person.post('/sign-in', { name: 'ana', password }, foreign)).status).toBe(403);
    expect((await person.post('/sign-in', { name: 'ana', password }, { origin: 'https://evil.test' })).status).toBe(
      403,
    );
    expect((await person.post('/sign-in', { name: 'ana', password, csrf: 'guessed' })).status).toBe(403);
  });

  it('ends at once when signed out, and when the person is removed', async () => {
    const person = await signedIn(portal, 'ana');
    await person.get('/accounts');
    const before = new Map(person.cookies);
    expect((await person.post('/sign-out', {})).location).toBe('/sign-in');
    const old = visitor(portal.url, portal.ca);
    const cookie = [...before].map(([name, value]) => `${name}=${value}`).join('; ');
    expect((await old.get('/accounts', { cookie })).status).toBe(303);

    await portal.auth.personAdd({ name: 'tom', role: 'admin', password });
    const tom = await signedIn(portal, 'tom');
    expect((await tom.get('/accounts')).status).toBe(200);
    await portal.auth.personRemove('tom');
    expect((await tom.get('/accounts')).status).toBe(303);
  });
});

describe('the pages', () => {
  beforeAll(async () => {
    ana = await signedIn(portal, 'ana');
    await ana.get('/accounts');
  });
  beforeEach(() => {
    portal.fake.setDown(false);
    portal.fake.putAccounts([bob]);
  });

  it('run no inline script, are framed by nobody and kept by no cache', async () => {
    const page = await ana.get('/accounts');
    expect(page.headers['content-security-policy']).toContain("default-src 'none';script-src 'self'");
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['strict-transport-security']).toContain('max-age=');
    expect(page.headers['x-powered-by']).toBeUndefined();
    expect(page.text).not.toMatch(/<script(?![^>]*src=)|\son\w+=|style=/);
  });

  it('let browsers keep for good what is the same in all of them, and nothing else', async () => {
    const { text } = await ana.get('/accounts');
    const assets = [...new Set([...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path))];
    expect(assets.length).toBeGreaterThan(10);
    for (const path of assets) {
      const { status, headers } = await ana.get(path);
      expect([path, status, headers['cache-control']]).toEqual([path, 200, 'public, max-age=31536000, immutable']);
    }
    const [own = ''] = assets;
    const missing = await ana.get(own.replace(/[^/]+$/, 'nowhere.css'));
    expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store']);
  });

  it('work beside a node with another release, whose style sheets have another mark', async () => {
    const { status, headers } = await ana.get('/assets/0123456789ab/tokens.css');
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  });

  it('list the accounts with both chips, and say when there are none', async () => {
    const page = await ana.get('/accounts');
    expect(page.text).toContain('href="/accounts/bob"');
    expect(page.text).toContain('href="/operations/01LATE#leg-m2" title="retrying: M2 unreachable since 13:41"');
    portal.fake.putAccounts([]);
    expect((await ana.get('/accounts')).text).toContain('There are no accounts yet.');
    expect((await ana.get('/accounts?q=zz')).text).toContain('No account matches this filter.');
  });

  it('show text from a master as text', async () => {
    portal.fake.putAccounts([{ ...bob, domain: '<img src=x onerror=alert(1)>', plan: '"><script>' }]);
    for (const path of ['/accounts', '/accounts/bob', '/search?q=b', '/actions/account.create']) {
      const page = await ana.get(path);
      expect(page.text).not.toContain('<img src=x');
      expect(page.text).not.toContain('"><script>');
    }
  });

  it.each([
    ['/accounts', 'Accounts'],
    ['/accounts/bob', 'Activity'],
    ['/operations', 'Operations'],
    ['/operations?state=held&account=bob', 'No operation matches this filter.'],
    ['/masters', 'single point of failure'],
    ['/actions', 'Create account'],
    ['/search', 'Type a name'],
    ['/search?q=create', 'href="/actions/account.create"'],
    ['/accounts/bob', '<a href="/drift?account=bob">The masters differ in 2 things of it</a>'],
    ['/search?q=post%40', 'href="/accounts/bob#mail">post@bob.example</a>'],
    ['/search?q=shop', 'Database</td>'],
    ['/search?q=mast', '<a href="/masters">Masters</a>'],
    ['/audit', 'sign-in'],
  ])('%s can be read', async (path, words) => {
    const page = await ana.get(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain(words);
  });

  it('there is a form for every action', async () => {
    const ids = [...(await ana.get('/actions')).text.matchAll(/href="\/actions\/([\w.-]+)"/g)].map((found) => found[1]);
    expect(ids.length).toBeGreaterThan(5);
    for (const id of ids) expect((await ana.get(`/actions/${id}`)).status).toBe(200);
  });

  it.each(['/nothing', '/accounts/ghost', '/operations/01NONE', '/actions/no.such'])(
    '%s is not there',
    async (path) => {
      expect((await ana.get(path)).status).toBe(404);
    },
  );

  it('remember the colours', async () => {
    expect((await ana.post('/theme', { theme: 'dark' })).status).toBe(303);
    expect((await ana.get('/accounts')).text).toContain('data-theme="dark"');
    await ana.post('/theme', { theme: 'system' });
  });
});

describe('tokens', () => {
  it('are made with the time that their calls wait, which can be changed and given back afterwards', async () => {
    const person = await signedIn(portal, 'ana');
    await person.get('/tokens');
    const form = { owner: 'root', label: 'billing', acl: 'all', waitMs: '300' };
    expect((await person.post('/tokens', form)).text).toMatch(/[0-9A-F]{64}/);
    const waits = async () => (await portal.auth.tokens()).find((one) => one.label === 'billing')?.waitMs;
    expect([await waits(), (await person.get('/tokens')).text.includes('300 s')]).toEqual([300_000, true]);
    const [token = ''] = (await portal.auth.tokens()).map((one) => one.id);
    const wrong = await person.post('/tokens/wait', { token, patience: '9000' });
    expect(wrong.text).toContain('Use 1 to 600 seconds.');
    for (const [patience, wanted] of [
      ['9', 9000],
      ['', undefined],
    ] as const) {
      expect(await person.post('/tokens/wait', { token, patience })).toMatchObject({ location: '/tokens' });
      expect(await waits()).toBe(wanted);
    }
    const reader = await signedIn(portal, 'rita');
    await reader.get('/');
    expect((await reader.post('/tokens/wait', { token, patience: '9' })).status).toBe(403);
  });
});
