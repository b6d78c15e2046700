/**
 * Pictures of every page of the portal, from a real run, in each width and theme: npm run screens -- [words]
 * They go to docs/screens/; words limit them to the pages of these names. A page without a picture is named at the end.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type Doors, startBrowser, startDoors } from '../support/doors.ts';
import { moverPages } from '../support/mover-pages.ts';
import { password, startPortal } from '../support/portal.ts';
import { access } from '../support/portal-access.ts';
import { buildWatcher, openWorld } from '../support/watch-world.ts';
import { threeSites } from '../unit/failover/topologies.ts';
import { onPages, openContext, takeAll } from './camera.ts';
import {
  drifted,
  furnish,
  inTrouble,
  parked,
  type Scene,
  switched,
  undone,
  withoutBoth,
  withoutM2,
  withSecondFactor,
} from './scenes.ts';

const folder = fileURLToPath(new URL('../../docs/screens', import.meta.url));
const words = process.argv.slice(2);
const seen = new Set<string>();

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const isWanted = (name: string): boolean => words.length === 0 || words.includes(name);

async function signIn(page: Page, url: string, name: string, next: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.fill('#f-name', name);
  await page.fill('#f-password', password);
  await page.click('button.primary');
  await page.waitForURL(next);
}

async function takeScene(page: Page, url: string, scene: Scene): Promise<void> {
  seen.add(new URL(scene.path, url).pathname);
  if (!isWanted(scene.name)) return;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(url + scene.path);
  for (const [name, value] of Object.entries(scene.send ?? {})) await page.fill(`#f-${name}`, value);
  if (scene.send !== undefined) {
    await page.click('main form.form .buttons button');
    await page.locator(scene.awaits ?? '#problem').waitFor();
  }
  if (scene.press !== undefined) {
    await page.click(`text=${scene.press}`);
    await page.locator(scene.awaits ?? 'h1').waitFor();
  }
  seen.add(new URL(page.url()).pathname);
  // What masters say comes a moment after the page.
  await page
    .waitForFunction("document.querySelector('[data-again], [data-stale]') === null", undefined, { timeout: 4000 })
    .catch(() => say(`${scene.name}: something is still awaited`));
  await takeAll(page, folder, scene.name);
  say(scene.name);
}

/** What nobody has to be signed in for, and the second step. */
async function outside(browser: Browser, doors: Doors): Promise<void> {
  const context = await openContext(browser);
  const { secret } = await doors.core.auth.passwordLink('tom');
  const scenes = [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'password-link', path: `/password/${secret}` },
  ];
  await onPages(context, scenes, (page, scene) => takeScene(page, doors.portalUrl, scene));
  const page = await context.newPage();
  await signIn(page, doors.portalUrl, 'tom', '**/sign-in/code');
  await takeScene(page, doors.portalUrl, { name: 'sign-in-code', path: '/sign-in/code' });
  await context.close();
}

/** File sync and databases: what their roles write down, shown by a portal of its own. */
async function movers(browser: Browser): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tandem-screens-'));
  const portal = await startPortal(Date.now, await moverPages(stateDir, Date.now()));
  await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
  const context = await openContext(browser);
  await signIn(await context.newPage(), portal.url, 'ana', '**/accounts');
  const scenes = ['databases', 'filesync', 'filesync/trash'].map((path) => ({
    name: path.replace('/', '-'),
    path: `/${path}`,
  }));
  await onPages(context, scenes, (page, scene) => takeScene(page, portal.url, scene));
  await context.close();
  await portal.close();
  await rm(stateDir, { recursive: true });
}

/** What answers something else than a page, or leads to one at once. */
const noPages = /\.(csv|css|svg|:form)$|^\/(events)?$|^\/filesync\/kept$/;

function missing(): readonly string[] {
  const paths = [...seen];
  return Object.keys(access)
    .filter((route) => route.startsWith('GET '))
    .map((route) => route.slice(4))
    .filter((route) => !noPages.test(route))
    .filter((route) => !paths.some((path) => new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(path)));
}

async function main(): Promise<void> {
  const begun = performance.now();
  await mkdir(folder, { recursive: true });
  const timing = { longestSeconds: 60, leadDoubtSeconds: 60, probeMs: 200, waitSeconds: 5, verifyAfterMs: 300 };
  const build = await buildWatcher();
  const world = await openWorld(build, { places: threeSites.places });
  const doors = await startDoors({
    config: { timing, drift: { everyMs: 200, recheckMs: 200 }, watch: world.portalSection },
  });
  await doors.core.auth.personAdd({ name: 'tom', role: 'support', password });
  await withSecondFactor(doors, 'tom');
  const browser = await startBrowser();
  try {
    await outside(browser, doors);
    await movers(browser);
    const context = await openContext(browser);
    await signIn(await context.newPage(), doors.portalUrl, 'ana', '**/accounts');
    for (const stage of [furnish, undone, drifted, switched, withoutM2, withoutBoth, inTrouble, parked]) {
      const scenes = await stage(doors, world);
      await onPages(context, scenes, (page, scene) => takeScene(page, doors.portalUrl, scene));
    }
  } finally {
    await browser.close();
    await doors.close();
    await world.close();
  }
  say(`${Math.round((performance.now() - begun) / 1000)} s`);
  const without = missing();
  if (without.length === 0) return;
  say(`without a picture: ${without.join(', ')}`);
  process.exitCode = 1;
}

if (words.length === 0) await rm(folder, { recursive: true, force: true });
await main();
