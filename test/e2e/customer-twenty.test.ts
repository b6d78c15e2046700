/** The most frequent tasks of customers and mailbox users, in a browser, in both languages. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startTasks, visit } from '../support/customer-play.ts';
import { chromiumPath, type Doors, startBrowser } from '../support/doors.ts';
import { thorough } from '../support/thorough.ts';

let doors: Doors;
let browser: Browser;

describe.skipIf(!existsSync(chromiumPath))(
  'twenty tasks and those of a mailbox user (needs chromium-headless-shell)',
  () => {
    beforeAll(async () => {
      [doors, browser] = await Promise.all([startTasks(['anna', 'bert']), startBrowser()]);
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await doors?.close();
    });

    it('in English, on both masters', () =>
      visit(doors, browser, 'en', { account: 'anna', up: ['m1', 'm2'], active: 'm1' }));

    it.runIf(thorough)('in German, on both masters (only with --all)', () =>
      visit(doors, browser, 'de', { account: 'bert', up: ['m1', 'm2'], active: 'm1' }),
    );
  },
);
