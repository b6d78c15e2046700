import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '../../src/whm/outcome.ts';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';

/** A page that knows its main thing and still waits for another says so, and asks again: else a form would be missing. */

let site: RunningCustomers;
let owner: Visitor;

const answers: Readonly<Record<string, unknown>> = {
  'Mysql::list_databases': [{ database: 'bob_shop', disk_usage: 0, users: ['bob_web'] }],
  'Mysql::list_users': [{ user: 'bob_web', databases: ['bob_shop'] }],
  'Mysql::get_privileges_on_database': ['ALL PRIVILEGES'],
  'Mysql::get_restrictions': { prefix: 'bob_' },
};

beforeAll(async () => {
  site = await startCustomers();
  site.fake.putAccounts([bob]);
  site.setAnswer(({ fn }): Outcome => {
    if (fn in answers) return { kind: 'done', data: answers[fn], reason: 'OK', warnings: [], body: {} };
    return { kind: 'refused', reason: 'not asked here', body: {} };
  });
  owner = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
});
afterAll(() => site.close());

it('asks again until everything is there, without JavaScript too', async () => {
  const path = '/my/databases/one?name=bob_shop';
  await owner.get('/my/databases?part=live');
  const first = (await owner.get(path)).text;
  expect(first).toContain('bob_web');
  expect(first).not.toContain('Give access');
  expect(first).toContain('data-again');
  expect(first).toContain('http-equiv="refresh"');
  const whole = (await owner.get(`${path}&part=live`)).text;
  expect(whole).toContain('Give access');
  expect(whole).not.toContain('data-again');
});
