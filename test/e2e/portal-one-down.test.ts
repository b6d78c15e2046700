/** What staff do most, with M2 away from the second task on: all of it is done, says what waits, and is caught up. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chromiumPath, startBrowser, startDoors } from '../support/doors.ts';
import { fault, heal } from '../support/pair.ts';
import { furnish, holds, on, type Stage, tasks } from '../support/staff-tasks.ts';
import { thorough } from '../support/thorough.ts';

let browser: Browser;
let stage: Stage;

describe.skipIf(!thorough || !existsSync(chromiumPath))('with M2 down, in a browser (only with --all)', () => {
  beforeAll(async () => {
    // Without Redis: the journal alone must do here too.
    const doors = await startDoors();
    browser = await startBrowser();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
    stage = { doors, page: await context.newPage(), up: ['m1'] };
    stage.page.setDefaultTimeout(60_000);
    await furnish(stage);
    await fault(doors.m2, { function: '*', kind: 'down' });
  });
  afterAll(async () => {
    await browser?.close();
    await stage.doors.close();
  });

  it.each(tasks)('%s', (_title, play) => play(stage));

  it('every page says which master is away', async () => {
    await stage.page
      .getByText(/Degraded|behind/)
      .first()
      .waitFor();
  });

  it('M2 back, it is caught up by itself: nothing is lost, done twice or out of order', async () => {
    await heal(stage.doors.m2);
    await holds(stage, ['m1', 'm2'], 'carl', { plan: 'gold', email: 'carl@elsewhere.example', suspended: 0 });
    await holds(stage, ['m1', 'm2'], 'anna', { suspended: 1 });
    await vi.waitFor(async () => expect(await on(stage, 'm2', 'bert')).toBeUndefined(), 60_000);
    const { operations } = stage.doors.core;
    await vi.waitFor(async () => {
      const states = (await operations.list({ limit: 50 })).map(({ state }) => state);
      expect([...new Set(states)]).toEqual(['done']);
    }, 60_000);
  });
});
