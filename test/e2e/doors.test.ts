import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whm } from '../../src/whm/call.ts';
import { asWhm } from '../support/as-whm.ts';
import { askApi, chromiumPath, type Doors, type Ended, finished, startBrowser, startDoors } from '../support/doors.ts';
import { fault, heal } from '../support/pair.ts';
import { password } from '../support/portal.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { thorough } from '../support/thorough.ts';

const secret = 'Sturdy-horse-42-battery';
/** What every door is asked to do, in this order. The package is there already. */
const story = (account: string): readonly (readonly [string, Readonly<Record<string, string>>])[] => [
  ['account.create', { account, domain: `${account}.example`, plan: 'basic', password: secret }],
  ['mailbox.add', { account, address: `info@${account}.example`, password: secret, quotaMb: '250' }],
  ['account.suspend', { account, reason: 'unpaid' }],
  ['account.unsuspend', { account }],
  ['account.password', { account, password: `${secret}-2` }],
  ['account.change-package', { account, plan: 'gold' }],
  ['account.terminate', { account }],
];

let doors: Doors;
let browser: Browser | undefined;
let redis: TestRedis;

beforeAll(async () => {
  // Builds what is run below, if it must be.
  await finished('./bin/tandem', ['help']);
  redis = await startRedis();
  doors = await startDoors({ redisUrl: redis.url, config: { redis: { url: redis.url } } });
  for (const name of ['basic', 'gold']) await viaApi('package.add', { name }, 'done');
  browser = existsSync(chromiumPath) ? await startBrowser() : undefined;
});
afterAll(async () => {
  await browser?.close();
  await doors.close();
  await redis.stop();
});

async function summary(master: string, user: string): Promise<Record<string, unknown> | undefined> {
  const outcome = await doors.core.clients.get(master)?.call(whm('accountsummary', { user }));
  // Cast: the simulator's answer to accountsummary.
  return outcome?.kind === 'done' ? (outcome.data as { acct: Record<string, unknown>[] }).acct[0] : undefined;
}

/** The world after a step: what each master says of the account. */
async function expectOn(masters: readonly string[], action: string, account: string): Promise<void> {
  const expected: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> = {
    'account.create': { plan: 'basic', suspended: 0 },
    'mailbox.add': { plan: 'basic' },
    'account.suspend': { suspended: 1 },
    'account.unsuspend': { suspended: 0 },
    'account.password': { suspended: 0 },
    'account.change-package': { plan: 'gold' },
    'account.terminate': undefined,
  };
  for (const master of masters) {
    await vi.waitFor(async () => {
      const found = await summary(master, account);
      const wanted = expected[action];
      if (wanted === undefined) expect(found, master).toBeUndefined();
      else expect(found, master).toMatchObject(wanted);
    }, 10_000);
  }
}

async function m2Down(): Promise<void> {
  await fault(doors.m2, { function: '*', kind: 'down' });
}

async function healed(): Promise<void> {
  await Promise.all([heal(doors.m1), heal(doors.m2)]);
  await vi.waitFor(async () => {
    const status = await doors.core.reads.status();
    expect(status.masters.map((one) => [one.state, one.backlog])).toEqual([
      ['reachable', 0],
      ['reachable', 0],
    ]);
  }, 20_000);
}

type Want = 'done' | 'following';

async function viaApi(action: string, params: Readonly<Record<string, string>>, want: Want): Promise<void> {
  const accepted = await askApi(doors, 'POST', '/operations?wait=10', { action, params });
  expect(accepted.body).toMatchObject({ action });
  // Cast: checked by the line above and the one below.
  const { id } = accepted.body as { id: string };
  await vi.waitFor(async () => {
    const { body } = await askApi(doors, 'GET', `/operations/${id}`);
    expect(body).toMatchObject({ state: want });
  }, 10_000);
  if (want !== 'following') return;
  await vi.waitFor(async () => {
    const { body } = await askApi(doors, 'GET', `/operations/${id}`);
    expect(JSON.stringify(body)).toContain('M2');
  }, 5000);
}

async function viaCli(action: string, params: Readonly<Record<string, string>>, want: Want): Promise<void> {
  const file = join(doors.dir, 'password');
  const flags: string[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (name === 'password') {
      await writeFile(file, `${value}\n`, { mode: 0o600 });
      flags.push('--password-file', file);
    } else flags.push(`--${name.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`, value);
  }
  const ended = await tandem(...action.split('.'), '--json', '--wait', want === 'done' ? '20' : '1', ...flags);
  expect([ended.code, ended.stderr]).toEqual([want === 'done' ? 0 : 4, ended.stderr]);
  expect(JSON.parse(ended.stdout)).toMatchObject({ action, state: want });
}

function tandem(...args: readonly string[]): Promise<Ended> {
  return finished(process.execPath, ['dist/src/main.js', ...args, '--config', doors.configFile]);
}

function viaWhm(version: 0 | 1) {
  return async (action: string, params: Readonly<Record<string, string>>): Promise<void> => {
    const [fn, body] = asWhm[action]?.(params) ?? ['', ''];
    const url = `${doors.whmUrl}/json-api/${fn}?api.version=${version}`;
    const ended = await finished('curl', ['-sk', '-H', `Authorization: whm root:${doors.token}`, url, '-d', body]);
    expect(said(JSON.parse(ended.stdout)), `${fn}: ${ended.stdout}`).toBe(1);
  };
}

/** The sign of success in API 0, API 1, and UAPI through WHM. */
function said(answer: unknown): unknown {
  // Cast: each of the three is looked for, and none may be there.
  const a = answer as {
    metadata?: { result?: unknown };
    result?: { status?: unknown }[] & { status?: unknown };
    passwd?: { status?: unknown }[];
  };
  return Number(a.metadata?.result ?? a.result?.[0]?.status ?? a.result?.status ?? a.passwd?.[0]?.status);
}

const machineDoors = [
  ['the JSON API', 'api', viaApi],
  ['the command line', 'cli', viaCli],
  ['WHM API 1', 'whmone', viaWhm(1)],
] as const;
// Its shapes alone differ from those of version 1, and the tests of the passthrough have them all.
const oldDoor = ['WHM API 0', 'whmzero', viaWhm(0)] as const;

describe.each(thorough ? [...machineDoors, oldDoor] : machineDoors)('through %s', (_door, name, go) => {
  it('a whole account’s life is on both masters, step by step', async () => {
    const account = `${name}up`;
    for (const [action, params] of story(account)) {
      await go(action, params, 'done');
      await expectOn(['m1', 'm2'], action, account);
    }
  });

  it('with M2 away all of it is done on M1, and M2 has the same afterwards', async () => {
    await m2Down();
    const account = `${name}down`;
    for (const [action, params] of story(account).slice(0, -1)) {
      await go(action, params, 'following');
      await expectOn(['m1'], action, account);
    }
    await healed();
    await expectOn(['m1', 'm2'], 'account.change-package', account);
  });
});

describe.skipIf(!existsSync(chromiumPath))('through the portal, in a browser (needs chromium-headless-shell)', () => {
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    if (browser === undefined) throw new Error('there is no browser');
    context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1200, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${doors.portalUrl}/sign-in`);
    await page.fill('#f-name', 'ana');
    await page.fill('#f-password', password);
    await page.click('button.primary');
    await page.waitForURL('**/accounts');
  });
  afterAll(() => context.close());

  async function send(action: string, params: Readonly<Record<string, string>>): Promise<void> {
    await page.goto(`${doors.portalUrl}/actions/${action}`);
    for (const [name, value] of Object.entries(params)) {
      const field = page.locator(`#f-${name}`);
      if ((await page.locator(`select#f-${name}`).count()) > 0) await field.selectOption(value);
      else await field.fill(value);
    }
    const confirm = page.locator('#f-confirm');
    if ((await confirm.count()) > 0) await confirm.fill(params['account'] ?? '');
    await page.click('main form.form .buttons button:first-child');
  }

  const headline = (text: string | RegExp) => page.locator('.headline', { hasText: text }).waitFor();

  it('a whole account’s life is on both masters, step by step', async () => {
    for (const [action, params] of story('webup')) {
      await send(action, params);
      await headline('Saved on M1 and M2.');
      await expectOn(['m1', 'm2'], action, 'webup');
    }
  });

  it('the package is chosen from those that there are', async () => {
    await page.goto(`${doors.portalUrl}/actions/account.create`);
    const options = await page.locator('#f-plan option').allTextContents();
    expect(options).toEqual(expect.arrayContaining(['basic', 'gold']));
  });

  it('with M2 away it says what waits and why; when M2 is back the page says so without being loaded', async () => {
    await m2Down();
    for (const [action, params] of story('webdown').slice(0, 2)) {
      await send(action, params);
      await headline(/^Saved on M1, waiting for M2/);
    }
    await page.locator('#leg-m2', { hasText: 'unreachable since' }).waitFor();
    await page.evaluate("document.body.setAttribute('data-kept', 'yes')");
    await heal(doors.m2);
    await headline('Saved on M1 and M2.');
    expect(await page.getAttribute('body', 'data-kept')).toBe('yes');
    await healed();
  });

  it('with both away nothing is accepted unasked, the input stays, and Queue it keeps it until they are back', async () => {
    await Promise.all([m2Down(), fault(doors.m1, { function: '*', kind: 'down' })]);
    await vi.waitFor(async () => {
      await send('account.suspend', { account: 'webdown', reason: 'unpaid since May' });
      await page.locator('#problem').waitFor({ timeout: 1000 });
    }, 20_000);
    expect([await page.inputValue('#f-account'), await page.inputValue('#f-reason')]).toEqual([
      'webdown',
      'unpaid since May',
    ]);
    await page.click('text=Queue it: Suspend account');
    await headline(/^Accepted\. Waiting for M/);
    await healed();
    await headline('Saved on M1 and M2.');
    await expectOn(['m1', 'm2'], 'account.suspend', 'webdown');
  });

  it('a follower’s refusal is held with its sentence and four choices; skipping it from the page ends it', async () => {
    const reason = 'The disk has no room for another account.';
    await fault(doors.m2, { function: 'createacct', kind: 'refuse', reason, times: 0 });
    await send('account.create', { account: 'webheld', domain: 'webheld.example', plan: 'basic' });
    await page.locator('#leg-m2', { hasText: reason }).waitFor();
    const buttons = page.locator('#leg-m2 button');
    await vi.waitFor(async () => {
      expect(await buttons.allTextContents()).toEqual(['Retry on M2', 'Keep what is on M2', 'Skip M2', 'Undo on M1']);
    }, 10_000);
    const held = page.url();
    await send('account.suspend', { account: 'webheld' });
    await page.locator('#leg-m2 a', { hasText: 'hold' }).waitFor();
    expect(await page.locator('#leg-m2 a').getAttribute('href')).toBe(new URL(held).pathname);
    await page.goto(held);
    await page.click('text=Skip M2');
    await headline('Saved on M1 only.');
    await heal(doors.m2);
    await healed();
  });

  it('after a lost answer the page counts down to the next look, and finds what was done', async () => {
    await fault(doors.m1, { function: 'createacct', kind: 'drop-after' });
    await send('account.create', { account: 'weblost', domain: 'weblost.example', plan: 'basic' });
    await page.locator('#leg-m1 [data-countdown]', { hasText: /^in \d s$/ }).waitFor();
    await headline('Saved on M1 and M2.');
    await expectOn(['m1', 'm2'], 'account.create', 'weblost');
  });

  it('a master that hangs keeps no page waiting, and the list comes when it answers', async () => {
    await Promise.all([doors.m1, doors.m2].map((sim) => fault(sim, { function: 'listaccts', kind: 'slow', ms: 3000 })));
    const fresh = await doors.another({ worker: false });
    const begun = Date.now();
    const list = await fresh.core.reads.accounts({ kind: 'system', name: 'test', scope: 'all' }, 800);
    expect(Date.now() - begun).toBeLessThan(2500);
    expect(list.from).toBe('');
    await vi.waitFor(async () => {
      const later = await fresh.core.reads.accounts({ kind: 'system', name: 'test', scope: 'all' }, 800);
      expect([later.from, later.rows.map((row) => row.user)]).toEqual(['m1', expect.arrayContaining(['webdown'])]);
    }, 15_000);
    await fresh.close();
    await healed();
  });
});
