/** The domain that is chosen at the top: what is shown then, what is offered first, and that it is only ever a choice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '../../src/whm/outcome.ts';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';

let site: RunningCustomers;
let owner: Visitor;

const host = (vhost: string) => ({ vhost, version: 'ea-php83', documentroot: `/home/bob/${vhost}` });
const box = (email: string) => ({ email, diskquota: 10, diskused: 1 });

beforeAll(async () => {
  site = await startCustomers();
  site.fake.putAccounts([bob]);
  site.setAnswer(({ fn, args }): Outcome => {
    const domain = new Map(args).get('domain');
    const answers: Readonly<Record<string, unknown>> = {
      'DomainInfo::list_domains': {
        main_domain: 'bob.example',
        addon_domains: ['two.example'],
        sub_domains: ['shop.two.example'],
      },
      'Email::list_pops_with_disk': ['a@bob.example', 'b@two.example', 'c@shop.two.example'].map(box),
      'Email::list_forwarders': [{ dest: `sales@${String(domain)}`, forward: 'x@y.example' }],
      'LangPHP::php_get_vhost_versions': ['bob.example', 'two.example', 'shop.two.example'].map(host),
    };
    const data = answers[fn];
    if (data === undefined) return { kind: 'refused', reason: 'not asked here', body: {} };
    return { kind: 'done', data, reason: 'OK', warnings: [], body: {} };
  });
  owner = await asCustomer(site, { account: 'bob', role: 'owner', name: 'bob' });
  await owner.get('/my/mail/boxes?part=live');
});
afterAll(() => site.close());

async function main(path: string): Promise<string> {
  await owner.get(`${path}?part=live`);
  const { text } = await owner.get(path);
  return text.slice(text.indexOf('<main'));
}

const named = (text: string) => ['bob.example', 'two.example'].filter((one) => text.includes(`@${one}`));

it('shows all until one is chosen, then that one and what is below it; the form offers it first', async () => {
  expect(named(await main('/my/mail/boxes'))).toEqual(['bob.example', 'two.example']);
  expect(named(await main('/my/mail/forwarders'))).toEqual(['bob.example', 'two.example']);
  const chosen = await owner.post('/my/domain', { domain: 'two.example', next: '/my/mail/boxes' });
  expect([chosen.status, chosen.location]).toEqual([303, '/my/mail/boxes']);
  const boxes = await main('/my/mail/boxes');
  expect(named(boxes)).toEqual(['two.example']);
  expect(boxes).toContain('c@shop.two.example');
  expect(boxes.indexOf('<option value="two.example"')).toBeLessThan(boxes.indexOf('<option value="bob.example"'));
  expect(named(await main('/my/mail/forwarders'))).toEqual(['two.example']);
  const sites = await main('/my/websites');
  expect([sites.includes('domain=bob.example'), sites.includes('domain=shop.two.example')]).toEqual([false, true]);
  const { text } = await owner.get('/my/mail/boxes');
  expect(text).toMatch(/<summary><span>two\.example<\/span>/);
  expect(text).toMatch(/value="two\.example" aria-pressed="true"/);
});

it('a domain that is not the account’s chooses nothing, and nobody is led away', async () => {
  for (const domain of ['eve.example', '', 'x'.repeat(9999)]) {
    const { location } = await owner.post('/my/domain', { domain, next: '//evil.example' });
    expect(location).toBe('/my');
    expect(named(await main('/my/mail/boxes'))).toEqual(['bob.example', 'two.example']);
  }
});
