/** The fifteen things that staff do most, from start to finish in a browser, with all masters up or one of them away. */
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { whm } from '../../src/whm/call.ts';
import type { Doors } from './doors.ts';
import { root } from './pair.ts';
import { password } from './portal.ts';

export interface Stage {
  readonly doors: Doors;
  readonly page: Page;
  /** Masters that answer. */
  readonly up: readonly ('m1' | 'm2')[];
}

export async function done({ doors }: Pick<Stage, 'doors'>, action: string, params: object): Promise<void> {
  const { id } = await doors.core.operations.accept({ action, params: { ...params }, actor: root, door: 'system' });
  expect((await doors.core.operations.wait(id, 'final', 60_000)).state, action).toBe('done');
}

/** What the tasks find there. */
export async function furnish(stage: Pick<Stage, 'doors'>): Promise<void> {
  await done(stage, 'package.add', { name: 'basic', quotaMb: 1024 });
  await done(stage, 'package.add', { name: 'gold', quotaMb: 4096 });
  for (const account of ['anna', 'bert'])
    await done(stage, 'account.create', { account, domain: `${account}.example`, plan: 'basic' });
}

export async function on({ doors }: Pick<Stage, 'doors'>, master: 'm1' | 'm2', user: string) {
  const outcome = await doors.core.clients.get(master)?.call(whm('accountsummary', { user }));
  // Cast: the simulator's answer to accountsummary.
  return outcome?.kind === 'done' ? (outcome.data as { acct: Record<string, unknown>[] }).acct[0] : undefined;
}

/** Waits until every one of these masters has the account so. */
export async function holds(
  stage: Pick<Stage, 'doors'>,
  masters: Stage['up'],
  user: string,
  wanted: object,
): Promise<void> {
  for (const master of masters)
    await vi.waitFor(async () => expect(await on(stage, master, user)).toMatchObject(wanted), 60_000);
}

const there = (stage: Stage, user: string, wanted: object) => holds(stage, stage.up, user, wanted);
export const go = ({ page, doors }: Stage, path: string) => page.goto(`${doors.portalUrl}${path}`);
export const submit = ({ page }: Stage) => page.click('main form.form button.primary, main form.form button.danger');

/** What the operation's page says at the end, or as long as a master is away. */
const saved = ({ page, up }: Stage) =>
  page.getByText(up.length === 2 ? 'Saved on M1 and M2.' : /^Saved on M1, waiting for M2/).waitFor();

async function sent(stage: Stage): Promise<void> {
  await submit(stage);
  await saved(stage);
}

export async function signIn({ page }: Stage, next: string): Promise<void> {
  await page.fill('#f-name', 'ana');
  await page.fill('#f-password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL(next);
}

async function creates(stage: Stage): Promise<void> {
  const { page } = stage;
  await go(stage, '/accounts');
  await page.click('text=New account');
  await page.fill('#f-account', 'carl');
  await page.fill('#f-domain', 'carl.example');
  await page.selectOption('#f-plan', 'basic');
  await sent(stage);
  await there(stage, 'carl', { plan: 'basic' });
}

async function finds({ page, up }: Stage): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('carl.example');
  await page.keyboard.press('Enter');
  await page.click('main a:text-is("carl")');
  await page.getByRole('heading', { name: 'Both masters' }).waitFor();
  const words = up.length === 2 ? 'No value differs where it should not.' : 'M2 could not say';
  await page.getByText(words).first().waitFor();
}

async function suspends(stage: Stage): Promise<void> {
  await stage.page.click('text=Suspend account');
  await sent(stage);
  await there(stage, 'carl', { suspended: 1 });
}

async function unsuspends(stage: Stage): Promise<void> {
  await go(stage, '/actions/account.unsuspend?account=carl');
  await sent(stage);
  await there(stage, 'carl', { suspended: 0 });
}

async function changes(stage: Stage): Promise<void> {
  const { page } = stage;
  await go(stage, '/actions/account.change-package?account=carl');
  await page.selectOption('#f-plan', 'gold');
  await sent(stage);
  await go(stage, '/actions/account.password?account=carl');
  await page.click('text=Generate');
  await sent(stage);
  await go(stage, '/actions/account.modify?account=carl');
  await page.fill('#f-contactEmail', 'carl@elsewhere.example');
  await sent(stage);
  await there(stage, 'carl', { plan: 'gold', email: 'carl@elsewhere.example' });
}

async function mailbox(stage: Stage): Promise<void> {
  const { page } = stage;
  await go(stage, '/accounts/carl');
  await page.click('text=Add mailbox');
  await page.fill('#f-address', 'info@carl.example');
  await page.fill('#f-password', 'Sturdy-horse-42-battery');
  await sent(stage);
  await go(stage, '/accounts/carl');
  await page.locator('tr', { hasText: 'info@carl.example' }).getByRole('link').click();
  expect(await page.inputValue('#f-address')).toBe('info@carl.example');
  await page.click('text=Generate');
  await sent(stage);
}

async function zone(stage: Stage): Promise<void> {
  const { page } = stage;
  await go(stage, '/zones/carl.example');
  await page.locator('#f-records').waitFor();
  const before = await page.inputValue('#f-records');
  await page.fill('#f-records', `${before}\nshop 300 A 192.0.2.77`);
  await submit(stage);
  await page.getByText('shop.carl.example. 300 A 192.0.2.77').waitFor();
  await page.click('text=Save one change');
  await saved(stage);
  await go(stage, '/zones/carl.example');
  await page.getByText('192.0.2.77').waitFor();
  await page.click('text=Compare, and put back');
  await page.click('text=Save one change');
  await saved(stage);
}

async function several(stage: Stage): Promise<void> {
  const { page } = stage;
  await go(stage, '/accounts');
  await page.check('#pick-anna');
  await page.check('#pick-bert');
  await page.selectOption('.bulk-bar select', 'account.suspend');
  await page.click('text=Preview for the chosen');
  await page.getByRole('heading', { name: 'Suspend account: 2 accounts' }).waitFor();
  await submit(stage);
  await page.getByRole('heading', { name: '2 accepted, 0 not' }).waitFor();
  await there(stage, 'anna', { suspended: 1 });
  await there(stage, 'bert', { suspended: 1 });
}

async function addsPackage(stage: Stage): Promise<void> {
  const { page } = stage;
  await go(stage, '/packages');
  await page.click('main a.primary');
  await page.fill('#f-name', 'silver');
  await sent(stage);
  await go(stage, '/packages');
  await page.locator('td', { hasText: 'silver' }).first().waitFor();
}

async function asCustomer(stage: Stage): Promise<void> {
  const { page, doors } = stage;
  await go(stage, '/accounts/carl');
  await page.click('summary:text("Write a note")');
  await page.fill('#f-note', 'called about mail');
  await page.click('button:text("Write a note")');
  await page.getByText('called about mail').waitFor();
  await page.click('summary:text("See as the customer")');
  await page.fill('#f-reason', 'mail does not arrive');
  await page.click('button:text("Open as the customer")');
  await page.waitForURL('**/my/overview');
  await page.getByText('You, ana, see carl as the customer does. Reason: mail does not arrive').waitFor();
  await page.click('text=Stop seeing it as the customer');
  await page.waitForURL('**/accounts/carl');
  const [entry] = await doors.core.auth.auditFind({ event: 'log-in-as', q: 'mail does', limit: 1 });
  expect(entry).toMatchObject({ actor: 'ana', subject: 'carl' });
}

async function ends(stage: Stage): Promise<void> {
  const { page, doors, up } = stage;
  await go(stage, '/accounts/bert');
  await page.click('main >> text=Terminate account');
  await submit(stage);
  await page.getByText('confirm', { exact: false }).first().waitFor();
  await page.fill('#f-confirm', 'bert');
  await sent(stage);
  for (const master of up) expect(await on(stage, master, 'bert')).toBeUndefined();
  const kept = (await doors.core.archives.list()).filter(({ account }) => account === 'bert');
  expect(kept.map(({ state }) => state)).toEqual(['verified']);
}

export const tasks: readonly (readonly [title: string, play: (stage: Stage) => Promise<void>])[] = [
  [
    '1: signs in, and is where it wanted to go',
    async (stage) => {
      await go(stage, '/masters');
      await signIn(stage, '**/masters');
    },
  ],
  ['2: creates an account', creates],
  ['3: finds an account by its domain with Ctrl-K', finds],
  ['4: suspends it', suspends],
  ['5: lets it go on', unsuspends],
  ['6: changes its package, 7: its password, 8: its contact', changes],
  ['9: adds a mailbox and 10: resets its password from the account’s page', mailbox],
  ['11: changes a DNS zone with the difference first, and puts it back', zone],
  ['12: suspends several at once, with a preview and a result per row', several],
  ['13: adds a package', addsPackage],
  ['14: leaves a note, and opens the account as its customer, with a reason and a banner', asCustomer],
  ['15: ends an account after its name was typed, archived first', ends],
];
