import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Outcome } from '../../src/whm/outcome.ts';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';
import { zoneAnswer } from '../unit/actions/support.ts';

/** A page that knows its main thing and still waits for another says so, and asks again: else a form would be missing. */

let site: RunningCustomers;
let owner: Visitor;
let now = Date.UTC(2026, 4, 6, 14, 0, 0);

const answers: Readonly<Record<string, unknown>> = {
  'Mysql::list_databases': [{ database: 'bob_shop', disk_usage: 0, users: ['bob_web'] }],
  'Mysql::list_users': [{ user: 'bob_web', databases: ['bob_shop'] }],
  'Mysql::get_privileges_on_database': ['ALL PRIVILEGES'],
  'Mysql::get_restrictions': { prefix: 'bob_' },
};

beforeAll(async () => {
  site = await startCustomers(() => now);
  site.fake.putAccounts([bob]);
  site.setAnswer(({ fn }): Outcome => {
    if (fn in answers) return { kind: 'done', data: answers[fn], reason: 'OK', warnings: [], body: {} };
    return { kind: 'refused', reason: 'not asked here', body: {} };
  });
  owner = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
});
afterAll(() => site.close());
// What was answered before is old.
beforeEach(() => {
  now += 60_000;
});

it('asks again until everything is there, without JavaScript too', async () => {
  const path = '/my/databases/one?name=bob_shop';
  await owner.get('/my/databases?part=live');
  const first = (await owner.get(path)).text;
  expect(first).toContain('bob_web');
  expect(first).not.toContain('Give access');
  expect(first).toContain('data-again');
  expect(first).toContain('<noscript> <a href="/my/databases/one?name=bob_shop">Load again</a></noscript>');
  const whole = (await owner.get(`${path}&part=live`)).text;
  expect(whole).toContain('Give access');
  expect(whole).not.toContain('data-again');
});

it('a zone is not shown from an old memory of whose it is: the page says that it is being read, and completes itself', async () => {
  const domains = { main_domain: 'bob.example', addon_domains: ['two.example'], parked_domains: [], sub_domains: [] };
  const told = (data: unknown): Outcome => ({ kind: 'done', data, reason: 'OK', warnings: [], body: {} });
  const records = [{ name: 'www.two.example.', type: 'A', ttl: 60, data: ['192.0.2.9'] }];
  const zone = zoneAnswer('two.example', 2026112801, records);
  let release: (data: unknown) => void = () => {};
  const held = new Promise<Outcome>((resolve) => {
    release = (data) => resolve(told(data));
  });
  site.setAnswer(({ fn }) => (fn === 'DomainInfo::list_domains' ? held : told('data' in zone ? zone.data : undefined)));
  for (const path of ['/my/domains/zones/two.example', '/my/domains/zones/two.example/text']) {
    const waiting = await owner.get(path);
    expect([path, waiting.status, waiting.text.includes('data-again')]).toEqual([path, 200, true]);
    expect(waiting.text).toContain('http-equiv="refresh"');
    expect(waiting.text).not.toContain('192.0.2.9');
  }
  release(domains);
  const whole = (await owner.get('/my/domains/zones/two.example/text?part=live')).text;
  expect(whole).toContain('192.0.2.9');
  expect(whole).not.toContain('data-again');
  expect((await owner.get('/my/domains/zones/eve.example')).status).toBe(404);
});

it('a page that a server refuses says so in its words, without its host name', async () => {
  const reason = 'm1.example.com has no such zone';
  site.setAnswer(({ fn }): Outcome => {
    const data = { main_domain: 'bob.example', addon_domains: [], parked_domains: [], sub_domains: [] };
    if (fn === 'DomainInfo::list_domains') return { kind: 'done', data, reason: 'OK', warnings: [], body: {} };
    return { kind: 'refused', reason, body: {} };
  });
  const page = await owner.get('/my/domains/zones/bob.example/text?part=live');
  expect(page.status).toBe(409);
  expect(page.text).toContain('has no such zone');
  expect(page.text).not.toContain('{reason}');
  expect(page.text).not.toContain('m1.example.com');
});

// The last: nothing that it asks for is ever answered.
it('where something may be typed, the page is not loaded anew by itself without JavaScript: a link does it', async () => {
  site.setAnswer(() => new Promise(() => {}));
  const page = await owner.get('/my/mail/boxes');
  expect(page.text).toContain('data-again');
  expect(page.text).toContain('name="local"');
  expect(page.text).not.toContain('http-equiv="refresh"');
  expect(page.text).toContain('<noscript> <a href="/my/mail/boxes">Load again</a></noscript>');
  const wrong = await owner.post('/my/mail/boxes', { local: 'no good name', password: '', quotaMb: '' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).not.toContain('http-equiv="refresh"');
});
