/** Whoever signed in long ago is asked once more before a sign-in is made or changed: a browser left open is no proof. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, customerPassword, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';

let site: RunningCustomers;
let owner: Visitor;
let now = Date.UTC(2026, 4, 6, 14, 0, 0);

beforeAll(async () => {
  site = await startCustomers(() => now);
  site.fake.putAccounts([bob]);
});
afterAll(() => site.close());
beforeEach(async () => {
  now += 60 * 60_000;
  owner = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
  now += 11 * 60_000;
});

const tokens = async () => (await site.auth.tokens()).length;
const people = async () => (await site.auth.customers.collaborators('bob')).length;
const contacts = async () => site.fake.requests.filter((one) => one.action === 'account.contact').length;

it.each([
  ['/my/access/tokens', { label: 'deploy', may: 'read' }, tokens],
  ['/my/people', { email: 'ana@firm.example', role: 'builder' }, people],
  ['/my/overview/contact', { contactEmail: 'new@mail.example' }, contacts],
] as const)('%s', async (path, form, count) => {
  const before = await count();
  for (const sure of ['', 'wrong-Horse-42']) {
    const page = await owner.post(path, sure === '' ? form : { ...form, sure });
    expect([sure, page.status, page.text.includes('That is not right.')]).toEqual([sure, 422, true]);
  }
  expect(await count()).toBe(before);
  const page = await owner.post(path, { ...form, sure: customerPassword });
  expect(page.status).toBeLessThan(400);
  expect(await count()).toBe(before + 1);
});

it('an invitation is sent again only then, and asks on a page of its own', async () => {
  await site.auth.customers.invite({ account: 'bob', email: 'ida@firm.example', role: 'builder', by: 'bob' });
  const ida = (await site.auth.customers.collaborators('bob')).find((one) => one.email === 'ida@firm.example');
  const path = `/my/people/${ida?.id ?? ''}/again`;
  const asked = await owner.post(path, {});
  expect([asked.status, asked.text.includes('name="sure"'), /invitation\/[\w-]/.test(asked.text)]).toEqual([
    200,
    true,
    false,
  ]);
  expect((await owner.post(path, { sure: 'wrong-Horse-42' })).status).toBe(422);
  const sent = await owner.post(path, { sure: customerPassword });
  expect([sent.status, /invitation\/[\w-]/.test(sent.text)]).toEqual([200, true]);
});

it('who signed in a moment ago is not asked', async () => {
  expect((await owner.get('/my/people')).text).toContain('name="sure"');
  expect((await owner.post('/my/sign-in', { name: 'bob', password: customerPassword })).status).toBe(303);
  expect((await owner.get('/my/people')).text).not.toContain('name="sure"');
});
