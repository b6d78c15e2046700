/**
 * Pictures of every page of the portal, from a real run, in each width and theme: npm run screens -- [words]
 * They go to docs/screens/; words limit them to pages whose name has one of them.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Doors, startBrowser, startDoors } from '../support/doors.ts';
import { password } from '../support/portal.ts';
import { withPalette } from './palette.ts';
import { drifted, furnish, inTrouble, parked, type Scene, withoutBoth, withoutM2 } from './scenes.ts';

const folder = fileURLToPath(new URL('../../docs/screens', import.meta.url));
const widths = [360, 768, 1440] as const;
const themes = ['light', 'dark'] as const;
const words = process.argv.slice(2);

interface Look {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function openLook(browser: Browser, doors: Doors, width: number, theme: 'light' | 'dark'): Promise<Look> {
  const viewport = { width, height: width === 360 ? 740 : 900 };
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, colorScheme: theme });
  const page = await context.newPage();
  await page.goto(`${doors.portalUrl}/sign-in`);
  await take(page, `sign-in-${width}-${theme}`);
  await page.fill('#f-name', 'ana');
  await page.fill('#f-password', password);
  await page.click('button.primary');
  await page.waitForURL('**/accounts');
  return { name: `${width}-${theme}`, context, page };
}

async function take(page: Page, name: string): Promise<void> {
  const picture = withPalette(await page.screenshot({ fullPage: true, animations: 'disabled' }));
  await writeFile(join(folder, `${name}.png`), picture);
}

async function takeScene(doors: Doors, look: Look, scene: Scene): Promise<void> {
  if (words.length > 0 && !words.some((word) => scene.name.includes(word))) return;
  await look.page.goto(doors.portalUrl + scene.path);
  for (const [name, value] of Object.entries(scene.send ?? {})) await look.page.fill(`#f-${name}`, value);
  if (scene.send !== undefined) {
    await look.page.click('main form.form .buttons button');
    await look.page.locator('#problem').waitFor();
  }
  await take(look.page, `${scene.name}-${look.name}`);
}

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const timing = { longestSeconds: 60, leadDoubtSeconds: 60, probeMs: 200, waitSeconds: 5, verifyAfterMs: 300 };
  const doors = await startDoors({ config: { timing, drift: { everyMs: 200, recheckMs: 200 } } });
  const browser = await startBrowser();
  try {
    const looks: Look[] = [];
    for (const width of widths) for (const theme of themes) looks.push(await openLook(browser, doors, width, theme));
    for (const stage of [furnish, drifted, withoutM2, withoutBoth, inTrouble, parked]) {
      const scenes = await stage(doors);
      for (const scene of scenes) {
        say(scene.name);
        for (const look of looks) await takeScene(doors, look, scene);
      }
    }
  } finally {
    await browser.close();
    await doors.close();
  }
}

if (words.length === 0) await rm(folder, { recursive: true, force: true });
await main();
