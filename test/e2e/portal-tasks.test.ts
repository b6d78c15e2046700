/** What staff do most, in a browser, on two simulated masters. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whm } from '../../src/whm/call.ts';
import { findings, tabbedTo } from '../support/axe.ts';
import { chromiumPath, type Doors, startBrowser, startDoors } from '../support/doors.ts';
import { fault, heal, root } from '../support/pair.ts';
import { password } from '../support/portal.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const pages = [
  ...[
    '/accounts',
    '/accounts/bulk?action=account.suspend&user=carl',
    '/operations',
    '/actions',
    '/actions/account.create',
  ],
  ...[
    '/packages',
    '/packages/features/default',
    '/resellers',
    '/resellers/root',
    '/zones',
    '/zones/carl.example',
    '/masters',
  ],
  ...['/audit', '/people', '/people/ana', '/tokens', '/functions', '/functions/whm/createacct', '/settings'],
  ...['/search?q=carl', '/me', '/me/second-factor', '/nowhere'],
];

let doors: Doors;
let redis: TestRedis;
let browser: Browser;
let context: BrowserContext;
let page: Page;

async function done(action: string, params: Readonly<Record<string, unknown>>): Promise<void> {
  const { id } = await doors.core.operations.accept({ action, params, actor: root, door: 'system' });
  expect((await doors.core.operations.wait(id, 'final', 20_000)).state, action).toBe('done');
}

async function on(master: 'm1' | 'm2', user: string): Promise<Record<string, unknown> | undefined> {
  const outcome = await doors.core.clients.get(master)?.call(whm('accountsummary', { user }));
  // Cast: the simulator's answer to accountsummary.
  return outcome?.kind === 'done' ? (outcome.data as { acct: Record<string, unknown>[] }).acct[0] : undefined;
}

async function both(user: string, wanted: object): Promise<void> {
  for (const master of ['m1', 'm2'] as const)
    await vi.waitFor(async () => expect(await on(master, user)).toMatchObject(wanted), 20_000);
}

const go = (path: string) => page.goto(`${doors.portalUrl}${path}`);
const submit = () => page.click('main form.form button.primary, main form.form button.danger');

async function signIn(next: string): Promise<void> {
  await page.fill('#f-name', 'ana');
  await page.fill('#f-password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL(next);
}

describe.skipIf(!existsSync(chromiumPath))('in a browser (needs /usr/bin/chromium)', () => {
  beforeAll(async () => {
    redis = await startRedis();
    doors = await startDoors({ redisUrl: redis.url, config: { redis: { url: redis.url } } });
    await done('package.add', { name: 'basic', quotaMb: 1024 });
    await done('package.add', { name: 'gold', quotaMb: 4096 });
    for (const account of ['anna', 'bert'])
      await done('account.create', { account, domain: `${account}.example`, plan: 'basic' });
    browser = await startBrowser();
    context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(12_000);
  });
  afterAll(async () => {
    await browser?.close();
    await doors.close();
    await redis.stop();
  });

  it('1: signs in, and is where it wanted to go', async () => {
    await go('/masters');
    await signIn('**/masters');
  });

  it('2: creates an account', async () => {
    await go('/accounts');
    await page.click('text=New account');
    await page.fill('#f-account', 'carl');
    await page.fill('#f-domain', 'carl.example');
    await page.selectOption('#f-plan', 'basic');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await both('carl', { plan: 'basic' });
  });

  it('3: finds an account by its domain with Ctrl-K', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('carl.example');
    await page.keyboard.press('Enter');
    await page.click('main a:text-is("carl")');
    await page.getByRole('heading', { name: 'Both masters' }).waitFor();
    await page.getByText('No value differs where it should not.').waitFor();
  });

  it('4: suspends it, and 5: lets it go on', async () => {
    await page.click('text=Suspend account');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await both('carl', { suspended: 1 });
    await go('/actions/account.unsuspend?account=carl');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await both('carl', { suspended: 0 });
  });

  it('6: changes its package, 7: its password, 8: its contact', async () => {
    await go('/actions/account.change-package?account=carl');
    await page.selectOption('#f-plan', 'gold');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await go('/actions/account.password?account=carl');
    await page.click('text=Generate');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await go('/actions/account.modify?account=carl');
    await page.fill('#f-contactEmail', 'carl@elsewhere.example');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await both('carl', { plan: 'gold', email: 'carl@elsewhere.example' });
  });

  it('9: adds a mailbox and 10: resets its password from the account’s page', async () => {
    await go('/accounts/carl');
    await page.click('text=Add mailbox');
    await page.fill('#f-address', 'info@carl.example');
    await page.fill('#f-password', 'Sturdy-horse-42-battery');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await go('/accounts/carl');
    await page.locator('tr', { hasText: 'info@carl.example' }).getByRole('link').click();
    expect(await page.inputValue('#f-address')).toBe('info@carl.example');
    await page.click('text=Generate');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
  });

  it('11: changes a DNS zone with the difference first, and puts it back', async () => {
    await go('/zones/carl.example');
    await page.locator('#f-records').waitFor();
    const before = await page.inputValue('#f-records');
    await page.fill('#f-records', `${before}\nshop 300 A 192.0.2.77`);
    await submit();
    await page.getByText('shop.carl.example. 300 A 192.0.2.77').waitFor();
    await page.click('text=Save one change');
    await page.getByText('Saved on M1 and M2.').waitFor();
    await go('/zones/carl.example');
    await page.getByText('192.0.2.77').waitFor();
    await page.click('text=Compare, and put back');
    await page.click('text=Save one change');
    await page.getByText('Saved on M1 and M2.').waitFor();
  });

  it('12: suspends several at once, with a preview and a result per row', async () => {
    await go('/accounts');
    await page.check('#pick-anna');
    await page.check('#pick-bert');
    await page.selectOption('.bulk-bar select', 'account.suspend');
    await page.click('text=Preview for the chosen');
    await page.getByRole('heading', { name: 'Suspend account: 2 accounts' }).waitFor();
    await submit();
    await page.getByRole('heading', { name: '2 accepted, 0 not' }).waitFor();
    await both('anna', { suspended: 1 });
    await both('bert', { suspended: 1 });
  });

  it('13: adds a package', async () => {
    await go('/packages');
    await page.click('main a.primary');
    await page.fill('#f-name', 'silver');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    await go('/packages');
    await page.locator('td', { hasText: 'silver' }).first().waitFor();
  });

  it('14: leaves a note, and opens the account as its customer, with a reason and a banner', async () => {
    await go('/accounts/carl');
    await page.click('summary:text("Write a note")');
    await page.fill('#f-note', 'called about mail');
    await page.click('button:text("Write a note")');
    await page.getByText('called about mail').waitFor();
    await page.click('summary:text("See as the customer")');
    await page.fill('#f-reason', 'mail does not arrive');
    await page.click('button:text("Open as the customer")');
    await page.getByText('You see carl as the customer does.').waitFor();
    await page.click('text=Stop seeing it as the customer');
    expect(await page.getByText('You see carl').count()).toBe(0);
    const [entry] = await doors.core.auth.auditFind({ event: 'log-in-as', q: 'mail does', limit: 1 });
    expect(entry).toMatchObject({ actor: 'ana', subject: 'carl' });
  });

  it('15: ends an account, after its name was typed', async () => {
    await go('/accounts/bert');
    await page.click('main >> text=Terminate account');
    await submit();
    await page.getByText('confirm', { exact: false }).first().waitFor();
    await page.fill('#f-confirm', 'bert');
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    expect(await on('m2', 'bert')).toBeUndefined();
  });

  it('with M2 down the same work is done, says what waits, and is caught up afterwards', async () => {
    await fault(doors.m2, { function: '*', kind: 'down' });
    await go('/actions/account.create');
    await page.fill('#f-account', 'dora');
    await page.fill('#f-domain', 'dora.example');
    await page.selectOption('#f-plan', 'basic');
    await submit();
    await page.getByText(/Saved on M1, waiting for M2/).waitFor();
    await go('/accounts/dora');
    await page.getByText('M2 could not say').first().waitFor();
    await go('/actions/mailbox.add?account=dora');
    await page.fill('#f-address', 'info@dora.example');
    await page.fill('#f-password', 'Sturdy-horse-42-battery');
    await submit();
    await page.getByText(/Saved on M1, waiting for M2/).waitFor();
    const light = page.getByText(/Degraded|behind/).first();
    await light.waitFor();
    await heal(doors.m2);
    await page.getByText('Saved on M1 and M2.').waitFor();
    await both('dora', { domain: 'dora.example' });
  });

  describe('by keyboard alone', () => {
    const tabTo = (name: string) => tabbedTo(page, name);
    it('goes to accounts and operations by letters, and opens the help', async () => {
      await go('/masters');
      await page.keyboard.press('g');
      await page.keyboard.press('a');
      await page.waitForURL('**/accounts');
      await page.keyboard.press('g');
      await page.keyboard.press('o');
      await page.waitForURL('**/operations');
      await page.keyboard.press('?');
      await page.locator('dialog[open]').waitFor();
      await page.keyboard.press('Escape');
      await page.locator('dialog[open]').waitFor({ state: 'hidden' });
    });

    it('finds an account', async () => {
      await page.keyboard.press('/');
      await page.locator('#search:focus').waitFor();
      await page.keyboard.type('dora');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/accounts/dora');
    });

    it('suspends it', async () => {
      await tabTo('Suspend account');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/actions/account.suspend*');
      await tabTo('f-reason');
      await page.keyboard.type('unpaid');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/operations/*');
    });

    it('leaves a note', async () => {
      await go('/accounts/dora');
      await page.getByRole('heading', { name: 'Notes' }).waitFor();
      await tabTo('Write a note');
      await page.keyboard.press('Enter');
      await tabTo('f-note');
      await page.keyboard.type('by keyboard');
      await tabTo('Write a note');
      await page.keyboard.press('Enter');
      await page.getByText('by keyboard').waitFor();
    });

    it('signs out', async () => {
      await go('/packages');
      await tabTo('ana');
      await page.keyboard.press('Enter');
      await tabTo('Sign out');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/sign-in');
      await signIn('**/accounts');
    });
  });

  it('no page has a serious finding of axe, nor is wider than a telephone', async () => {
    const operation = (await doors.core.operations.list({ limit: 1 }))[0]?.id ?? '';
    expect(await findings(page, doors.portalUrl, ['/accounts/carl', `/operations/${operation}`, ...pages])).toEqual([]);
  }, 120_000);
});
