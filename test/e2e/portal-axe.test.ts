/** Every page there is, looked at by axe and on a telephone. What masters say stands in it in portal-tasks. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WatchDesk } from '../../src/failover/portal/desk.ts';
import { seenSchema } from '../../src/failover/portal/seen.ts';
import { driftPage } from '../../src/routes/portal/drift/page.ts';
import { placementPage } from '../../src/routes/portal/pages/placement.ts';
import { switchoverPage } from '../../src/routes/portal/switchover/page.ts';
import { findings } from '../support/axe.ts';
import { chromiumPath, startBrowser } from '../support/doors.ts';
import { fakeDrift, oddRecord } from '../support/fake-drift.ts';
import { accepted } from '../support/fake-operations.ts';
import { bobWaits, fakePlacement } from '../support/fake-placement.ts';
import { moverPages } from '../support/mover-pages.ts';
import { bob, password, type RunningPortal, startPortal, twoMasters } from '../support/portal.ts';
import { access } from '../support/portal-access.ts';

/** What answers something else than a page. */
const noPages = /\.(csv|css|svg|:form)$|^\/(events)?$|^\/filesync\/kept$/;
const things: Readonly<Record<string, string>> = {
  ...{ user: 'bob', name: 'ana', zone: 'bob.example', api: 'whm', secret: 'guessed', master: 'm1' },
};

function pathOf(route: string): string {
  if (route === '/accounts/bulk') return '/accounts/bulk?action=account.suspend&all=1';
  if (route === '/operations/:id') return '/operations/01LATE';
  if (route === '/actions/:id') return '/actions/account.terminate?account=bob';
  if (route === '/drift/preview') return `/drift/preview?id=${oddRecord.id}`;
  if (route === '/drift/:id') return `/drift/${oddRecord.id}`;
  if (route === '/functions/:api/:name') return '/functions/whm/createacct';
  if (route === '/search') return '/search?q=b';
  if (route === '/password/:secret') return '404 /password/guessed';
  // A real one needs a master's answer: portal-tasks looks at it.
  if (route === '/zones/:zone/saves/:id') return '404 /zones/bob.example/saves/x';
  return route.replaceAll(/:(\w+)/g, (_whole, name: string) => things[name] ?? 'x');
}

const pages = Object.keys(access)
  .filter((route) => route.startsWith('GET '))
  .map((route) => route.slice(4))
  .filter((route) => !noPages.test(route) && !route.startsWith('/sign-in'))
  .map(pathOf);

const now = Date.now();
const iso = (minutesAgo: number): string => new Date(now - minutesAgo * 60_000).toISOString();

const master = (id: string, state: string) => ({
  id,
  site: id,
  sight: state,
  state,
  sentence: `${id} is ${state}.`,
  evidence: [],
});
const seen = seenSchema.parse({
  ...{
    node: 's3',
    at: iso(0),
    light: 'failed-over',
    sentence: 'Running on m2.',
    conflict: [],
    warnings: ['A disk fills.'],
  },
  masters: [master('m1', 'failed-over'), master('m2', 'steady')],
  active: { pair: 'm2', accounts: { eve: 'm1' } },
  orders: [{ id: '1.s3', kind: 'switch', from: 'm1', to: 'm2', at: iso(20), by: 'verdict', evidence: ['no answer'] }],
  hold: { by: 'ana', reason: 'kernel' },
  downtime: [{ id: 'd1', by: 'ana', master: 'm1', from: now, until: now + 3_600_000, reason: 'kernel' }],
  checks: [
    ...[{ id: 'm1/https', master: 'm1', vital: true, result: 'critical', hard: 'critical', text: 'refused' }],
    ...[{ id: 'm2/https', master: 'm2', vital: true, result: 'ok', hard: 'ok', text: '200' }],
  ].map((one) => ({ ...one, since: iso(20), recent: ['ok', 'critical'], recentMs: [30, 1000], acknowledged: false })),
  history: [{ at: now, kind: 'order', subject: 'm1', sentence: 'm1 was ordered away.', evidence: ['no answer'] }],
});
const desk: WatchDesk = {
  watchers: () => [
    { id: 's3', seen, seenAt: now, why: undefined, turns: [{ at: now - 3_600_000, answers: true }] },
    { id: 's4', seen: undefined, seenAt: undefined, why: 'refused', turns: [{ at: now, answers: false }] },
  ],
  problem: undefined,
  look: () => ({ kind: 'silent', why: 'nobody is asked here' }),
  tell: () => Promise.reject(new Error('nothing is ordered here')),
};

describe.skipIf(!existsSync(chromiumPath))('in a browser (needs chromium-headless-shell)', () => {
  let portal: RunningPortal;
  let browser: Browser;
  let page: Page;
  let stateDir = '';

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'tandem-axe-'));
    const others = await moverPages(stateDir, now);
    portal = await startPortal(Date.now, [
      ...[driftPage(fakeDrift(oddRecord)), switchoverPage(desk), placementPage(fakePlacement(), bobWaits)],
      ...others,
    ]);
    await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
    portal.fake.putAccounts([bob]);
    const actor = { kind: 'person', name: 'ana', scope: 'all' } as const;
    const request = { action: 'account.suspend', params: { account: 'bob' }, actor, door: 'portal' } as const;
    portal.fake.put(accepted({ ...request, idempotencyKey: '01LATE' }, twoMasters, Date.now));
    browser = await startBrowser();
    page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  });
  afterAll(async () => {
    await browser.close();
    await portal.close();
    await rm(stateDir, { recursive: true });
  });

  it('signing in has no serious finding', async () => {
    expect(await findings(page, portal.url, ['/sign-in'])).toEqual([]);
    await page.goto(`${portal.url}/sign-in`);
    await page.fill('#f-name', 'ana');
    await page.fill('#f-password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/accounts');
    expect(pages.length).toBeGreaterThan(30);
  });

  it.each([...pages, '404 /nowhere'])('%s has no serious finding, nor is wider than a telephone', async (path) => {
    expect(await findings(page, portal.url, [path])).toEqual([]);
  });
});
