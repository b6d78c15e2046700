/**
 * Pictures of the self-service, from a real run, in both languages: npx tsx test/screens/customers.ts [FOLDER] [words]
 * English at 1440 px and German at 360 px, each in both themes. Words limit them to the pages whose path holds one of them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser, startDoors } from '../support/doors.ts';
import { root } from '../support/pair.ts';
import { noWebmail, webmailStage } from '../support/webmail.ts';

const [folder = 'docs/screens/my', ...words] = process.argv.slice(2);
const mailbox = 'info%40bob.example';
const paths = [
  ...[
    'overview',
    'overview/server',
    'mail/boxes',
    `mail/boxes/${mailbox}`,
    'mail/forwarders',
    'mail/autoresponders',
    'mail/filters',
  ],
  ...[
    `mail/filters/of/${mailbox}`,
    'mail/routing',
    'mail/spam',
    'mail/authentication',
    'mail/clients',
    'mail/delivery',
  ],
  ...['domains/list', 'domains/list/shop.bob.example/remove', 'domains/zones', 'domains/zones/bob.example'],
  ...['domains/zones/bob.example/text', 'activity', 'people', 'own', 'own/second-factor'],
  ...['files?folder=public_html', 'files/edit?folder=public_html', 'databases', 'databases/users', 'websites'],
  ...[
    'websites/site?domain=bob.example',
    'websites/cron',
    'websites/redirects',
    'websites/privacy',
    'websites/blocked',
  ],
  ...['websites/other', 'statistics', 'statistics/errors', 'statistics/visitors', 'backups', 'access/ftp'],
  'access/tokens',
].map((path) => `/my/${path}`);
const password = 'Right-Horse-42';

const why = noWebmail();
if (why !== undefined) process.stdout.write(`without webmail: ${why}\n`);
const stage = why === undefined ? await webmailStage() : undefined;
const doors = await startDoors(stage?.options);
try {
  await mkdir(folder, { recursive: true });
  const perform = async (action: string, params: Record<string, unknown>): Promise<void> => {
    const { id } = await doors.core.operations.accept({ action, params, actor: root, door: 'system' });
    await doors.core.operations.wait(id, 'final', 20_000);
  };
  await perform('package.add', { name: 'gold', quotaMb: 4096 });
  await perform('account.create', {
    account: 'bob',
    plan: 'gold',
    domain: 'bob.example',
    password,
    contactEmail: 'bob@mail.test',
  });
  await perform('mailbox.add', { account: 'bob', address: 'info@bob.example', password, quotaMb: 250 });
  await perform('mailbox.add', { account: 'bob', address: 'shop@bob.example', password, quotaMb: 'unlimited' });
  await perform('forwarder.add', { account: 'bob', address: 'sales@bob.example', to: 'info@bob.example' });
  await perform('domain.add-sub', { account: 'bob', name: 'shop', parent: 'bob.example', folder: 'shop.bob.example' });
  await perform('mail-filter.set', {
    account: 'bob',
    name: 'Prizes',
    rules: [{ part: '$header_subject:', match: 'contains', value: 'prize' }],
    actions: [{ does: 'save', to: '/dev/null' }],
  });
  await perform('database.add', { account: 'bob', name: 'bob_shop' });
  await perform('ftp.add', { account: 'bob', login: 'up', domain: 'bob.example', password, folder: 'public_html/up' });
  await doors.m1.mail?.deliver(
    'ann@away.example',
    'info@bob.example',
    'From: Ann <ann@away.example>\r\nTo: info@bob.example\r\nSubject: Bread for Friday\r\n\r\nSix loaves, please.\r\n',
  );
  const secret = await doors.core.auth.customers.invite({
    account: 'bob',
    email: 'ana@firm.example',
    role: 'builder',
    by: 'bob',
  });
  if (secret === '') throw new Error('there is no invitation');
  const browser = await startBrowser();
  for (const [language, width, theme] of [
    ['en', 1440, 'light'],
    ['de', 360, 'dark'],
    ['en', 1440, 'dark'],
    ['de', 360, 'light'],
  ] as const) {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      bypassCSP: true,
      locale: language,
      colorScheme: theme,
      viewport: { width, height: 800 },
    });
    const page = await context.newPage();
    const take = async (name: string): Promise<void> => {
      await writeFile(
        join(folder, `${name}-${width}-${theme}.png`),
        await page.screenshot({ fullPage: true, animations: 'disabled' }),
      );
    };
    const visit = async (path: string): Promise<void> => {
      if (words.length > 0 && !words.some((word) => path.includes(word))) return;
      await page.goto(`${doors.portalUrl}${path}`);
      await page
        .waitForFunction("document.querySelector('[data-again], [data-stale]') === null", undefined, { timeout: 5000 })
        .catch(() => process.stdout.write(`${path}: something is still awaited\n`));
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > width) process.stdout.write(`${path}: ${wide} px wide at ${width}\n`);
      await take(path.slice(4).replaceAll(/[/%@?=]/g, '-'));
    };
    await page.goto(`${doors.portalUrl}/my/sign-in`);
    await take('sign-in');
    await page.fill('#f-name', 'bob');
    await page.fill('#f-password', password);
    await page.click('button.primary');
    await page.waitForURL('**/my/overview');
    for (const path of paths) await visit(path);
    const user = { account: 'bob', role: 'mailbox', name: 'info@bob.example' } as const;
    await page.goto(`${doors.portalUrl}/my/enter/${await doors.core.auth.customers.enterLink(user)}`);
    for (const path of ['home', 'forwarders', 'autoresponder', 'filters']) await visit(`/my/mailbox/${path}`);
    if (stage !== undefined && (words.length === 0 || words.includes('webmail'))) {
      await page.goto(`${doors.portalUrl}/my/mailbox/webmail`);
      await page.locator('#messagelist').getByText('Bread for Friday').waitFor();
      await take('webmail');
    }
    await context.close();
  }
  await browser.close();
} finally {
  await doors.close();
  await stage?.php.close();
}
