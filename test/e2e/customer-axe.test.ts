/** Every page of the self-service, filled: what axe says, whether it fits a telephone, and whether the keyboard is enough. */
import { existsSync } from 'node:fs';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Customer, customerKey } from '../../src/auth/customers.ts';
import { ownCustomerPages, postgresPages } from '../../src/routes/customer/pages.ts';
import type { Language } from '../../src/routes/customer/texts/index.ts';
import { findings, look } from '../support/axe.ts';
import { enter, owner, settledPage } from '../support/customer-doors.ts';
import { sendForm } from '../support/customer-play.ts';
import {
  fillAccount,
  mailboxPaths,
  ownerPaths,
  stageMailbox,
  stageMasters,
  stagePassword,
} from '../support/customer-stage.ts';
import { chromiumPath, type Doors, startBrowser, startDoors } from '../support/doors.ts';
import { thorough } from '../support/thorough.ts';

const user: Customer = { account: 'bob', role: 'mailbox', name: stageMailbox };
const before = ['/my/sign-in', '404 /my/invitation/guessed', '403 /my/enter/guessed'];
const widths = [320, 390];

let doors: Doors;
let browser: Browser;
/** The owner's, where the language and the colours do not matter. */
let reader: Page;

async function someone(customer: Customer, locale: Language, colorScheme: 'light' | 'dark'): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true, locale, colorScheme });
  return enter(doors, context, customer);
}

/** Runs in the page, with an element focused: what is wrong with the way it shows that. */
const focusFault = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return 'end';
  const label = (one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent ?? '').trim().slice(0, 40) || one.name || one.tagName;
  const style = getComputedStyle(one);
  const at = one.getBoundingClientRect();
  const faults = [];
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('no ring');
  if (at.width === 0 || at.bottom <= 0 || at.top >= innerHeight) faults.push('out of sight');
  const y = Math.min(Math.max(at.top + Math.min(at.height, 30) / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(Math.min(at.left + at.width / 2, innerWidth - 1), y);
  if (top !== null && top !== one && !one.contains(top) && !top.contains(one)) faults.push('under ' + (top.className || top.tagName));
  return label + (faults.length === 0 ? '' : ' !! ' + faults.join(', '));
})()`;

/** What Tab reaches, in its order, `most` at most; with Shift from the end backwards, where it does not stop by itself. */
async function walk(page: Page, key: 'Tab' | 'Shift+Tab', most = 200): Promise<readonly string[]> {
  const seen: string[] = [];
  while (seen.length < most) {
    await page.keyboard.press(key);
    const found = String(await page.evaluate(focusFault));
    if (found === 'end') return seen;
    seen.push(found);
  }
  return seen;
}

describe.skipIf(!existsSync(chromiumPath))('every page of the self-service (needs chromium-headless-shell)', () => {
  beforeAll(async () => {
    [doors, browser] = await Promise.all([
      startDoors({ masters: stageMasters, config: { ownNames: true } }),
      startBrowser(),
    ]);
    await fillAccount(doors);
    reader = await someone(owner, 'en', 'light');
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await doors?.close();
  });

  it('is one of those looked at here', () => {
    const looked = [...ownerPaths, ...mailboxPaths].map((path) => path.replace(/[?].*/, ''));
    const all = [...ownCustomerPages, ...postgresPages].map(({ path }) => path);
    expect(all.filter((path) => !looked.some((one) => one === path || one.startsWith(`${path}/`)))).toEqual([]);
  });

  // Each page once in a daily run, in one language or the other; each in both with --all.
  const half = (paths: readonly string[], turn: number) => paths.filter((_, at) => thorough || at % 2 === turn);

  it.each([
    ['en', 'light', 0],
    ['de', 'dark', 1],
  ] as const)(
    'has no serious finding, fits 320 and 390 px, and names no master, in %s, %s',
    async (language, theme, turn) => {
      const hosts = doors.config.masters.map((master) => master.hostname);
      const found: string[] = [];
      const look = async (page: Page): Promise<void> => {
        await settledPage(page);
        const html = await page.content();
        found.push(...hosts.filter((host) => html.includes(host)).map((host) => `${page.url()}: ${host}`));
      };
      const page = await someone(owner, language, theme);
      found.push(
        ...(await findings(page, doors.portalUrl, half([...ownerPaths, '404 /my/nowhere'], turn), widths, look)),
      );
      const box = await someone(user, language, theme);
      found.push(...(await findings(box, doors.portalUrl, half(mailboxPaths, turn), widths, look)));
      const nobody = await (await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true })).newPage();
      found.push(...(await findings(nobody, doors.portalUrl, half(before, turn), widths)));
      expect(found).toEqual([]);
    },
    300_000,
  );

  it('nor have the pages that a form or a link leads to', async () => {
    const page = reader;
    const found: string[] = [];
    const here = async (name: string): Promise<void> => {
      found.push(...(await look(page, widths)).map((one) => `${name}: ${one}`));
    };
    const go = (path: string) => page.goto(`${doors.portalUrl}${path}`);
    const send = async (path: string, fields: Readonly<Record<string, string>>): Promise<void> => {
      await go(path);
      await settledPage(page);
      await sendForm(page, fields);
      await here(`${path}, sent`);
    };
    await send('/my/domains/zones/bob.example', { name: 'blog', type: 'A', ttl: '300', data: '192.0.2.9' });
    await page.locator('main form[action$="/text"] button').first().click();
    await page.waitForURL(/done=/);
    await go('/my/domains/zones/bob.example');
    await settledPage(page);
    await page.locator('main a[href*="/saves/"]').first().click();
    await page.waitForURL(/saves/);
    await here('a saved zone');
    await send('/my/people', { email: 'ida@firm.example', role: 'read-only' });
    const invitation = await page.locator('main code').first().textContent();
    await send('/my/access/tokens', { label: 'shop', may: 'read' });
    await send('/my/mail/boxes', { local: 'no good name', password: 'short', quotaMb: 'x' });
    await go('/my/activity');
    await settledPage(page);
    await page.locator('main a[href^="/my/activity/"]').first().click();
    await page.waitForURL(/activity\/\w/);
    await here('one thing of the activity');
    const backup = '/my/backups/restore?backup=backup-5.4.2026_10-00-00_bob.tar.gz';
    found.push(...(await findings(page, doors.portalUrl, [backup], widths, settledPage)));

    const nobody = await (await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true })).newPage();
    const path = new URL(invitation ?? '').pathname;
    found.push(...(await findings(nobody, doors.portalUrl, [path], widths)));
    await nobody.close();
    expect(found).toEqual([]);
  });

  it('nor has the question for a code, after the right password', async () => {
    const { secondFactor } = doors.core.auth;
    const key = customerKey(user);
    const { secret } = await secondFactor.begin(key);
    const totp = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 });
    await secondFactor.confirm(key, totp.generate(), '127.0.0.1');
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true })).newPage();
    await page.goto(`${doors.portalUrl}/my/sign-in`);
    await page.fill('[name="name"]', user.name);
    await page.fill('[name="password"]', stagePassword);
    await page.locator('main form button').first().click();
    await page.waitForURL(/sign-in\/code/);
    expect(await look(page, widths)).toEqual([]);
    await secondFactor.remove(key);
  });

  it.each([
    ['/my/mail/boxes', ['info@bob.example', 'shop@bob.example', 'Name', 'Add mailbox']],
    ['/my/domains/zones/bob.example', ['Edit as text', 'Edit', 'Name', 'Type', 'TTL', 'Value', 'Show difference']],
    [
      '/my/files?folder=public_html',
      ['New file', 'index.php', 'Folder, or name', 'Move', 'Compress', 'New folder', 'Upload'],
    ],
  ])('%s can be used by the keyboard alone, in the order of the page, and shows where it is', async (path, stops) => {
    const page = reader;
    for (const size of [
      { width: 1280, height: 700 },
      { width: 390, height: 700 },
    ]) {
      await page.setViewportSize(size);
      await page.goto(`${doors.portalUrl}${path}`);
      await settledPage(page);
      const there = await walk(page, 'Tab');
      const back = await walk(page, 'Shift+Tab', there.length);
      expect([size.width, [...there, ...back].filter((one) => one.includes('!!'))]).toEqual([size.width, []]);
      expect(back.toReversed()).toEqual(there);
      expect(there[0]).toBe('Skip to content');
      let at = 0;
      for (const stop of stops) {
        const next = there.findIndex((one, n) => n >= at && one.startsWith(stop));
        expect([stop, next >= at, there]).toEqual([stop, true, there]);
        at = next + 1;
      }
    }
  });
});
