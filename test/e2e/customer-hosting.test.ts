/** What customers do most with files, databases, sites, backups and access: in a browser, on two simulated masters. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { phpServer } from '../../src/simulator/modules/lang-php.ts';
import { api2, uapi, type WhmCall } from '../../src/whm/call.ts';
import { databaseOn, hasPostgres } from '../support/customer-databases.ts';
import { answerOf, enter, fileOn, sendFold, settledPage, startCustomerDoors } from '../support/customer-doors.ts';
import { stageMasters } from '../support/customer-stage.ts';
import { chromiumPath, type Doors, startBrowser } from '../support/doors.ts';
import { fault, heal } from '../support/pair.ts';

let doors: Doors;
let browser: Browser;
let context: BrowserContext | undefined;
let page: Page;
let folder: string;
let problems: string[];

const go = (path: string) => page.goto(`${doors.portalUrl}${path}`);

const data = (master: string, call: WhmCall) => answerOf(doors, master, call);
const onDisk = (master: 'm1' | 'm2', path: string) => fileOn(doors, master, path);

/** Opens a fold of the page, fills its form and sends it. */
const send = (fold: string, fields: Readonly<Record<string, string>>, button: string) =>
  sendFold(page, fold, fields, button);

async function open(options: { language?: string; javaScriptEnabled?: boolean } = {}): Promise<void> {
  await context?.close();
  context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: options.language ?? 'en',
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  });
  page = await enter(doors, context);
  problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
}

describe.skipIf(!existsSync(chromiumPath))('customers, in a browser (needs chromium-headless-shell)', () => {
  beforeAll(async () => {
    [doors, browser, folder] = await Promise.all([
      startCustomerDoors({ masters: stageMasters }),
      startBrowser(),
      mkdtemp(join(tmpdir(), 'customer-tasks-')),
    ]);
    await open();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await doors.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(problems).toEqual([]);
  });

  it('writes a file, changes it, and is told when somebody else changed it meanwhile', async () => {
    await go('/my/files/edit?folder=public_html');
    await page.fill('[name="name"]', 'index.php');
    await page.fill('[name="content"]', '<?php\n echo "Grüße";\n');
    await page.click('main form.form .buttons button');
    await page.waitForURL('**/my/files/one**');
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/index.php')).toBe('<?php\n echo "Grüße";\n'), 10_000);
    // The copy gets it by file sync, which is no part of this test.
    expect(onDisk('m2', 'public_html/index.php')).toBe('');
    await page.getByRole('link', { name: 'Edit' }).click();
    expect(await page.inputValue('[name="content"]')).toBe('<?php\n echo "Grüße";\n');
    await writeFile(join(doors.dir, 'm1/files/home/bob/public_html/index.php'), 'by the program itself');
    await page.fill('[name="content"]', 'mine');
    await page.click('main form.form .buttons button');
    await page.getByText('was changed since you opened it').first().waitFor();
    expect(await page.inputValue('[name="content"]')).toBe('mine');
    expect(onDisk('m1', 'public_html/index.php')).toBe('by the program itself');
  });

  it('uploads, compresses, extracts, moves, deletes and downloads', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_none, at) => at % 256));
    await writeFile(join(folder, 'photo.bin'), bytes);
    await go('/my/files?folder=public_html');
    await page.setInputFiles('#f-upload', join(folder, 'photo.bin'));
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('1 file was uploaded.').waitFor();
    expect(readFileSync(join(doors.dir, 'm1/files/home/bob/public_html/photo.bin')).equals(bytes)).toBe(true);
    await page.check('[name="names"][value="photo.bin"]');
    await page.fill('[name="to"]', 'all.zip');
    await page.getByRole('button', { name: 'Compress' }).click();
    await page.locator('[name="names"][value="all.zip"]').waitFor();
    await send('New folder', { name: 'old' }, 'Make folder');
    await page.locator('[name="names"][value="old"]').waitFor();
    await page.check('[name="names"][value="photo.bin"]');
    await page.fill('[name="to"]', 'public_html/old');
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/photo.bin')).toBe(''), 10_000);
    await go('/my/files/one?folder=public_html&name=all.zip');
    await settledPage(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    const saved = readFileSync((await download.path()) ?? '');
    expect(saved.subarray(0, 2).toString()).toBe('PK');
    await send('Extract here', { to: 'public_html' }, 'Extract here');
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/photo.bin')).not.toBe(''), 10_000);
    await go('/my/files/one?folder=public_html&name=all.zip');
    await settledPage(page);
    await send('Delete for good', { confirm: 'all.zip' }, 'Delete for good');
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/all.zip')).toBe(''), 10_000);
  });

  it('makes a database with a user on both masters, and meets the package’s limit', async () => {
    await databaseOn(page, `${doors.portalUrl}/my/databases`, { privileges: 'ALL PRIVILEGES' });
    for (const master of ['m1', 'm2']) {
      await vi.waitFor(async () => {
        const call = uapi('bob', 'Mysql::get_privileges_on_database', { user: 'bob_web', database: 'bob_shop' });
        expect(JSON.stringify(await data(master, call))).toContain('ALL PRIVILEGES');
      }, 10_000);
    }
    await go('/my/databases');
    await settledPage(page);
    await send('New database', { name: 'two' }, 'Add database');
    await go('/my/databases');
    await settledPage(page);
    await page.getByText('Your package allows 2 databases').waitFor();
  });

  it('makes a PostgreSQL database with a user on both masters, and renames it', async () => {
    await databaseOn(page, `${doors.portalUrl}/my/databases/postgres`);
    await go('/my/databases/postgres/one?name=bob_shop');
    await settledPage(page);
    await send('Rename database', { newName: 'store' }, 'Rename database');
    for (const master of ['m1', 'm2']) await hasPostgres(doors, master, 'bob_store');
  });

  it('opens phpMyAdmin under its own domain, never under a master’s name', async () => {
    await go('/my/databases/open?name=bob_shop');
    await page.getByRole('button', { name: 'Open phpMyAdmin now' }).click();
    const href = await page.getByRole('link', { name: 'Open phpMyAdmin now' }).getAttribute('href');
    expect(href).toMatch(/^https:\/\/bob\.example:\d+\/cpsess\d+\//);
    expect(await page.content()).not.toContain('m1.example.net');
  });

  it('chooses a version of PHP that both masters have, and settings, and sees what only one has', async () => {
    const { m1 } = doors;
    m1.engine.change(() =>
      m1.engine.state
        .of(phpServer)
        .set('server', { versions: ['ea-php82', 'ea-php83', 'ea-php84'], standard: 'ea-php82' }),
    );
    await go('/my/websites/site?domain=bob.example');
    await settledPage(page);
    await page.getByText('Not offered, because only one of the servers has it: PHP 8.1, PHP 8.4').waitFor();
    await page.selectOption('[name="version"]', 'ea-php83');
    await page.getByRole('button', { name: 'Change PHP version' }).click();
    await settledPage(page);
    await send('PHP settings', { 'ini-memory_limit': '256M' }, 'Save PHP settings');
    for (const master of ['m1', 'm2']) {
      await vi.waitFor(async () => {
        const rows = JSON.stringify(await data(master, uapi('bob', 'LangPHP::php_get_vhost_versions')));
        expect(rows).toContain('ea-php83');
        const ini = uapi('bob', 'LangPHP::php_ini_get_user_basic_directives', { type: 'vhost', vhost: 'bob.example' });
        expect(JSON.stringify(await data(master, ini))).toContain('256M');
      }, 10_000);
    }
  });

  it('adds a cron job, which runs on one master alone and moves with the account', async () => {
    await go('/my/websites/cron');
    await send('New job', { command: 'php public_html/cron.php', often: 'day' }, 'Add job');
    await page.getByText('every day at 03:00').first().waitFor();
    const cron = async (master: string) => JSON.stringify(await data(master, api2('bob', 'Cron::listcron')));
    await vi.waitFor(async () => expect(await cron('m1')).toContain('cron.php'), 10_000);
    expect(await cron('m2')).not.toContain('cron.php');
    await doors.core.journal.write((db) =>
      db.insertInto('active').values({ account: 'bob', master: 'm2', epoch: 1 }).execute(),
    );
    await vi.waitFor(async () => expect(await cron('m2')).toContain('cron.php'), 20_000);
    await vi.waitFor(async () => expect(await cron('m1')).not.toContain('cron.php'), 20_000);
    await doors.core.journal.write((db) => db.deleteFrom('active').where('account', '=', 'bob').execute());
    await vi.waitFor(async () => expect(await cron('m1')).toContain('cron.php'), 20_000);
  });

  it('redirects, protects a folder and blocks an address, in German', async () => {
    await open({ language: 'de' });
    await go('/my/websites/redirects');
    await settledPage(page);
    await send('Neue Umleitung', { path: '/alt', to: 'https://neu.example/' }, 'Umleitung anlegen');
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/.htaccess')).toContain('neu'), 10_000);
    await go('/my/websites/privacy/folder?folder=public_html/old');
    await settledPage(page);
    await page.getByRole('button', { name: 'Ordner schützen' }).click();
    await page.getByText('Geschützt als „Privat“.').waitFor();
    await send(
      'Benutzer anlegen oder neues Passwort geben',
      { user: 'ann', password: 'C0rrect-horse-battery' },
      'Benutzer anlegen oder neues Passwort geben',
    );
    await vi.waitFor(() => expect(onDisk('m1', '.htpasswds/public_html/old/passwd')).toContain('ann:'), 10_000);
    await go('/my/websites/blocked');
    await page.fill('#f-address', '192.0.2.7');
    await page.getByRole('button', { name: 'Adresse sperren' }).click();
    await page.getByRole('cell', { name: '192.0.2.7' }).waitFor();
    await open();
  });

  it('makes a backup, and brings a file back from it', async () => {
    await writeFile(join(doors.dir, 'm1/files/home/bob/public_html/kept.txt'), 'before');
    await go('/my/backups');
    await page.getByRole('button', { name: 'Make backup' }).click();
    await vi.waitFor(async () => {
      await go('/my/backups');
      await settledPage(page);
      expect(await page.getByText('complete', { exact: true }).count()).toBeGreaterThan(0);
    }, 20_000);
    await writeFile(join(doors.dir, 'm1/files/home/bob/public_html/kept.txt'), 'after');
    await page.getByRole('link', { name: 'Restore files' }).first().click();
    await page.getByRole('button', { name: 'Restore files' }).click();
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/kept.txt')).toBe('before'), 10_000);
  });

  it('makes an FTP account on both masters, and a token that reaches this account alone', async () => {
    await go('/my/access/ftp');
    await settledPage(page);
    await send(
      'New FTP account',
      { login: 'up', password: 'C0rrect-horse-battery', folder: 'public_html/up' },
      'Add FTP account',
    );
    for (const master of ['m1', 'm2']) {
      const list = async () => JSON.stringify(await data(master, uapi('bob', 'Ftp::list_ftp')));
      await vi.waitFor(async () => expect(await list()).toContain('up@bob.example'), 10_000);
    }
    await go('/my/access/tokens');
    await send('New token', { label: 'deploy', may: 'files' }, 'Make token');
    const token = (await page.locator('pre code').textContent()) ?? '';
    expect(await doors.core.auth.tokenCheck(token)).toMatchObject({
      scope: { account: 'bob' },
      acl: ['read', 'file.*'],
    });
    await go('/my/access/tokens');
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await page.getByText('The token was revoked.').waitFor();
    expect(await doors.core.auth.tokenCheck(token)).toBeUndefined();
  });

  it('works without JavaScript', async () => {
    await open({ javaScriptEnabled: false });
    await go('/my/files/edit?folder=public_html');
    await page.fill('[name="name"]', 'plain.txt');
    await page.fill('[name="content"]', 'no script');
    await page.click('main form.form .buttons button');
    await vi.waitFor(() => expect(onDisk('m1', 'public_html/plain.txt')).toBe('no script'), 10_000);
    await open();
  });

  it('goes on while M2 is down: what is for both is done here and waits there, and usage says who is not counted', async () => {
    await fault(doors.m2, { function: '*', kind: 'down' });
    try {
      await go('/my/websites/blocked');
      await page.fill('#f-address', '198.51.100.0/24');
      await page.getByRole('button', { name: 'Block address' }).click();
      await page.getByRole('cell', { name: '198.51.100.0/24' }).waitFor();
      await go('/my/databases/user?name=bob_web');
      await settledPage(page);
      await page.fill('[name="password"]', 'An0ther-horse-battery');
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByText('Saved in london. amsterdam gets it').waitFor();
      await go('/my/statistics');
      await page.getByText('Not counted, because it did not answer: amsterdam.').first().waitFor();
    } finally {
      await heal(doors.m2);
    }
  });
});
