/** What staff do most, in a browser, on two simulated masters; and five things of it by keyboard alone. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings, tabbedTo } from '../support/axe.ts';
import { callsOf } from '../support/chaos.ts';
import { chromiumPath, startBrowser, startDoors } from '../support/doors.ts';
import { fault, heal } from '../support/pair.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { furnish, go, holds, on, type Stage, signIn, submit, tasks } from '../support/staff-tasks.ts';

let redis: TestRedis;
let browser: Browser;
let stage: Stage;

describe.skipIf(!existsSync(chromiumPath))('in a browser (needs chromium-headless-shell)', () => {
  beforeAll(async () => {
    redis = await startRedis();
    const doors = await startDoors({ redisUrl: redis.url, config: { redis: { url: redis.url } } });
    browser = await startBrowser();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
    stage = { doors, page: await context.newPage(), up: ['m1', 'm2'] };
    stage.page.setDefaultTimeout(60_000);
    await furnish(stage);
  });
  afterAll(async () => {
    await browser?.close();
    await stage.doors.close();
    await redis.stop();
  });

  it.each(tasks)('%s', (_title, play) => play(stage));

  it('undoes what can be put back before anything is sent, and lets the rest begin by itself', async () => {
    const { page, doors } = stage;
    await doors.core.auth.personUndoSet('ana', 5);
    const suspends = async () => (await callsOf(doors.m1)).filter((call) => call.function === 'suspendacct').length;
    const before = await suspends();
    await go(stage, '/actions/account.suspend?account=anna');
    await submit(stage);
    await page.getByText('Begins in').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone. Nothing was sent to any master.').waitFor();
    await go(stage, '/actions/account.modify?account=anna');
    await page.fill('#f-contactEmail', 'anna@elsewhere.example');
    await submit(stage);
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    // Nobody loads the page again.
    await page.getByText('Saved on M1 and M2.').waitFor();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await go(stage, '/actions/account.suspend?account=anna');
    await submit(stage);
    await go(stage, '/operations');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone. Nothing was sent to any master.').waitFor();
    expect(await suspends()).toBe(before);
    await doors.core.auth.personUndoSet('ana', 0);
  });

  it('brings an account back from its archive, from the page where it was', async () => {
    const { page } = stage;
    await go(stage, '/accounts/bert');
    await page.click('main >> text=Restore account');
    await submit(stage);
    await page.getByText('Saved on M1 and M2.').waitFor();
    await holds(stage, ['m1', 'm2'], 'bert', { domain: 'bert.example' });
    expect(await on(stage, 'm2', 'bert')).toBeDefined();
  });

  it('the pages that masters fill have no serious finding of axe, nor are wider than a telephone', async () => {
    const operation = (await stage.doors.core.operations.list({ limit: 1 }))[0]?.id ?? '';
    const { desk } = stage.doors.core.auth;
    await desk.zoneSave('carl.example', 'ana', 'carl.example. 60 A 192.0.2.1');
    const save = (await desk.zoneSaves('carl.example'))[0]?.id ?? '';
    const inside = ['/accounts/carl', '/zones/carl.example', '/packages', '/packages/features/default', '/masters'];
    const paths = [
      '/accounts',
      ...inside,
      '/zones',
      '/resellers/root',
      '/me/second-factor',
      `/operations/${operation}`,
      `/zones/carl.example/saves/${save}`,
    ];
    expect(await findings(stage.page, stage.doors.portalUrl, paths)).toEqual([]);
  });

  it('no page waits for a master', async () => {
    const { page, doors } = stage;
    const slowMs = 20_000;
    const slow = { kind: 'slow', function: '*', ms: slowMs, times: 0 };
    await Promise.all([fault(doors.m1, slow), fault(doors.m2, slow)]);
    for (const path of [
      '/accounts',
      '/accounts/bert',
      '/packages',
      '/zones/bert.example',
      '/masters',
      '/search?q=bert',
    ]) {
      const begun = performance.now();
      await go(stage, path);
      expect([path, performance.now() - begun < slowMs / 2]).toEqual([path, true]);
      expect(await page.locator('h1').count()).toBe(1);
    }
    await Promise.all([heal(doors.m1), heal(doors.m2)]);
  });

  describe('by keyboard alone', () => {
    const tabTo = (name: string) => tabbedTo(stage.page, name);

    it('goes to accounts and operations by letters, and opens the help', async () => {
      const { page } = stage;
      await go(stage, '/masters');
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
      const { page } = stage;
      await page.keyboard.press('/');
      await page.locator('#search:focus').waitFor();
      await page.keyboard.type('carl');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/accounts/carl');
    });

    it('suspends it', async () => {
      const { page } = stage;
      await tabTo('Suspend account');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/actions/account.suspend*');
      await tabTo('f-reason');
      await page.keyboard.type('unpaid');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/operations/*');
    });

    it('leaves a note', async () => {
      const { page } = stage;
      await go(stage, '/accounts/carl');
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
      const { page } = stage;
      await go(stage, '/packages');
      await tabTo('ana');
      await page.keyboard.press('Enter');
      await tabTo('Sign out');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/sign-in');
      await signIn(stage, '**/accounts');
    });
  });
});
