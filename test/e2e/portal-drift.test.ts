/** What staff do about feature lists and differences, in a browser, on two simulated masters. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { uapi, whm } from '../../src/whm/call.ts';
import { findings } from '../support/axe.ts';
import { chromiumPath, type Doors, startBrowser, startDoors } from '../support/doors.ts';
import { root } from '../support/pair.ts';
import { password } from '../support/portal.ts';

/** Compares at once when it is asked to, and never by itself. */
const drift = { everyMs: 300, recheckMs: 50, restPercent: 0, nightlyAt: 'off' };
const soon = { timeout: 40_000, interval: 300 };

let doors: Doors;
let browser: Browser;
let context: BrowserContext;
let page: Page;

async function done(action: string, params: object): Promise<void> {
  const { id } = await doors.core.operations.accept({ action, params, actor: root, door: 'system' });
  expect((await doors.core.operations.wait(id, 'final', 20_000)).state, action).toBe('done');
}

const go = (path: string) => page.goto(`${doors.portalUrl}${path}`);
const submit = () => page.click('main form.form button.primary');
const told = async (master: string, call: ReturnType<typeof whm>) =>
  JSON.stringify(await doors.core.clients.get(master)?.call(call));

describe.skipIf(!existsSync(chromiumPath))('in a browser (needs chromium-headless-shell)', () => {
  beforeAll(async () => {
    doors = await startDoors({ config: { drift } });
    await done('package.add', { name: 'basic', quotaMb: 1024 });
    await done('account.create', { account: 'bert', domain: 'bert.example', plan: 'basic' });
    await done('feature-list.add', { name: 'small' });
    for (const account of ['carl', 'dora', 'emil'])
      await done('account.create', { account, domain: `${account}.example`, plan: 'basic' });
    for (const account of ['carl', 'dora'])
      await done('forwarder.add', { account, address: `info@${account}.example`, to: 'a@far.example' });
    browser = await startBrowser();
    context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await go('/packages/features/small');
    await page.fill('#f-name', 'ana');
    await page.fill('#f-password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/features/small');
  });
  afterAll(async () => {
    await browser?.close();
    await doors.close();
  });

  it('switches a feature off for everybody whose package names the list', async () => {
    await page.getByLabel('Cron Jobs').uncheck();
    await submit();
    await page.getByText('Saved on M1 and M2.').waitFor();
    for (const master of ['m1', 'm2']) {
      const text = await told(master, whm('get_featurelist_data', { featurelist: 'small' }));
      expect(text).toMatch(/"id":"cron"[^}]*"value":0/);
      expect(text).toMatch(/"id":"mysql"[^}]*"value":1/);
    }
  });

  it('makes an account that M1 alone has on M2 too, and says what is left to do', async () => {
    await told('m1', whm('createacct', { username: 'lone', domain: 'lone.example', plan: 'basic' }));
    await go('/drift');
    await page.click('text=Compare now');
    await vi.waitFor(async () => {
      await go('/drift');
      expect(await page.locator('main').textContent()).toContain('lone: only M1 has it');
    }, soon);
    await page.click('main a:has-text("lone: only M1 has it")');
    await page.click('text=Make it on M2 too');
    await page.getByRole('heading', { name: 'Adopt lone' }).waitFor();
    await page.getByRole('heading', { name: 'Left for you' }).waitFor({ timeout: 40_000 });
    expect(await page.locator('main').textContent()).toContain(
      'The account itself on M2, with package, owner and DKIM key',
    );
    expect(await told('m2', whm('accountsummary', { user: 'lone' }))).toContain('lone.example');
    expect(await findings(page, doors.portalUrl, ['/drift/adopt/lone'])).toEqual([]);
  });

  it('sees a difference that somebody made on M2 alone, and makes M2 like M1 again', async () => {
    await told('m2', whm('suspendacct', { user: 'bert' }));
    await go('/drift');
    await page.click('text=Compare now');
    await vi.waitFor(async () => {
      await go('/drift');
      expect(await page.locator('main').textContent()).toContain('bert: suspended');
    }, soon);
    await page.click('main a:has-text("bert: suspended")');
    await page.getByText('Make it like M1').waitFor();
    const path = new URL(page.url()).pathname;
    const preview = `/drift/preview?id=${path.split('/').at(-1)}`;
    expect(await findings(page, doors.portalUrl, ['/drift', path, preview])).toEqual([]);
    await go('/accounts/bert');
    await page.click('text=The masters differ in one thing of it');
    await go(path);
    await page.click('text=Make it like M1');
    await vi.waitFor(
      async () => expect(await told('m2', whm('accountsummary', { user: 'bert' }))).toMatch(/"suspended":0/),
      soon,
    );
  });

  it('repairs many in one go, those of one kind like M1 and the rest like M2', async () => {
    const forwarder = (account: string) => ({ address: `info@${account}.example`, forwarder: 'a@far.example' });
    await Promise.all([
      told('m2', whm('suspendacct', { user: 'carl' })),
      told('m2', whm('suspendacct', { user: 'dora' })),
      told('m2', whm('modifyacct', { user: 'emil', contactemail: 'emil@far.example' })),
      ...['carl', 'dora'].map((account) => told('m1', uapi(account, 'Email::delete_forwarder', forwarder(account)))),
      told('m2', whm('addzonerecord', { domain: 'emil.example', name: 'shop', type: 'A', address: '192.0.2.9' })),
    ]);
    await go('/drift');
    await page.click('text=Compare now');
    await vi.waitFor(async () => {
      await go('/drift');
      expect(await page.locator('main tbody tr').count()).toBeGreaterThanOrEqual(6);
    }, soon);
    // Two suspensions that nobody meant: M1 is right.
    for (const account of ['carl', 'dora'])
      await page.getByRole('checkbox', { name: new RegExp(`${account}: suspended`) }).check();
    await page.selectOption('.bulk-bar select', 'm1');
    await page.click('.bulk-bar >> text="Preview repair"');
    await page.getByRole('heading', { name: 'Repair 2 differences' }).waitFor();
    const head = await page.locator('main thead th').allTextContents();
    expect(head).toEqual(['Difference', 'M1', 'M2', 'Follow', 'What a repair would do']);
    expect(await page.locator('main tbody tr').first().textContent()).toMatch(/suspended: no.*suspended: yes/s);
    await submit();
    await page.getByRole('heading', { name: 'What became of it' }).waitFor();
    // All that is left, in one go: what M2 has is right.
    await vi.waitFor(async () => {
      await go('/drift');
      expect(await page.locator('main tbody').textContent()).not.toMatch(/carl: suspended|dora: suspended/);
    }, soon);
    await page.selectOption('.bulk-bar select', 'm2');
    await page.click('text=Preview repair of all that match');
    expect(await findings(page, doors.portalUrl, [new URL(page.url()).pathname + new URL(page.url()).search])).toEqual(
      [],
    );
    await submit();
    await page.getByRole('heading', { name: 'What became of it' }).waitFor();
    await vi.waitFor(async () => {
      for (const master of ['m1', 'm2']) {
        for (const account of ['carl', 'dora']) {
          expect(await told(master, whm('accountsummary', { user: account }))).toMatch(/"suspended":0/);
          expect(
            await told(master, uapi(account, 'Email::list_forwarders', { domain: `${account}.example` })),
          ).toContain(`info@${account}.example`);
        }
        expect(await told(master, whm('accountsummary', { user: 'emil' }))).toContain('emil@far.example');
        expect(await told(master, whm('dumpzone', { domain: 'emil.example' }))).toContain('shop.emil.example');
      }
    }, soon);
    await go('/drift');
    await page.click('text=Compare now');
    await vi.waitFor(async () => {
      await go('/drift');
      await page.getByText('The masters do not differ in anything that is known.').waitFor({ timeout: 500 });
    }, soon);
  });
});
