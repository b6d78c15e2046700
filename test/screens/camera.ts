/** One page of a browser is looked at in each width and theme: loaded once, then only its window changes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { sizeOf, withPalette } from './palette.ts';

const widths = [1440, 768, 360] as const;
const themes = ['light', 'dark'] as const;
/** Of a page that goes on and on its beginning says enough. */
const tallest = 2600;
/** Pages that are loaded and looked at side by side. */
const many = 3;
/** A busy machine may draw the window as it was a moment ago. */
const tries = 10;

/** Takes the pictures of a page as it stands, `name-360-dark.png` and so on. */
export async function takeAll(page: Page, folder: string, name: string): Promise<void> {
  for (const width of widths) {
    const height = width === 360 ? 740 : 900;
    await page.setViewportSize({ width, height });
    await drawn(page, width);
    const full = Math.min(tallest, Math.max(height, Number(await page.evaluate('document.body.scrollHeight'))));
    // The window as tall as the page: what sticks to its edges does so in the picture too.
    await page.setViewportSize({ width, height: full });
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await drawn(page, width);
      await writeFile(join(folder, `${name}-${width}-${theme}.png`), withPalette(await taken(page, width, full)));
    }
  }
}

async function taken(page: Page, width: number, height: number): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    const picture = await page.screenshot({ animations: 'disabled' });
    const size = sizeOf(picture);
    if (size.width === width && size.height === height) return picture;
    if (attempt >= tries) throw new Error(`a picture is ${size.width} × ${size.height}, not ${width} × ${height}`);
    await page.waitForTimeout(50);
  }
}

/** Resolves when the page has been laid out for the window, and drawn. */
async function drawn(page: Page, width: number): Promise<void> {
  await page.waitForFunction(`innerWidth === ${width}`);
  await page.evaluate('new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))');
}

/** A context for pictures of pages. */
export function openContext(browser: Browser, like?: BrowserContext): Promise<BrowserContext> {
  return (like === undefined ? Promise.resolve(undefined) : like.storageState()).then((storageState) =>
    browser.newContext({
      ignoreHTTPSErrors: true,
      // Its waiting runs text as script, which the pages forbid.
      bypassCSP: true,
      ...(storageState === undefined ? {} : { storageState }),
    }),
  );
}

/** Does the work for each thing, in a few windows at a time, each signed in like `context`. */
export async function onPages<T>(
  context: BrowserContext,
  things: readonly T[],
  work: (page: Page, thing: T) => Promise<void>,
): Promise<void> {
  const browser = context.browser();
  if (browser === null) throw new Error('the context belongs to no browser');
  const left = [...things];
  const one = async (): Promise<void> => {
    // Pages of one context are tabs of one window, of which only one is drawn.
    const own = await openContext(browser, context);
    const page = await own.newPage();
    for (let thing = left.shift(); thing !== undefined; thing = left.shift()) await work(page, thing);
    await own.close();
  };
  await Promise.all(Array.from({ length: Math.min(many, things.length) }, one));
}
