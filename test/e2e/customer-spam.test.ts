/** Where the spam of a mailbox goes is one filter of it; a filter of the same name that somebody made is left alone. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Outcome } from '../../src/whm/outcome.ts';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';

let site: RunningCustomers;
let user: Visitor;
let now = Date.UTC(2026, 4, 6, 14, 0, 0);
let filters: Outcome;

const mark = { part: '$header_X-Spam-Status:', match: 'begins', val: 'Yes', opt: 'or' };
const listed = (rules: readonly object[], dest: string): Outcome => {
  const row = { filtername: 'Spam', enabled: 1, rules, actions: [{ action: 'save', dest }] };
  return { kind: 'done', data: rules.length === 0 ? [] : [row], reason: 'OK', warnings: [], body: {} };
};

beforeAll(async () => {
  site = await startCustomers(() => now);
  site.fake.putAccounts([bob]);
  site.setAnswer(({ fn }) =>
    fn === 'Email::list_filters' ? filters : { kind: 'refused', reason: 'not asked here', body: {} },
  );
});
afterAll(() => site.close());
beforeEach(async () => {
  now += 60_000;
  user = await asCustomer(site, { account: 'bob', role: 'mailbox', name: 'info@bob.example' });
});

const asked = () => site.fake.requests.map(({ action }) => action);

it.each([
  ['folder', 'mail-filter.set'],
  ['discard', 'mail-filter.set'],
])('%s sets it', async (does, action) => {
  filters = listed([], '');
  const before = asked().length;
  expect((await user.post('/my/mailbox/spam', { does })).status).toBe(303);
  expect(asked().slice(before)).toEqual([action]);
});

it('leaving it where it is takes it away, and what is so already asks for nothing', async () => {
  filters = listed([mark], '/dev/null');
  const before = asked().length;
  await user.post('/my/mailbox/spam', { does: 'discard' });
  expect(asked().length).toBe(before);
  await user.post('/my/mailbox/spam', { does: 'inbox' });
  expect(asked().slice(before)).toEqual(['mail-filter.delete']);
});

it.each([
  ['with another rule', () => listed([{ ...mark, part: '$header_from:' }], '/dev/null')],
  ['into another folder', () => listed([mark], '$home/mail/bob.example/info/.Mine')],
  ['that nobody could read', (): Outcome => ({ kind: 'not-sent', reason: 'away' })],
])('a filter %s is neither overwritten nor deleted', async (_what, found) => {
  filters = found();
  const before = asked().length;
  for (const does of ['inbox', 'folder', 'discard']) {
    const page = await user.post('/my/mailbox/spam', { does });
    expect([does, page.status]).toEqual([does, expect.toBeOneOf([409, 503])]);
  }
  expect(asked().length).toBe(before);
});
