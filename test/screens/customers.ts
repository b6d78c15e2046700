/**
 * Pictures of the self-service, from a real run, in both languages: npx tsx test/screens/customers.ts [FOLDER] [words]
 * English at 1440 px and German at 390 px, each in both themes. Words limit them to the pages whose path holds one of them.
 * Without a folder: a few pages, each once in both languages, into docs/screens/my, which is kept.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fillAccount,
  mailboxPaths,
  ownerPaths,
  stageMailbox,
  stageMasters,
  stagePassword,
} from '../support/customer-stage.ts';
import { startBrowser, startDoors } from '../support/doors.ts';
import { noWebmail, webmailStage } from '../support/webmail.ts';
import { withPalette } from './palette.ts';

const [given, ...words] = process.argv.slice(2);
const folder = given ?? 'docs/screens/my';
const kept = ['overview', 'overview/server', 'mail/boxes', 'domains/zones/bob.example', 'files?folder=public_html'];
const moreKept = ['databases/one?name=bob_shop', 'websites', 'statistics', 'activity', 'mailbox/home'];
const short = new Set([...kept, ...moreKept].map((path) => `/my/${path}`));

const why = noWebmail();
if (why !== undefined) process.stdout.write(`without webmail: ${why}\n`);
const stage = why === undefined ? await webmailStage() : undefined;
const doors = await startDoors({
  ...stage?.options,
  masters: stageMasters,
  config: { ...stage?.options.config, ownNames: true },
});
try {
  await mkdir(folder, { recursive: true });
  await fillAccount(doors);
  await doors.m1.mail?.deliver(
    'ann@away.example',
    stageMailbox,
    `From: Ann <ann@away.example>\r\nTo: ${stageMailbox}\r\nSubject: Bread for Friday\r\n\r\nSix loaves, please.\r\n`,
  );
  const browser = await startBrowser();
  const looks = [
    ['en', 1440, 'light'],
    ['de', 390, 'dark'],
    ['en', 1440, 'dark'],
    ['de', 390, 'light'],
  ] as const;
  for (const [language, width, theme] of given === undefined ? looks.slice(0, 2) : looks) {
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
        withPalette(await page.screenshot({ fullPage: true, animations: 'disabled' })),
      );
    };
    const visit = async (path: string): Promise<void> => {
      if (given === undefined ? !short.has(path) : words.length > 0 && !words.some((word) => path.includes(word)))
        return;
      await page.goto(`${doors.portalUrl}${path}`);
      await page
        .waitForFunction("document.querySelector('[data-again], [data-stale]') === null", undefined, { timeout: 5000 })
        .catch(() => process.stdout.write(`${path}: something is still awaited\n`));
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > width) process.stdout.write(`${path}: ${wide} px wide at ${width}\n`);
      await take(path.slice(4, 64).replaceAll(/[/%@?=&]/g, '-'));
    };
    await page.goto(`${doors.portalUrl}/my/sign-in`);
    await take('sign-in');
    await page.fill('#f-name', 'bob');
    await page.fill('#f-password', stagePassword);
    await page.click('button.primary');
    await page.waitForURL('**/my/overview');
    for (const path of ownerPaths) await visit(path);
    const user = { account: 'bob', role: 'mailbox', name: stageMailbox } as const;
    await page.goto(`${doors.portalUrl}/my/enter/${await doors.core.auth.customers.enterLink(user)}`);
    for (const path of mailboxPaths) await visit(path);
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
