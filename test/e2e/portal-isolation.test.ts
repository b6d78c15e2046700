import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { has, type Right, type Role, roles } from '../../src/auth/roles.ts';
import { databasePages } from '../../src/roles/databases/page.ts';
import { driftPage } from '../../src/routes/portal/drift/page.ts';
import { type Visitor, visitor } from '../support/browser-less.ts';
import { fakeDrift, oddRecord } from '../support/fake-drift.ts';
import { accepted } from '../support/fake-operations.ts';
import { bob, password, type RunningPortal, signedIn, startPortal, twoMasters } from '../support/portal.ts';

/**
 * Who may use a route: anybody, whoever is signed in, whoever has the right. 'theirs': signed in, and the thing that
 * the path names must be within reach, else it does not exist. 'own-brand': a reseller's people, where it has one.
 * 'staff-decides': staff who may also change accounts.
 */
type Access = 'anybody' | 'signed-in' | 'theirs' | 'own-brand' | 'staff-decides' | Right;

/** Every route there is. A route that is missing here fails the first test: decide who may use it, then list it. */
const access: Readonly<Record<string, Access>> = {
  'GET /sign-in': 'anybody',
  'POST /sign-in': 'anybody',
  'GET /sign-in/code': 'anybody',
  'POST /sign-in/code': 'anybody',
  'POST /sign-out': 'anybody',
  'GET /password/:secret': 'anybody',
  'POST /password/:secret': 'anybody',
  'POST /theme': 'anybody',
  'GET /': 'signed-in',
  'GET /accounts': 'signed-in',
  'GET /accounts/:user': 'theirs',
  'GET /accounts/list.csv': 'signed-in',
  'GET /accounts/bulk': 'signed-in',
  'POST /accounts/bulk': 'signed-in',
  'POST /accounts/:user/notes': 'theirs',
  'POST /accounts/:user/notes/:id/remove': 'theirs',
  'POST /accounts/:user/log-in-as': 'theirs',
  'POST /accounts/:user/log-in-as/end': 'signed-in',
  'GET /operations': 'signed-in',
  'GET /operations/:id': 'theirs',
  'POST /operations/:id/withdraw': 'theirs',
  'POST /operations/:id/legs/:master/:choice': 'theirs',
  'GET /actions': 'signed-in',
  'GET /actions/:id': 'signed-in',
  'POST /actions/:id': 'theirs',
  'GET /search': 'signed-in',
  'GET /events': 'signed-in',
  'GET /masters': 'see-staff',
  'POST /masters/:id/resume': 'masters',
  'GET /audit': 'audit',
  'POST /audit/verify': 'audit-export',
  'GET /audit/export.:form': 'audit-export',
  'POST /masters/windows': 'masters',
  'POST /masters/windows/:id/remove': 'masters',
  'GET /zones': 'signed-in',
  'GET /zones/:zone': 'theirs',
  'POST /zones/:zone': 'theirs',
  'GET /zones/:zone/saves/:id': 'theirs',
  'GET /packages': 'signed-in',
  'GET /packages/features/:name': 'see-staff',
  'GET /resellers': 'see-staff',
  'GET /resellers/:name': 'see-staff',
  'POST /resellers/:name/brand': 'settings',
  'GET /settings': 'settings',
  'GET /brand/colours.css': 'own-brand',
  'GET /brand/logo.svg': 'own-brand',
  'GET /functions': 'see-staff',
  'GET /functions/:api/:name': 'see-staff',
  'GET /me': 'signed-in',
  'POST /me/password': 'signed-in',
  'POST /me/sessions/:id/end': 'theirs',
  'GET /me/second-factor': 'signed-in',
  'POST /me/second-factor/begin': 'signed-in',
  'POST /me/second-factor/confirm': 'signed-in',
  'POST /me/second-factor/codes': 'signed-in',
  'POST /me/second-factor/remove': 'signed-in',
  'GET /people': 'people',
  'POST /people': 'people',
  'GET /people/:name': 'people',
  'POST /people/:name/role': 'people',
  'POST /people/:name/suspend': 'people',
  'POST /people/:name/unsuspend': 'people',
  'POST /people/:name/second-factor-off': 'people',
  'POST /people/:name/remove': 'people',
  'POST /people/:name/link': 'people',
  'POST /people/:name/sessions/:id/end': 'people',
  'GET /tokens': 'tokens',
  'POST /tokens': 'tokens',
  'POST /tokens/:id/revoke': 'tokens',
  'GET /drift': 'see-staff',
  'GET /drift/preview': 'see-staff',
  'GET /drift/:id': 'see-staff',
  'POST /drift/scan': 'staff-decides',
  'POST /drift/repair': 'staff-decides',
  'POST /drift/accept': 'staff-decides',
  'GET /databases': 'see-staff',
};

/** What stands in for the parts of a path: all of it exists, and belongs to the reseller acme. */
const things: Readonly<Record<string, string>> = {
  user: 'bob',
  id: '01BOB',
  master: 'm2',
  choice: 'retry',
  name: 'victim',
  secret: 'guessed',
  api: 'whm',
  zone: 'bob.example',
  form: 'csv',
};

function pathOf(route: string): string {
  const path = route.slice(route.indexOf(' ') + 1);
  if (path.startsWith('/actions/')) return '/actions/account.suspend';
  if (route === 'GET /accounts/bulk') return '/accounts/bulk?action=account.suspend&all=1';
  if (path.startsWith('/functions/')) return '/functions/whm/createacct';
  if (route === 'GET /drift/preview') return `/drift/preview?id=${oddRecord.id}`;
  if (path === '/drift/:id') return `/drift/${oddRecord.id}`;
  return path.replaceAll(/:(\w+)/g, (_whole, name: string) => things[name] ?? 'x');
}

const body = { account: 'bob', reason: 'test', password: 'a stolen password 1', id: oddRecord.id };
const drift = fakeDrift(oddRecord);
/** No watch has written anything there yet. */
const peer = { host: '127.0.0.1', port: 3306 };
const mariadb = { ...peer, user: 'root', peer, from: '127.0.0.1', directory: '/nowhere' };
const databases = { stateDir: '/nowhere', masters: [{ mariadb }] };
let portal: RunningPortal;
const visitors = new Map<string, Visitor>();

beforeAll(async () => {
  portal = await startPortal(Date.now, [driftPage(drift), ...databasePages(databases, Date.now)]);
  for (const role of roles)
    await portal.auth.personAdd({
      name: `is-${role}`,
      role,
      password,
      ...(role === 'reseller' ? { reseller: 'other' } : {}),
    });
  await portal.auth.personAdd({ name: 'rex', role: 'reseller', reseller: 'acme', password });
  await portal.auth.personAdd({ name: 'victim', role: 'support', password });
  for (const name of [...roles.map((role) => `is-${role}`), 'rex']) visitors.set(name, await signedIn(portal, name));
});
afterAll(() => portal.close());
beforeEach(() => {
  portal.fake.putAccounts([
    { ...bob, owner: 'acme' },
    { ...bob, user: 'eve', domain: 'eve.example', owner: 'other' },
  ]);
  const actor = { kind: 'person', name: 'rex', scope: { reseller: 'acme' } } as const;
  const request = {
    action: 'account.suspend',
    params: { account: 'bob' },
    actor,
    door: 'portal',
    idempotencyKey: '01BOB',
  } as const;
  portal.fake.put(accepted(request, twoMasters, Date.now));
});

function as(name: string): Visitor {
  const found = visitors.get(name);
  if (found === undefined) throw new Error(`${name} is not signed in`);
  return found;
}

function send(who: Visitor, route: string) {
  return route.startsWith('GET ') ? who.get(pathOf(route)) : who.post(pathOf(route), body);
}

function expected(access: Access, role: Role): 'open' | 'closed' | 'theirs' {
  if (access === 'anybody' || access === 'signed-in') return 'open';
  if (access === 'own-brand') return 'closed';
  if (access === 'staff-decides') return has(role, 'see-staff') && has(role, 'accounts') ? 'open' : 'closed';
  if (access === 'theirs') return role === 'reseller' ? 'closed' : 'theirs';
  return has(role, access) ? 'open' : 'closed';
}

it('every route is known to this test', () => {
  const there = portal.routes.map(({ method, path }) => `${method} ${path}`);
  expect(there.filter((route) => !Object.hasOwn(access, route))).toEqual([]);
  expect(Object.keys(access).filter((route) => !there.includes(route))).toEqual([]);
});

describe('who is not signed in', () => {
  it.each(Object.entries(access).filter(([, who]) => who !== 'anybody'))('gets nothing of %s', async (route) => {
    const nobody = visitor(portal.url, portal.ca);
    await nobody.get('/sign-in');
    const page = await send(nobody, route);
    if (page.status === 303) expect(page.location).toMatch(/^\/sign-in\?next=/);
    else expect(page.status).toBe(403);
    expect(page.text.replace(page.location, '')).not.toContain('bob');
  });
});

describe.each(roles)('the role %s, a reseller being another one', (role) => {
  const closed = Object.entries(access).filter(([, who]) => expected(who, role) === 'closed');
  it.each(closed.length > 0 ? closed : [['nothing is closed to it', 'signed-in'] as const])(
    'does not get through %s',
    async (route) => {
      if (!route.includes(' /')) return;
      const page = await send(as(`is-${role}`), route);
      expect([403, 404]).toContain(page.status);
      expect(page.text).not.toContain('bob.example');
      expect((await portal.fake.operations.get('01BOB'))?.state).toBe('accepted');
      expect(drift.decided).toEqual([]);
    },
  );

  it('opens the pages that it may', async () => {
    for (const [route, who] of Object.entries(access)) {
      if (!route.startsWith('GET ') || route === 'GET /events' || route === 'GET /password/:secret') continue;
      // Nothing was ever saved of the zone that stands in here.
      if (expected(who, role) === 'closed' || route.includes('/saves/')) continue;
      const page = await send(as(`is-${role}`), route);
      expect([route, page.status]).toEqual([
        route,
        expect.toSatisfy((status: number) => status === 200 || status === 303),
      ]);
    }
  });
});

describe('a reseller', () => {
  it('sees its own account and operation, in lists and by name', async () => {
    expect((await as('rex').get('/accounts')).text).toContain('bob.example');
    expect((await as('rex').get('/accounts/bob')).status).toBe(200);
    expect((await as('rex').get('/operations')).text).toContain('/operations/01BOB');
    expect((await as('rex').get('/operations/01BOB')).status).toBe(200);
  });

  it('finds nothing foreign in any list or search, by name, domain or id', async () => {
    const other = as('is-reseller');
    for (const path of [
      '/accounts',
      '/operations',
      '/search?q=bob',
      '/search?q=01BOB',
      '/search?q=bob.example',
      '/actions/mailbox.add',
    ]) {
      const page = await other.get(path);
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.text.replaceAll(/value="[^"]*"|“[^”]*”|<title>[^<]*/g, '')).not.toContain('bob');
    }
  });

  it('gets the same answer for what is foreign and for what does not exist', async () => {
    const other = as('is-reseller');
    const foreign = await other.get('/accounts/bob');
    const absent = await other.get('/accounts/nob');
    expect(foreign.status).toBe(absent.status);
    const bare = (text: string) => text.replaceAll(/[bn]ob|value="[^"]*"|[0-9A-Z]{26}/g, '');
    expect(bare(foreign.text)).toBe(bare(absent.text));
  });

  it('changes nothing foreign, and makes accounts only for itself', async () => {
    const other = as('is-reseller');
    const before = portal.fake.requests.length;
    expect((await other.post('/actions/account.suspend', { account: 'bob' })).status).toBe(403);
    expect(
      (await other.post('/actions/account.create', { account: 'fresh', domain: 'fresh.example', owner: 'acme' }))
        .status,
    ).toBe(403);
    expect((await other.post('/actions/package.add', { name: 'acme_gold', quotaMb: '1' })).status).toBe(403);
    expect((await other.post('/actions/whm.call', { api: 'whm', fn: 'reboot' })).status).toBeGreaterThanOrEqual(403);
    expect(portal.fake.requests.length).toBe(before);
    await other.post('/actions/account.create', { account: 'fresh', domain: 'fresh.example' });
    expect(portal.fake.requests.at(-1)?.params).toMatchObject({ account: 'fresh', owner: 'other' });
  });
});

describe('what is ended is ended', () => {
  it('a session ended by hand, a new password and a suspension close the portal at once', async () => {
    const first = await signedIn(portal, 'victim');
    const second = await signedIn(portal, 'victim');
    const [listed] = await portal.auth.sessionList('victim');
    await portal.auth.sessionEnd(listed?.id ?? '');
    const statuses = [(await first.get('/accounts')).status, (await second.get('/accounts')).status];
    expect(statuses.sort()).toEqual([200, 303]);
    await portal.auth.personPassword('victim', password);
    expect([(await first.get('/accounts')).status, (await second.get('/accounts')).status]).toEqual([303, 303]);
    const third = await signedIn(portal, 'victim');
    await portal.auth.personSuspend('victim', true);
    expect((await third.get('/accounts')).status).toBe(303);
  });
});
