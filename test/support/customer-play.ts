/** Plays customers' tasks in a browser. */
import type { Browser, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { Customer } from '../../src/auth/customers.ts';
import type { Language } from '../../src/routes/customer/texts/index.ts';
import { answerOf, done, enter, fileOn, settledPage } from './customer-doors.ts';
import { type Credentials, mailboxTasks, ownerTasks, type Run, type Task, taskPassword } from './customer-tasks.ts';
import { type Doors, startDoors } from './doors.ts';

/** Does one task in the browser, and waits until the masters have it. */
export async function play(run: Run, task: Task): Promise<void> {
  const { page, doors } = run;
  // Nothing is shown by what was so before.
  if (task.signsIn === undefined)
    for (const master of run.up)
      expect(await worldOf(run, task, master), `${task.name} on ${master}, before`).not.toMatch(task.wanted(run));
  await page.goto(`${doors.portalUrl}/my/${task.path(run)}`, { waitUntil: 'domcontentloaded' });
  await sendForm(page, task.fields(run));
  if (task.confirm !== undefined)
    await page.locator(`main form[action$="/${task.confirm}"] .buttons button`).first().click();
  for (const master of task.isOne ? [run.active] : run.up) {
    await vi.waitFor(
      async () => {
        expect(await worldOf(run, task, master), `${task.name} on ${master}`).toMatch(task.wanted(run));
      },
      { timeout: 20_000, interval: 50 },
    );
  }
  if (task.signsIn !== undefined) await signIn(run, task.signsIn(run));
}

/** Somebody comes in by the form, in a browser that was never here. */
async function signIn({ doors, page: played }: Run, { name, password }: Credentials): Promise<void> {
  const fresh = await played.context().browser()?.newContext({ ignoreHTTPSErrors: true });
  const page = await fresh?.newPage();
  if (fresh === undefined || page === undefined) throw new Error('there is no browser');
  await page.goto(`${doors.portalUrl}/my/sign-in`);
  await page.locator('[name="name"]').fill(name);
  await page.locator('[name="password"]').fill(password);
  await Promise.all([page.waitForURL(/\/my\/(overview|mailbox)/), page.locator('main form button').first().click()]);
  await fresh.close();
}

async function worldOf(run: Run, task: Task, master: 'm1' | 'm2'): Promise<string> {
  if (task.file !== undefined) return fileOn(run.doors, master, task.file, run.account);
  return task.call === undefined ? '' : JSON.stringify(await answerOf(run.doors, master, task.call(run)));
}

/** Fills the form that has all these fields, whatever language it speaks, and sends it. */
export async function sendForm(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(fields);
  const has = names.map((name) => `:has([name="${name}"])`).join('');
  const form = page.locator(`main form${has}`).first();
  // What a master has to tell first comes a moment later.
  if ((await form.count()) === 0) await settledPage(page);
  const fold = page.locator(`main details:not([open]):has(form${has}) > summary`);
  if (!(await form.isVisible()) && (await fold.count()) > 0) await fold.first().click();
  for (const [name, value] of Object.entries(fields)) {
    const choice = form.locator(`select[name="${name}"]`);
    if ((await choice.count()) > 0) await choice.selectOption(value);
    else await form.locator(`[name="${name}"]`).first().fill(value);
  }
  await form.locator('.buttons button:not([type="button"])').first().click();
  await page.waitForLoadState('domcontentloaded');
}

/** Languages and states of one run each. Two files share them, so that neither takes long. */
export async function visit(
  doors: Doors,
  browser: Browser,
  language: Language,
  run: Omit<Run, 'doors' | 'page'>,
): Promise<void> {
  const { account } = run;
  const owner: Customer = { account, role: 'owner', name: account };
  const user: Customer = { account, role: 'mailbox', name: `info@${account}.example` };
  for (const [customer, tasks] of [
    [owner, ownerTasks],
    [user, mailboxTasks],
  ] as const) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: language });
    const problems: string[] = [];
    context.on('weberror', (error) => problems.push(error.error().message));
    const page = await enter(doors, context, customer);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    for (const task of tasks) await play({ ...run, doors, page }, task);
    expect(problems).toEqual([]);
    await context.close();
  }
}

/** A world with these accounts, each allowed everything. */
export async function startTasks(accounts: readonly string[]): Promise<Doors> {
  const doors = await startDoors();
  await done(doors, 'package.add', { name: 'wide', quotaMb: 500 });
  const make = (account: string) =>
    done(doors, 'account.create', {
      account,
      domain: `${account}.example`,
      plan: 'wide',
      password: taskPassword,
      contactEmail: `${account}@mail.example`,
    });
  await Promise.all(accounts.map(make));
  return doors;
}
