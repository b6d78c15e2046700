import { expect, vi } from 'vitest';
import type { OperationView } from '../../../src/operations/model.ts';
import type { Simulator } from '../../../src/simulator/index.ts';
import { quick, root, startPair, type TestPair } from '../../support/pair.ts';

/** What every test of archives begins with: times that a busy machine does not break, and an account with something in it. */
export const patient = { ...quick, longestSeconds: 2 };

export async function openPair(
  config: Record<string, unknown> = {},
  archives?: (id: string) => Record<string, unknown>,
  archiveFolders?: Readonly<Record<string, string>>,
): Promise<TestPair> {
  const more = {
    ...(archives === undefined ? {} : { archives }),
    ...(archiveFolders === undefined ? {} : { archiveFolders }),
  };
  const pair = await startPair({ config: { timing: patient, ...config }, ...more });
  await done(pair, 'package.add', { name: 'gold' });
  return pair;
}

export async function run(pair: TestPair, action: string, params: Record<string, unknown>): Promise<OperationView> {
  const accepted = await pair.core.operations.accept({ action, params, actor: root, door: 'system' });
  return pair.core.operations.wait(accepted.id, 'final', 30_000);
}

export async function done(pair: TestPair, action: string, params: Record<string, unknown>): Promise<void> {
  const view = await run(pair, action, params);
  if (view.state !== 'done') throw new Error(`${action} ended as ${view.state}: ${JSON.stringify(view.legs)}`);
}

/** An account with a database, a mailbox and keys. */
export async function furnish(pair: TestPair, account: string): Promise<void> {
  const domain = `${account}.example`;
  await done(pair, 'account.create', { account, domain, plan: 'gold' });
  await done(pair, 'database.add', { account, name: `${account}_shop` });
  await done(pair, 'mailbox.add', { account, address: `info@${domain}`, password: 'Sturdy-horse-42-q' });
}

/** What a simulated master has of an account. */
export function seen(sim: Simulator, account: string) {
  const dump = sim.engine.state.dump();
  const keys = (table: string) => Object.keys(dump[table] ?? {}).filter((key) => key.includes(account));
  return {
    account: keys('accounts'),
    databases: keys('mysql-server-databases'),
    mailboxes: keys('mailboxes'),
    zones: keys('zones'),
    dkim: keys('dkim-keys'),
  };
}

export async function order(sim: Simulator, body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${sim.controlUrl}/_sim/archives`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status, await response.text()).toBe(200);
}

export async function until(pair: TestPair, id: string, state: string): Promise<OperationView> {
  return vi.waitFor(
    async () => {
      const view = await pair.core.operations.get(id);
      expect(view?.state, JSON.stringify(view?.legs)).toBe(state);
      if (view === undefined) throw new Error('gone');
      return view;
    },
    { timeout: 30_000, interval: 50 },
  );
}
