/** Passkeys at the second step: a real browser with an authenticator of its own, against the real portal. */
import { existsSync } from 'node:fs';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../src/errors.ts';
import { chromiumPath, startBrowser } from '../support/doors.ts';
import { password, type RunningPortal, startPortal } from '../support/portal.ts';

const minuteMs = 60_000;

describe.skipIf(!existsSync(chromiumPath))('a passkey (needs chromium-headless-shell)', () => {
  let now = Date.now();
  let portal: RunningPortal;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let devices: CDPSession;
  let device = '';

  /** As the browser has to call it: passkeys are bound to a name. */
  const at = (path: string): string => `${portal.url.replace('127.0.0.1', 'localhost')}${path}`;
  const events = async (event: string) => await portal.auth.auditFind({ event, q: '', limit: 10 });
  const plugIn = async (): Promise<string> => {
    const options = { protocol: 'ctap2', transport: 'usb', hasResidentKey: false, isUserVerified: false } as const;
    const added = await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...options, hasUserVerification: false, automaticPresenceSimulation: true },
    });
    return added.authenticatorId;
  };
  const toCode = async (): Promise<void> => {
    // What is still under way would bring its cookie back.
    await page.goto('about:blank');
    await context.clearCookies();
    await page.goto(at('/sign-in'));
    await page.fill('#f-name', 'ana');
    await page.fill('#f-password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sign-in/code');
  };

  beforeAll(async () => {
    portal = await startPortal(() => now, [], { passkeys: true });
    await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
    await portal.auth.personAdd({ name: 'tom', role: 'support', password });
    browser = await startBrowser();
    context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    devices = await context.newCDPSession(page);
    await devices.send('WebAuthn.enable');
    device = await plugIn();
  });
  afterAll(async () => {
    await browser.close();
    await portal.close();
  });

  it('is offered once a second factor is set up, and added with a name', async () => {
    await page.goto(at('/sign-in?next=/me/second-factor'));
    await page.fill('#f-name', 'ana');
    await page.fill('#f-password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL(at('/me/second-factor'));
    expect(await page.getByText('Passkeys').count()).toBe(0);
    const { secret } = await portal.auth.secondFactor.begin('ana');
    const code = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({ timestamp: now });
    expect((await portal.auth.secondFactor.confirm('ana', code, '192.0.2.1')).kind).toBe('on');
    // Not a reload: what the page itself still fetches would be in its way.
    await page.goto('about:blank');
    await page.goto(at('/me/second-factor'));
    await page.fill('#f-label', 'blue key');
    await page.click('text=Add a passkey');
    await page.locator('td', { hasText: 'blue key' }).waitFor();
    expect(await events('passkey.add')).toMatchObject([{ actor: 'ana', subject: 'ana', detail: 'blue key' }]);
    expect((await portal.auth.passkeys.list('ana')).map((one) => one.label)).toEqual(['blue key']);
  });

  it('is not added twice from the same device, and says why', async () => {
    await page.fill('#f-label', 'again');
    await page.click('text=Add a passkey');
    await page.getByRole('alert').getByText('The browser gave no passkey.').waitFor();
    expect(await portal.auth.passkeys.list('ana')).toHaveLength(1);
  });

  it('stands in for the code at sign-in, on record', async () => {
    await toCode();
    await page.click('text=Use a passkey');
    await page.waitForURL('**/accounts');
    const [entry] = await events('sign-in');
    expect(entry).toMatchObject({ actor: 'ana', detail: 'passkey' });
    expect((await portal.auth.passkeys.list('ana'))[0]?.lastUsedAt).toBe(now);
  });

  it('stands in for it before what cannot be taken back', async () => {
    now += 11 * minuteMs;
    await page.goto(at('/me/second-factor'));
    await page.locator('form[action$="/sure"]').getByText('Use a passkey').click();
    await page.locator('#f-label').waitFor();
  });

  it('signs for one question once: the same answer sent again opens nothing', async () => {
    await toCode();
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await page.click('text=Use a passkey');
    const answer = new URLSearchParams((await sent).postData() ?? '').get('code') ?? '';
    await page.waitForURL('**/accounts');
    expect(JSON.parse(answer)).toHaveProperty('response.signature');
    await toCode();
    await page.evaluate(`document.querySelector('#f-code').value = ${JSON.stringify(answer)}`);
    await page.click('button.primary');
    await page.getByText('This code is wrong').waitFor();
    expect((await events('sign-in.refused'))[0]).toMatchObject({ actor: 'ana', detail: 'wrong code' });
  });

  it('of somebody else, of another site or for another question is none', async () => {
    const { auth } = portal;
    const site = { rpId: 'localhost', origin: at('') };
    await toCode();
    const lost = page.waitForEvent('requestfailed');
    await page.route('**/sign-in/code', (route) => route.abort());
    await page.click('text=Use a passkey');
    const answer = new URLSearchParams((await lost).postData() ?? '').get('code') ?? '';
    await page.unroute('**/sign-in/code');
    const said = JSON.parse(Buffer.from(JSON.parse(answer).response.clientDataJSON, 'base64url').toString('utf8'));
    const good = { challenge: String(said.challenge), answer, address: '192.0.2.9' };
    const kind = async (who: string, where: typeof site, what: typeof good) =>
      (await auth.passkeys.check(where, who, what)).kind;
    expect(await kind('tom', site, good)).toBe('wrong');
    expect(await kind('ana', { ...site, origin: 'https://localhost' }, good)).toBe('wrong');
    expect(await kind('ana', { rpId: 'evil.test', origin: site.origin }, good)).toBe('wrong');
    expect(await kind('ana', site, { ...good, challenge: 'another' })).toBe('wrong');
    expect(await kind('ana', site, good)).toBe('right');
    // Its counter has moved on.
    expect(await kind('ana', site, good)).toBe('wrong');
  });

  it('guessed at is slowed down like a code', async () => {
    const site = { rpId: 'localhost', origin: at('') };
    const kinds: string[] = [];
    for (let n = 0; n < 6; n += 1)
      kinds.push(
        (await portal.auth.passkeys.check(site, 'ana', { challenge: 'x', answer: '{}', address: '192.0.2.99' })).kind,
      );
    expect(kinds).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wait']);
  });

  it('lost is no loss: the code and the recovery codes go on working', async () => {
    await devices.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device });
    device = await plugIn();
    const [recovery = ''] = await portal.auth.secondFactor.newCodes('ana');
    await toCode();
    await page.fill('#f-code', recovery);
    await page.click('button.primary');
    await page.waitForURL('**/me');
  });

  it('is removed, on record, and goes with the second factor', async () => {
    await page.goto(at('/me/second-factor'));
    await page.click('text=Remove passkey');
    await page.getByText('There is no passkey yet.').waitFor();
    expect(await events('passkey.remove')).toHaveLength(1);
    await page.fill('#f-label', 'green key');
    await page.click('text=Add a passkey');
    await page.locator('td', { hasText: 'green key' }).waitFor();
    await portal.auth.secondFactor.remove('ana');
    expect(await portal.auth.passkeys.list('ana')).toEqual([]);
    const question = await portal.auth.passkeys.askNew({ rpId: 'localhost', origin: at('') }, 'tom');
    expect(JSON.parse(question.options)).toMatchObject({ rp: { id: 'localhost' }, user: { name: 'tom' } });
    await expect(
      portal.auth.passkeys.add({ rpId: 'localhost', origin: at('') }, 'tom', 'x', { label: 'x', answer: '{"id":1}' }),
    ).rejects.not.toBeInstanceOf(Refused);
  });
});
