/** The self-service over two simulated masters and the whole of Tandem, with two customers in it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { Customer } from '../../src/auth/customers.ts';
import type { WhmCall } from '../../src/whm/call.ts';
import { type Doors, startDoors } from './doors.ts';
import { type PairOptions, root } from './pair.ts';

export const owner: Customer = { account: 'bob', role: 'owner', name: 'bob' };

/** Accepts an operation as an operator would, and waits until every master has it. */
export async function done(doors: Doors, action: string, params: Readonly<Record<string, unknown>>): Promise<void> {
  const { operations } = doors.core;
  const accepted = await operations.accept({ action, params, actor: root, door: 'api' });
  const final = await operations.wait(accepted.id, 'final', 20_000);
  if (final.state !== 'done') throw new Error(`${action} is ${final.state}`);
}

/** Two accounts on both masters, bob with a few limits. */
export async function startCustomerDoors(options: PairOptions = {}): Promise<Doors> {
  const doors = await startDoors(options);
  const limits = { quotaMb: 500, maxDatabases: 2, maxFtp: 5 };
  await done(doors, 'package.add', { name: 'gold', ...limits });
  for (const account of ['bob', 'eve']) {
    await done(doors, 'account.create', {
      account,
      domain: `${account}.example`,
      plan: 'gold',
      contactEmail: `${account}@mail.example`,
    });
  }
  return doors;
}

/** A page of somebody who is signed in. */
export async function enter(doors: Doors, context: BrowserContext, customer: Customer = owner): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${doors.portalUrl}/my/enter/${await doors.core.auth.customers.enterLink(customer)}`);
  return page;
}

/** Waits until nothing of the page is still awaited from a master. */
export async function settledPage(page: Page): Promise<void> {
  const awaited = page.locator('[data-again], [data-stale]');
  for (let tries = 0; tries < 150 && (await awaited.count()) > 0; tries += 1) await page.waitForTimeout(100);
  if ((await awaited.count()) > 0) throw new Error(`${page.url()} still waits: ${await awaited.first().textContent()}`);
}

/** Opens a fold of a page, fills its form and sends it. */
export async function sendFold(
  page: Page,
  fold: string,
  fields: Readonly<Record<string, string>>,
  button: string,
): Promise<void> {
  const form = page.locator('details', { has: page.locator('summary', { hasText: new RegExp(`^\\s*${fold}\\s*$`) }) });
  if ((await form.getAttribute('open')) === null) await form.locator('summary').click();
  for (const [name, value] of Object.entries(fields)) {
    const choice = form.locator(`select[name="${name}"]`);
    if ((await choice.count()) > 0) await choice.selectOption(value);
    else await form.locator(`[name="${name}"]`).fill(value);
  }
  await form.getByRole('button', { name: button, exact: true }).click();
  await page.waitForLoadState();
}

/** What a master answers; a sentence when it does not. */
export async function answerOf(doors: Doors, master: string, call: WhmCall): Promise<unknown> {
  const outcome = await doors.core.clients.get(master)?.call(call);
  return outcome?.kind === 'done' ? outcome.data : `not done: ${outcome?.reason}`;
}

/** A file of a home as it is on a master's disk; '' when it is not there. */
export function fileOn(doors: Doors, master: 'm1' | 'm2', path: string, account = 'bob'): string {
  const file = join(doors.dir, master, 'files/home', account, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
