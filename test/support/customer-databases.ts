/** Databases on customers' pages, in a browser. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { uapi } from '../../src/whm/call.ts';
import { answerOf, sendFold, settledPage } from './customer-doors.ts';
import type { Doors } from './doors.ts';

/** A database, a user, and access to the one for the other, on the pages of one engine. */
export async function databaseOn(
  page: Page,
  address: string,
  access: Readonly<Record<string, string>> = {},
): Promise<void> {
  await page.goto(address);
  await settledPage(page);
  await sendFold(page, 'New database', { name: 'shop' }, 'Add database');
  await page.goto(`${address}/users`);
  await settledPage(page);
  await sendFold(page, 'New user', { name: 'web', password: 'C0rrect-horse-battery' }, 'Add user');
  await page.goto(`${address}/one?name=bob_shop`);
  await settledPage(page);
  await sendFold(page, 'Give access', { user: 'bob_web', ...access }, 'Give access');
}

/** Waits until a master lists this one PostgreSQL database of bob's, with its user. */
export async function hasPostgres(doors: Doors, master: string, name: string): Promise<void> {
  const list = () => answerOf(doors, master, uapi('bob', 'Postgresql::list_databases'));
  await expect.poll(list, { timeout: 10_000 }).toMatchObject([{ database: name, users: ['bob_web'] }]);
}
