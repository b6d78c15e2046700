/**
 * Who reaches what in the self-service, over every route that there is: customers, collaborators, mailbox users, staff
 * who look on, and nobody. What is foreign does not exist.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Customer } from '../../src/auth/customers.ts';
import { postgresPages } from '../../src/routes/customer/pages.ts';
import type { WhmCall } from '../../src/whm/call.ts';
import type { Outcome } from '../../src/whm/outcome.ts';
import { type Page, type Visitor, visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { accepted } from '../support/fake-operations.ts';
import { bob, password, twoMasters } from '../support/portal.ts';

/** The area of each route, by the beginning of its path, longest first. A route that fits none fails the first test. */
const areas: readonly (readonly [path: string, area: string])[] = [
  ['/my/sign-in', 'anybody'],
  ['/my/sign-out', 'anybody'],
  ['/my/enter', 'anybody'],
  ['/my/invitation', 'anybody'],
  ['/my/language', 'anybody'],
  ['/my/theme', 'anybody'],
  ['/my/domain', 'signed-in'],
  ['/my/brand', 'signed-in'],
  ['/my/events', 'signed-in'],
  ['/my/access/tokens', 'people'],
  ['/my/access/ftp', 'access'],
  ['/my/people', 'people'],
  ['/my/own', 'own'],
  ['/my/overview', 'overview'],
  ['/my/mailbox', 'mailbox'],
  ['/my/mail', 'mail'],
  ['/my/domains', 'domains'],
  ['/my/files', 'files'],
  ['/my/databases', 'databases'],
  ['/my/websites', 'websites'],
  ['/my/statistics/errors', 'websites'],
  ['/my/statistics/visitors', 'websites'],
  ['/my/statistics', 'statistics'],
  // A backup holds everything, mail too.
  ['/my/backups', 'people'],
  ['/my/activity', 'activity'],
];

const building = ['domains', 'files', 'databases', 'websites', 'statistics', 'backups', 'access'];

/** Written down here anew: what each kind of customer changes, and what it only sees. */
const reach: Readonly<Record<string, { readonly changes: readonly string[]; readonly sees: readonly string[] }>> = {
  owner: { changes: ['overview', 'mail', ...building, 'activity', 'people', 'own'], sees: [] },
  builder: { changes: [...building, 'own'], sees: ['overview', 'activity'] },
  'read-only': { changes: ['own'], sees: ['overview', 'activity', 'mail', ...building] },
  billing: { changes: ['own'], sees: ['overview', 'statistics'] },
  mailbox: { changes: ['mailbox', 'own'], sees: [] },
  staff: { changes: ['overview', 'mail', ...building, 'activity'], sees: ['people'] },
};

const things: Readonly<Record<string, string>> = {
  address: 'info%40bob.example',
  zone: 'bob.example',
  domain: 'shop.bob.example',
  secret: 'guessed',
  id: '01BOB',
  name: 'bob_shop',
  user: 'bob_web',
  database: 'bob_shop',
};

function pathOf(route: string): string {
  return route.replace(/^\w+ /, '').replaceAll(/:(\w+)/g, (_whole, name: string) => things[name] ?? 'x');
}

function areaOf(route: string): string | undefined {
  const path = route.replace(/^\w+ /, '');
  if (path === '/my') return 'signed-in';
  return areas.find(([start]) => path === start || path.startsWith(`${start}/`))?.[1];
}

let site: RunningCustomers;
let routes: readonly string[] = [];
const calls: WhmCall[] = [];
const visitors = new Map<string, Visitor>();
/** What forms may name, each of bob's: whoever else sends it must not get at it. */
const body = {
  ...{ email: 'x@y.example', local: 'x', to: 'x@y.example', domain: 'bob.example', confirm: 'bob.example' },
  ...{ name: 'bob_shop', of: 'info@bob.example', user: 'bob_web', database: 'bob_shop', login: 'up@bob.example' },
  ...{ address: 'info@bob.example', folder: '/home/bob/public_html', master: 'm1', backup: 'backup-1_bob.tar.gz' },
  ...{ account: 'bob', zone: 'bob.example', id: '01BOB', parent: 'bob.example', content: 'x', enabled: '1' },
};

function done(data: unknown): Outcome {
  return { kind: 'done', data, reason: 'OK', warnings: [], body: {} };
}

function answer(call: WhmCall): Outcome {
  calls.push(call);
  const domain = `${call.user ?? 'bob'}.example`;
  if (call.fn === 'DomainInfo::list_domains') {
    const sub_domains = call.user === 'bob' ? ['shop.bob.example'] : [];
    const data = { main_domain: domain, addon_domains: [], parked_domains: [], sub_domains };
    return done(data);
  }
  if (call.fn === 'Email::list_pops_with_disk')
    return done([{ email: `info@${domain}`, diskquota: '250', diskused: 1 }]);
  return { kind: 'not-sent', reason: 'nothing is connected' };
}

beforeAll(async () => {
  site = await startCustomers(Date.now, postgresPages);
  site.setAnswer(answer);
  site.fake.putAccounts([bob, { ...bob, user: 'eve', domain: 'eve.example' }]);
  await site.auth.personAdd({ name: 'ana', role: 'support', password });
  const as = async (name: string, customer: Customer): Promise<void> => {
    visitors.set(name, await asCustomer(site, customer));
  };
  await as('owner', { account: 'bob', role: 'owner', name: 'bob' });
  for (const role of ['builder', 'read-only', 'billing'] as const) {
    const email = `${role}@firm.example`;
    const secret = await site.auth.customers.invite({ account: 'bob', email, role, by: 'bob' });
    const { id } = await site.auth.customers.join(secret, 'a long password 1');
    await as(role, { account: 'bob', role, name: email, collaborator: id });
  }
  await as('mailbox', { account: 'bob', role: 'mailbox', name: 'info@bob.example' });
  await as('staff', { account: 'bob', role: 'owner', name: 'bob', staff: { name: 'ana', reason: 'asked to' } });
  await as('foreign', { account: 'eve', role: 'owner', name: 'eve' });
  await as('foreign-mailbox', { account: 'eve', role: 'mailbox', name: 'info@eve.example' });
  routes = site.routes.map(({ method, path }) => `${method} ${path}`);
});
afterAll(() => site.close());
beforeEach(() => {
  calls.length = 0;
  const actor = { kind: 'customer', name: 'bob', scope: { account: 'bob' } } as const;
  const params = { account: 'bob', address: 'other@bob.example' };
  const request = { action: 'mailbox.delete', params, actor, door: 'portal', idempotencyKey: '01BOB' } as const;
  site.fake.put(accepted(request, twoMasters, Date.now));
});

function as(name: string): Visitor {
  const found = visitors.get(name);
  if (found === undefined) throw new Error(`${name} is not signed in`);
  return found;
}

function send(who: Visitor, route: string): Promise<Page> {
  return route.startsWith('GET ') ? who.get(pathOf(route)) : who.post(pathOf(route), body);
}

/** Routes of pages; not the stream, which never ends, and not what ends a session. */
function walked(): readonly string[] {
  return routes.filter((route) => areaOf(route) !== 'anybody' && route !== 'GET /my/events');
}

it('every route is known to this test', () => {
  expect(routes.length).toBeGreaterThan(80);
  expect(routes.filter((route) => areaOf(route) === undefined)).toEqual([]);
});

it('who is not signed in gets nothing', async () => {
  const nobody = visitor(site.url, site.ca);
  await nobody.get('/my/sign-in');
  for (const route of walked()) {
    const page = await send(nobody, route);
    expect([route, page.status], route).toEqual([route, route.startsWith('GET ') ? 303 : 403]);
    if (page.status === 303) expect(page.location).toMatch(/^\/my\/sign-in\?next=/);
    expect(page.text.replaceAll(page.location, '')).not.toContain('bob.example');
  }
  expect(calls).toEqual([]);
});

describe.each(Object.keys(reach))('%s', (name) => {
  const { changes = [], sees = [] } = reach[name] ?? {};

  it('finds nothing outside of its areas, and changes nothing where it only sees', async () => {
    const before = site.fake.requests.length;
    const isOpen = (route: string): boolean => {
      const area = areaOf(route) ?? '';
      return area === 'signed-in' || changes.includes(area) || (sees.includes(area) && route.startsWith('GET '));
    };
    for (const route of walked().filter((one) => !isOpen(one))) {
      const page = await send(as(name), route);
      expect([route, page.status]).toEqual([route, sees.includes(areaOf(route) ?? '') ? 403 : 404]);
    }
    expect(site.fake.requests.length).toBe(before);
  });

  it('opens what it may, and is offered no form where it only sees', async () => {
    const open = [...changes, ...sees];
    // These name their file or user behind a question mark, and without one there is none.
    const pages = walked().filter(
      (route) =>
        route.startsWith('GET ') &&
        open.includes(areaOf(route) ?? '') &&
        !/:|\/files\/|\/(user|one|site|folder|file|open|restore)$/.test(route),
    );
    for (const route of pages) {
      const page = await send(as(name), route);
      // 409, 422, 502 and 503: what has to ask a master first, while none is connected.
      expect([route, page.status], route).toEqual([route, expect.toBeOneOf([200, 303, 409, 422, 502, 503])]);
      const main = page.text.slice(page.text.indexOf('<main'));
      if (sees.includes(areaOf(route) ?? ''))
        expect([route, main]).toEqual([route, expect.not.stringContaining('class="form')]);
    }
  });
});

describe('what is another account’s', () => {
  it('does not exist, in the same words as what is not there', async () => {
    const ids: readonly (readonly [string, string])[] = [
      ['/my/activity/01BOB', '/my/activity/01NOB'],
      ['/my/domains/zones/bob.example', '/my/domains/zones/nob.example'],
      ['/my/domains/list/shop.bob.example/remove', '/my/domains/list/shop.nob.example/remove'],
      ['/my/domains/zones/bob.example/text', '/my/domains/zones/nob.example/text'],
    ];
    for (const [foreign, absent] of ids) {
      const [one, other] = [await as('foreign').get(foreign), await as('foreign').get(absent)];
      expect([foreign, one.status, other.status]).toEqual([foreign, 404, 404]);
      const bare = (page: Page) => page.text.replaceAll(/[bn]ob|01[BN]OB|value="[^"]*"|[0-9A-Z]{26}/g, '');
      expect(bare(one)).toBe(bare(other));
    }
  });

  it.each(['foreign', 'foreign-mailbox'])(
    '%s: whatever a path or form names, masters are asked about its own account alone',
    async (name) => {
      const before = site.fake.requests.length;
      for (const route of walked()) {
        if (route.includes('/own')) continue;
        await send(as(name), route);
      }
      const foreign = calls.filter((call) => call.user !== undefined && call.user !== 'eve');
      expect(foreign.map((call) => call.fn)).toEqual([]);
      const named = calls.filter((call) => call.user === undefined && JSON.stringify(call).includes('bob'));
      expect(named.map((call) => call.fn)).toEqual([]);
      for (const request of site.fake.requests.slice(before)) {
        // Cast: every customer's parameters name an account, which is what is looked at.
        const params = request.params as { readonly account?: string; readonly zone?: string };
        expect([request.action, params.account]).toEqual([request.action, 'eve']);
        expect(params.zone ?? 'eve.example').toBe('eve.example');
      }
    },
  );

  it('a foreign collaborator can be neither removed nor invited again', async () => {
    const [victim] = await site.auth.customers.collaborators('bob');
    for (const what of ['remove', 'again']) {
      const page = await as('foreign').post(`/my/people/${victim?.id ?? ''}/${what}`, {});
      expect(page.status).toBe(404);
    }
    expect((await site.auth.customers.collaborators('bob')).length).toBe(3);
  });
});

describe('a mailbox user', () => {
  it('acts on its own address, whatever the form says', async () => {
    const before = site.fake.requests.length;
    const form = { address: 'other@bob.example', account: 'eve', to: 'x@y.example' };
    await as('mailbox').post('/my/mailbox/forwarders', form);
    await as('mailbox').post('/my/own/password', { ...form, password: 'A-new-Secret-77' });
    const asked = site.fake.requests.slice(before).map((request) => request.params);
    expect(asked).toMatchObject([
      { account: 'bob', address: 'info@bob.example' },
      { account: 'bob', address: 'info@bob.example' },
    ]);
    expect(asked.length).toBe(2);
  });

  it('does not see what happened to another mailbox', async () => {
    expect((await as('mailbox').get('/my/mailbox/home?done=01BOB')).text).not.toContain('Accepted');
    expect((await as('owner').get('/my/mail/boxes?done=01BOB')).text).toContain('Accepted');
  });
});

describe('what is ended is ended', () => {
  it('a removed collaborator, and staff who lost the right, are out at once', async () => {
    const found = (await site.auth.customers.collaborators('bob')).find((one) => one.role === 'billing');
    await site.auth.customers.remove('bob', found?.id ?? '');
    expect((await as('billing').get('/my/overview')).status).toBe(303);
    await site.auth.personSuspend('ana', true);
    expect((await as('staff').get('/my/overview')).status).toBe(303);
  });

  it('a role changes with the next page', async () => {
    expect((await as('builder').get('/my/mail/boxes')).status).toBe(404);
  });
});
