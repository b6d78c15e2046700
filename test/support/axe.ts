import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const narrow = { width: 360, height: 800 };
const usual = { width: 1280, height: 900 };

/** Runs in the page: the serious findings as texts. */
const serious = `axe.run(document, { resultTypes: ['violations'] }).then((result) =>
  result.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => one.id + ' at ' + one.nodes.slice(0, 2).map((node) => node.target.join(' ')).join(', ')))`;

/**
 * Runs at the beginning of each document: axe is there as soon as somebody asks for it. The browser keeps the text, and
 * what it made of it, from one document to the next; sent anew it would read it anew.
 */
const axeWhenAsked = `Object.defineProperty(window, 'axe', {
  configurable: true,
  get() {
    delete window.axe;
    ${axe}
    return window.axe;
  },
});`;

/** Pages whose documents come with axe. */
const equipped = new WeakSet<Page>();

async function equip(page: Page): Promise<void> {
  if (equipped.has(page)) return;
  equipped.add(page);
  await page.addInitScript({ content: axeWhenAsked });
}

/** What is wrong with the page that is open: serious findings of axe, and what does not fit on a telephone. */
export async function look(page: Page, widths: readonly number[] = [narrow.width]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const most of widths) {
    await page.setViewportSize({ ...narrow, width: most });
    const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
    if (width > most) found.push(`${width} px wide at ${most}`);
  }
  await page.setViewportSize(usual);
  if (!equipped.has(page)) await page.evaluate(axe);
  // Cast: the script above answers a list of texts.
  const here = (await page.evaluate(serious)) as readonly string[];
  return [...found, ...here];
}

/**
 * The same of pages by their path, and whether each is there at all: a path of which something else is expected says so,
 * '404 /my/nowhere'. `settled`: waits for a page.
 */
export async function findings(
  page: Page,
  site: string,
  paths: readonly string[],
  widths: readonly number[] = [narrow.width],
  settled: (page: Page) => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const found: string[] = [];
  await equip(page);
  for (const each of paths) {
    const [, status = '200', path = each] = /^(\d{3}) (.*)$/.exec(each) ?? [];
    await page.setViewportSize({ ...narrow, width: widths[0] ?? narrow.width });
    const answer = await page.goto(`${site}${path}`);
    await settled(page);
    const told = String(answer?.status() ?? '');
    if (told !== status) found.push(`${path}: ${told} instead of ${status}`);
    found.push(...(await look(page, widths)).map((one) => `${path}: ${one}`));
  }
  return found;
}

/** What the focused element says of itself. */
const focused =
  "(document.activeElement?.textContent || document.activeElement?.value || '').trim() + ' ' + (document.activeElement?.id ?? '')";

/** Presses Tab until the element with this text or id has the focus. Throws when it is never reached. */
export async function tabbedTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 100; n += 1) {
    await page.keyboard.press('Tab');
    if (String(await page.evaluate(focused)).includes(name)) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}
