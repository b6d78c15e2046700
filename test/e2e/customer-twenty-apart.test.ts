/** The same tasks while a master is down, and after the account was switched to the other. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startTasks, visit } from '../support/customer-play.ts';
import { chromiumPath, type Doors, startBrowser } from '../support/doors.ts';
import { fault, heal } from '../support/pair.ts';
import { thorough } from '../support/thorough.ts';

let doors: Doors;
let browser: Browser;

describe.skipIf(!thorough || !existsSync(chromiumPath))('twenty tasks on an uneven pair (only with --all)', () => {
  beforeAll(async () => {
    [doors, browser] = await Promise.all([startTasks(['cora', 'dora']), startBrowser()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await doors?.close();
  });

  it('with M2 down, in German', async () => {
    await fault(doors.m2, { function: '*', kind: 'down' });
    try {
      await visit(doors, browser, 'de', { account: 'cora', up: ['m1'], active: 'm1' });
    } finally {
      await heal(doors.m2);
    }
  });

  it('after a switch to M2, in English', async () => {
    await doors.core.journal.write((db) =>
      db.insertInto('active').values({ account: 'dora', master: 'm2', epoch: 1 }).execute(),
    );
    await visit(doors, browser, 'en', { account: 'dora', up: ['m1', 'm2'], active: 'm2' });
  });
});
