import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '../../src/whm/outcome.ts';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob, twoMasters } from '../support/portal.ts';
import { type Entry, zoneAnswer } from '../unit/actions/support.ts';

/** Choose my server: what a customer reads and may do, in both languages. */

let site: RunningCustomers;
let owner: Visitor;
const [m1, m2] = twoMasters;
const record = (name: string, address: string): Entry => ({ name, type: 'A', ttl: 14_400, data: [address] });
const zone = zoneAnswer('bob.example', 7, [
  record('bob.example.', m1?.address ?? ''),
  record('www1.bob.example.', m1?.address ?? ''),
  record('www2.bob.example.', m2?.address ?? ''),
]);

beforeAll(async () => {
  site = await startCustomers();
  site.fake.putAccounts([bob, { ...bob, user: 'eve', domain: 'eve.example' }]);
  const done = (data: unknown): Outcome => ({ kind: 'done', data, reason: '', warnings: [], body: {} });
  site.setAnswer(({ fn }) => {
    if (fn === 'parse_dns_zone' && zone.ok) return done(zone.data);
    const subs = ['www1.bob.example', 'www2.bob.example', 'shop.bob.example'];
    if (fn === 'DomainInfo::list_domains')
      return done({ main_domain: 'bob.example', addon_domains: [], parked_domains: [], sub_domains: subs });
    return { kind: 'not-sent', reason: 'nothing is connected' };
  });
  owner = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
});
afterAll(() => site.close());

const path = '/my/overview/server';
const live = `${path}?part=live`;

it('tells where the site lives, what each name answers, and that the application sends visitors on', async () => {
  const { text } = await owner.get(live);
  expect(text).toContain(`${m1?.site} (${m1?.name})`);
  expect(text).toContain('href="http://www1.bob.example/"');
  expect(text).toContain('sends visitors on to bob.example');
  expect(text).toContain('choose the preferred one below instead');
  for (const { hostname } of twoMasters) expect(text).not.toContain(hostname);
});

it('lets the customer choose where the package does, and says that the site moves by itself', async () => {
  const done = await owner.post(path, { master: 'm2' });
  expect([done.status, done.location]).toEqual([303, path]);
  expect((await owner.get(live)).text).toContain('moves there by itself');
  expect((await owner.post(path, { master: 'm9' })).status).toBe(422);
});

it('says why there is no choice where the package leaves none', async () => {
  const eve = await asCustomer(site, { account: 'eve', role: 'owner', name: 'eve' });
  const { text } = await eve.get(live);
  expect(text).toContain('Your package leaves it to your host');
  expect(text).not.toContain('<select');
});

it('only the owner chooses; others see', async () => {
  const builder = await asCustomer(site, { account: 'bob', role: 'builder', name: 'kim', collaborator: 'x' });
  expect((await builder.get(live)).text).not.toContain('<select');
  expect((await builder.post(path, { master: 'm1' })).status).toBe(403);
});

it('reads in German too', async () => {
  await owner.post('/my/language', { language: 'de' });
  const { text } = await owner.get(live);
  expect(text).toContain('schickt Besucher weiter zu bob.example');
  await owner.post('/my/language', { language: 'en' });
});

it.each([
  ['en', '6 May 2026, 14:02', 'none on record', '12 minutes behind', 'It did not go well'],
  ['de', '06.05.2026, 14:02', 'keiner verzeichnet', '12 Minuten', 'Sie lief nicht gut'],
] as const)('the overview tells of the last switch and drill, in %s', async (language, when, none, behind, badly) => {
  await owner.post('/my/language', { language });
  const facts = async (): Promise<string> => (await owner.get('/my/overview?part=live')).text;
  expect((await facts()).split(none)).toHaveLength(3);
  const at = '2026-05-06T14:02:00.000Z';
  const known = { lastSwitch: at, lastDrill: at, copied: ['files'], filesBehind: 720 } as const;
  site.setCopies({ ...known, drillWentWell: true });
  const well = await facts();
  expect([well.split(when).length, well.includes(behind), well.includes(badly)]).toEqual([3, true, false]);
  site.setCopies({ ...known, drillWentWell: false });
  expect(await facts()).toContain(badly);
  site.setCopies({});
  await owner.post('/my/language', { language: 'en' });
});

it('carries the look of the reseller whose customer it is, and of no other', async () => {
  const acme = {
    reseller: 'acme',
    title: 'Acme Hosting',
    light: '#0b5394',
    dark: '#8ec5ff',
    logo: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  };
  await site.auth.desk.brandPut(acme);
  const before = (await owner.get('/my/overview')).text;
  expect([before.includes('Acme'), (await owner.get('/my/brand/logo.svg')).status]).toEqual([false, 404]);
  site.fake.putAccounts([
    { ...bob, owner: 'acme' },
    { ...bob, user: 'eve', domain: 'eve.example' },
  ]);
  const page = (await owner.get('/my/overview')).text;
  expect(page).toContain('· Acme Hosting</title>');
  expect(page).toContain('href="/my/brand/colours.css"');
  expect((await owner.get('/my/brand/colours.css')).text).toContain('light-dark(#0b5394, #8ec5ff)');
  expect((await owner.get('/my/brand/logo.svg')).text).toBe(acme.logo);
  const eve = await asCustomer(site, { account: 'eve', role: 'owner', name: 'eve' });
  expect((await eve.get('/my/overview')).text).not.toContain('Acme');
  site.fake.putAccounts([bob, { ...bob, user: 'eve', domain: 'eve.example' }]);
});

it('keeps the names of one server from being removed or edited, and says why', async () => {
  const list = (await owner.get('/my/domains/list?part=live')).text;
  expect(list).toContain('/my/domains/list/shop.bob.example/remove');
  expect(list).not.toContain('/my/domains/list/www1.bob.example/remove');
  expect(list).toContain('always the same server');
  expect((await owner.post('/my/domains/list/www1.bob.example/remove', { confirm: 'www1.bob.example' })).status).toBe(
    404,
  );
  const records = (await owner.get('/my/domains/zones/bob.example?part=live')).text;
  expect(records.match(/names one server/g)).toHaveLength(2);
  const text = 'bob.example. 14400 A 203.0.113.9\n';
  const refused = await owner.post('/my/domains/zones/bob.example/text', { records: text });
  expect([refused.status, refused.text.includes('www1 and www2 name one server each')]).toEqual([422, true]);
});
