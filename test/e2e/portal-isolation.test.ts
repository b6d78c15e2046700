import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { has, type Role, roles } from '../../src/auth/roles.ts';
import { closedDesk } from '../../src/failover/portal/desk.ts';
import { databasePages } from '../../src/roles/databases/page.ts';
import { filesPages } from '../../src/roles/filesync/page.ts';
import { driftPage } from '../../src/routes/portal/drift/page.ts';
import { placementPage } from '../../src/routes/portal/pages/placement.ts';
import { switchoverPage } from '../../src/routes/portal/switchover/page.ts';
import { type Visitor, visitor } from '../support/browser-less.ts';
import { fakeDrift, oddRecord } from '../support/fake-drift.ts';
import { accepted } from '../support/fake-operations.ts';
import { bobWaits, fakePlacement } from '../support/fake-placement.ts';
import { bob, password, type RunningPortal, signedIn, startPortal, twoMasters } from '../support/portal.ts';
import { type Access, access } from '../support/portal-access.ts';

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
  if (path.startsWith('/drift/:id')) return path.replace(':id', oddRecord.id);
  return path.replaceAll(/:(\w+)/g, (_whole, name: string) => things[name] ?? 'x');
}

const body = { account: 'bob', reason: 'test', password: 'a stolen password 1', id: oddRecord.id };
const drift = fakeDrift(oddRecord);
/** No watch has written anything there yet. */
const peer = { host: '127.0.0.1', port: 3306 };
const mariadb = { ...peer, user: 'root', peer, from: '127.0.0.1', directory: '/nowhere' };
const databases = { stateDir: '/nowhere', masters: [{ mariadb }] };
const files = {
  stateDir: '/nowhere',
  masters: [{ id: 'm1', name: 'M1', filesync: { kind: 'folder' as const, path: '/nowhere' } }],
};
let portal: RunningPortal;
const visitors = new Map<string, Visitor>();

beforeAll(async () => {
  const watched = switchoverPage(closedDesk(['s3', 's4'], 'nobody can be asked here'));
  portal = await startPortal(Date.now, [
    driftPage(drift),
    placementPage(fakePlacement(), bobWaits),
    watched,
    ...databasePages(databases, Date.now),
    ...filesPages(files),
  ]);
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

const writes = Object.keys(access).filter((route) => route.startsWith('POST '));

it('no form is taken without the token of the page that it stood on', async () => {
  expect(writes.length).toBeGreaterThan(40);
  for (const route of writes) {
    const page = await as('is-owner').post(pathOf(route), { ...body, csrf: 'guessed' });
    expect([route, page.status]).toEqual([route, 403]);
  }
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
      '/search?q=post@',
      '/search?q=shop',
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
