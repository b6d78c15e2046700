import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationView } from '../../src/operations/model.ts';
import { chromiumPath, startBrowser } from '../support/doors.ts';
import { accepted, iso } from '../support/fake-operations.ts';
import { bob, password, type RunningPortal, startPortal, twoMasters } from '../support/portal.ts';

const actor = { kind: 'person', name: 'ana', scope: 'all' } as const;

/** Runs in the page: fields without a label, and links and buttons without a word. */
const countNameless = `
  [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter((one) => one.labels.length === 0)
    .length +
  [...document.querySelectorAll('button, a')].filter((one) => one.textContent.trim() === '').length`;

let portal: RunningPortal;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

function create(id: string): OperationView {
  const params = { account: 'eve', domain: 'eve.example', plan: 'gold' };
  const request = { action: 'account.create', params, actor, door: 'portal', idempotencyKey: id } as const;
  return accepted(request, twoMasters, Date.now);
}

function doneOn(view: OperationView, masters: readonly string[]): OperationView {
  const legs = view.legs.map((leg) =>
    masters.includes(leg.master) ? { ...leg, state: 'done' as const, doneAt: iso(Date.now()) } : leg,
  );
  return { ...view, state: masters.length === 2 ? 'done' : 'following', canWithdraw: false, legs };
}

async function open(options: { javaScriptEnabled?: boolean; width?: number } = {}): Promise<void> {
  context = await browser.newContext({
    ignoreHTTPSErrors: true,
    javaScriptEnabled: options.javaScriptEnabled ?? true,
    viewport: { width: options.width ?? 1280, height: 800 },
  });
  page = await context.newPage();
  problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  await page.goto(`${portal.url}/sign-in`);
  await page.fill('#f-name', 'ana');
  await page.fill('#f-password', password);
  await page.click('button.primary');
  await page.waitForURL('**/accounts');
}

describe.skipIf(!existsSync(chromiumPath))('in a browser (needs chromium-headless-shell)', () => {
  beforeAll(async () => {
    portal = await startPortal();
    await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await portal.close();
  });
  beforeEach(() => portal.fake.putAccounts([bob]));
  afterEach(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });

  it('an operation’s page follows it to the end without being loaded again', async () => {
    await open();
    const view = create('01LIVE');
    portal.fake.put(view);
    await page.goto(`${portal.url}/operations/01LIVE`);
    await page.evaluate("document.body.setAttribute('data-kept', 'yes')");
    await page.getByText('Accepted. Waiting for M1.').waitFor();
    portal.fake.put(doneOn(view, ['m1']));
    await page.getByText('Saved on M1, waiting for M2.').waitFor();
    portal.fake.put(doneOn(view, ['m1', 'm2']));
    await page.getByText('Saved on M1 and M2.').waitFor();
    expect(await page.getAttribute('body', 'data-kept')).toBe('yes');
  });

  it('the list of operations shows a new one by itself', async () => {
    await open();
    await page.goto(`${portal.url}/operations`);
    await page.getByRole('heading', { name: 'Operations' }).waitFor();
    portal.fake.put(create('01NEWROW'));
    await page.locator('a[href="/operations/01NEWROW"]').waitFor();
  });

  it('where events do not come through, the page goes on by asking', async () => {
    await open();
    await page.route('**/events**', (route) => route.abort());
    portal.fake.put(create('01NOEVENTS'));
    await page.goto(`${portal.url}/operations/01NOEVENTS`);
    await page.evaluate("document.body.setAttribute('data-kept', 'yes')");
    await page.getByText('Accepted. Waiting for M1.').waitFor();
    portal.fake.put(doneOn(create('01NOEVENTS'), ['m1', 'm2']));
    await page.getByText('Saved on M1 and M2.').waitFor();
    expect(await page.getAttribute('body', 'data-kept')).toBe('yes');
  });

  it('a closed tab stops nothing: what it asked for is there when it is opened again', async () => {
    await open();
    await page.goto(`${portal.url}/actions/account.create`);
    await page.fill('#f-account', 'shut');
    await page.fill('#f-domain', 'shut.example');
    await page.click('main button.primary');
    await page.waitForURL('**/operations/*');
    const address = page.url();
    await page.close();
    const id = new URL(address).pathname.split('/').at(-1) ?? '';
    const view = await portal.fake.operations.get(id);
    if (view === undefined) throw new Error('the operation went with the tab');
    portal.fake.put(doneOn(view, ['m1', 'm2']));
    page = await context.newPage();
    await page.goto(address);
    await page.getByText('Saved on M1 and M2.').waitFor();
  });

  it('without JavaScript an account can be created, and its page loads itself again', async () => {
    await open({ javaScriptEnabled: false });
    await page.click('text=New account');
    await page.fill('#f-account', 'nojs');
    await page.fill('#f-domain', 'nojs.example');
    await page.click('main button.primary');
    await page.waitForURL('**/operations/*');
    expect(await page.textContent('h1')).toContain('Create account nojs');
    expect(await page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count()).toBe(1);
  });

  it('the generated password is long, mixed, and new each time', async () => {
    await open();
    await page.goto(`${portal.url}/actions/account.create`);
    const seen = new Set<string>();
    for (let n = 0; n < 5; n += 1) {
      await page.click('text=Generate');
      seen.add(await page.inputValue('#f-password'));
    }
    expect(seen.size).toBe(5);
    for (const made of seen) expect(made).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[-_.+*])\S{20}$/);
  });

  it('mistakes take the focus and lead to their fields', async () => {
    await open();
    await page.goto(`${portal.url}/actions/account.create`);
    await page.fill('#f-account', 'Not Good');
    await page.click('main button.primary');
    await page.locator('#problem:focus').waitFor();
    await page.click('a[href="#f-account"]');
    await page.locator('#f-account:focus').waitFor();
    expect(await page.inputValue('#f-account')).toBe('Not Good');
  });

  it('keys search, jump and explain, and can be switched off', async () => {
    await open();
    await page.keyboard.press('/');
    await page.locator('#search:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('h1').click();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.waitForURL('**/operations');
    await page.keyboard.press('?');
    await page.getByText('Single-key shortcuts are on').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await page.locator('#help').isVisible()).toBe(false);
  });

  it.each([360, 768, 1440])('at %i px nothing runs out of the page', async (width) => {
    await open({ width });
    portal.fake.put(create('01WIDE'));
    for (const path of [
      '/accounts',
      '/accounts/bob',
      '/operations',
      '/operations/01WIDE',
      '/masters',
      '/actions',
      '/audit',
    ]) {
      await page.goto(portal.url + path);
      const over = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
      expect([path, over]).toEqual([path, Math.min(over, 0)]);
    }
  });

  it('every field has a label, every button a name, every page one heading', async () => {
    await open();
    for (const path of [
      '/accounts',
      '/actions/account.create',
      '/actions/account.terminate',
      '/operations',
      '/masters',
    ]) {
      await page.goto(portal.url + path);
      const nameless = Number(await page.evaluate(countNameless));
      expect([path, nameless, await page.locator('h1').count()]).toEqual([path, 0, 1]);
    }
  });
});
