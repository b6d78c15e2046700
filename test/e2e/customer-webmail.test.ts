/** Webmail in a browser: Roundcube on two masters whose mail is Debian's Dovecot, and who gets in where. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Customer } from '../../src/auth/customers.ts';
import { visitor } from '../support/browser-less.ts';
import { enter, startCustomerDoors } from '../support/customer-doors.ts';
import { chromiumPath, type Doors, startBrowser } from '../support/doors.ts';
import { root } from '../support/pair.ts';
import { noWebmail, type WebmailStage, webmailStage } from '../support/webmail.ts';

const reason =
  noWebmail() ??
  (existsSync(chromiumPath) ? undefined : 'chromium-headless-shell is not installed (Debian package of that name)');
const info = 'info@bob.example';
const user: Customer = { account: 'bob', role: 'mailbox', name: info };

let stage: WebmailStage;
let doors: Doors;
let browser: Browser;
const contexts: BrowserContext[] = [];

async function someone(customer: Customer, locale = 'en'): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale });
  // Roundcube's first page is many files through PHP: on a busy machine half a minute is not enough.
  context.setDefaultTimeout(90_000);
  contexts.push(context);
  return enter(doors, context, customer);
}

async function done(action: string, params: Readonly<Record<string, unknown>>): Promise<void> {
  const { operations } = doors.core;
  const accepted = await operations.accept({ action, params, actor: root, door: 'api' });
  expect((await operations.wait(accepted.id, 'final', 20_000)).state).toBe('done');
}

const origin = () => `https://127.0.0.1:${stage.port}`;
const inbox = (page: Page, subject: string) => page.locator('#messagelist').getByText(subject);
const deliver = (master: 'm1' | 'm2', to: string, subject: string, body = 'Hello') =>
  doors[master].mail?.deliver(
    'ann@away.example',
    to,
    `From: ann@away.example\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\n${body}\r\n`,
  );

describe.skipIf(reason !== undefined)(`webmail (${reason ?? 'all is installed'})`, () => {
  beforeAll(async () => {
    stage = await webmailStage();
    [doors, browser] = await Promise.all([startCustomerDoors(stage.options), startBrowser()]);
    for (const address of [info, 'boss@bob.example', 'info@eve.example']) {
      const account = address.includes('bob') ? 'bob' : 'eve';
      await done('mailbox.add', { account, address, password: 'Right-Horse-42', quotaMb: 100 });
    }
    await deliver('m1', info, 'Order 7 on M1');
    await deliver('m1', 'boss@bob.example', 'For the boss alone');
  }, 60_000);
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await doors?.close();
    await stage?.php.close();
  });

  it('a mailbox user reads and writes without another password, in its language, and follows the account to M2', async () => {
    const page = await someone(user, 'de');
    await page.getByRole('link', { name: 'Webmail öffnen' }).click();
    await inbox(page, 'Order 7 on M1').waitFor();
    expect(new URL(page.url()).origin).toBe(origin());
    expect(await page.locator('html').getAttribute('lang')).toBe('de');

    await page.goto(`${origin()}/info%40bob.example/?_task=mail&_action=compose`);
    await page.locator('textarea[name="_message"]').fill('Grüße');
    await page.locator('#compose-subject').fill('Answer');
    await page.evaluate("document.querySelector('#_to').value = 'boss@bob.example, far@away.example'");
    await page.locator('button.send').click();
    await vi.waitFor(() => expect(doors.m1.mail?.away.map((one) => one.to)).toContain('far@away.example'), 15_000);
    expect(doors.m1.mail?.away[0]?.from).toBe(info);
    // Once it is sent Roundcube leads back to the list by itself.
    await page.waitForURL((url) => !url.search.includes('_action=compose'));

    await deliver('m2', info, 'Order 8 on M2');
    await doors.core.journal.write((db) =>
      db.insertInto('active').values({ account: 'bob', master: 'm2', epoch: 1 }).execute(),
    );
    try {
      await page.goto(`${origin()}/info%40bob.example/`);
      await inbox(page, 'Order 8 on M2').waitFor();
      expect(await inbox(page, 'Order 7 on M1').count()).toBe(0);
    } finally {
      await doors.core.journal.write((db) => db.deleteFrom('active').where('account', '=', 'bob').execute());
    }
  });

  it('the owner opens any mailbox of the account; who may not change mail, and staff who look on, open none', async () => {
    const page = await someone({ account: 'bob', role: 'owner', name: 'bob' });
    await page.goto(`${doors.portalUrl}/my/mail/boxes/boss%40bob.example`);
    await page.getByRole('link', { name: 'Open webmail' }).click();
    await inbox(page, 'For the boss alone').waitFor();
    const audit = await doors.core.auth.auditFind({ event: 'webmail', limit: 1 });
    expect(audit[0]).toMatchObject({ subject: 'bob', detail: 'boss@bob.example' });
    const foreign = await page.goto(`${doors.portalUrl}/my/mail/webmail?address=info%40eve.example`);
    expect(foreign?.status()).toBe(404);

    for (const [who, status] of [
      [{ account: 'bob', role: 'read-only', name: 'see@x.example' }, 403],
      [{ account: 'bob', role: 'builder', name: 'build@x.example' }, 404],
      [{ account: 'bob', role: 'owner', name: 'bob', staff: { name: 'ana', reason: 'a ticket' } }, 403],
    ] as const) {
      const other = visitor(doors.portalUrl, doors.certificate);
      await other.get(`/my/enter/${await doors.core.auth.customers.enterLink(who)}`);
      const answer = await other.get('/my/mail/webmail?address=boss%40bob.example');
      expect([who.name, answer.status]).toEqual([who.name, status]);
    }
  });

  it('one mailbox user reaches no other’s session, and a message’s script nothing of the self-service', async () => {
    const page = await someone(user);
    await page.goto(`${doors.portalUrl}/my/mailbox/webmail`);
    await inbox(page, 'Order 7 on M1').waitFor();
    // What a script in a message could do, on webmail's origin with this user's cookies.
    const tried = await page.evaluate<Readonly<Record<string, unknown>>>(`(async () => {
      const status = (url, more) => fetch(url, more).then((answer) => answer.status, () => 'nothing');
      const portal = ${JSON.stringify(doors.portalUrl)};
      return {
        boss: await status('/boss%40bob.example/?_task=mail&_action=list&_remote=1'),
        read: await status(portal + '/my/mailbox/home', { credentials: 'include' }),
        write: await status(portal + '/my/sign-out', { method: 'POST', credentials: 'include', mode: 'no-cors' }),
        still: await status('/info%40bob.example/?_task=mail&_action=list&_remote=1'),
        cookie: document.cookie,
      };
    })()`);
    expect(tried).toMatchObject({ boss: 401, read: 'nothing', still: 200 });
    expect(tried['cookie']).not.toMatch(/tandem-my|tandem-box|roundcube_sess/);

    // Another mailbox's user at this one's address, even with what let this one in.
    const eve = visitor(doors.portalUrl, doors.certificate);
    const link = await doors.core.auth.customers.enterLink({
      account: 'eve',
      role: 'mailbox',
      name: 'info@eve.example',
    });
    await eve.get(`/my/enter/${link}`);
    const stolen = (await page.context().cookies(`${origin()}/info%40bob.example/`))
      .filter(({ name }) => name !== '__Host-tandem-my')
      .map(({ name, value }) => `${name}=${value}`);
    expect(stolen.join()).toContain('__Secure-tandem-box');
    const cookie = [`__Host-tandem-my=${eve.cookies.get('__Host-tandem-my')}`, ...stolen].join('; ');
    const answer = await visitor(origin(), doors.certificate).get('/info%40bob.example/?_task=mail', { cookie });
    const home = `https://127.0.0.1:${doors.config.passthrough.cpanelPort}`;
    expect([answer.status, answer.location]).toEqual([303, `${home}/my/mailbox/webmail`]);

    // Signed out is out, at once.
    await page.goto(`${doors.portalUrl}/my/mailbox/home`);
    await page.locator('form[action="/my/sign-out"] button').first().dispatchEvent('click');
    await page.waitForURL('**/my/sign-in');
    const late = await page.context().request.get(`${origin()}/info%40bob.example/?_task=mail&_remote=1`, {
      headers: { 'sec-fetch-mode': 'cors' },
      maxRedirects: 0,
    });
    expect(late.status()).toBe(401);
    await page.goto(`${origin()}/info%40bob.example/`);
    expect(new URL(page.url()).pathname).toBe('/my/sign-in');
  });

  it('while the active master’s mail is down it says so, and comes back by itself', async () => {
    const page = await someone(user);
    await page.goto(`${doors.portalUrl}/my/mailbox/webmail`);
    await inbox(page, 'Order 7 on M1').waitFor();
    await doors.m1.mail?.down();
    try {
      const told = page.waitForResponse((one) => one.url().includes('_action=list'));
      await page.goto(`${origin()}/info%40bob.example/?_task=mail`);
      expect(await (await told).text()).toContain('Connection to storage server failed');
    } finally {
      await doors.m1.mail?.up();
    }
    await page.goto(`${origin()}/info%40bob.example/`);
    await inbox(page, 'Order 7 on M1').waitFor();
  });
});
