import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorker } from '../../../src/roles/worker.ts';
import { accountOf, countOf, deskOf } from '../../support/chaos.ts';
import { startPair, type TestPair } from '../../support/pair.ts';

/** Who carries files is told before an operation touches homes: what was told, and how many were made by then. */
let told: { accounts: readonly string[]; operation: string; made: number }[];
let pair: TestPair;

beforeEach(async () => {
  told = [];
  pair = await startPair({ worker: false });
  const files = {
    async aside(accounts: readonly string[], operation: string) {
      const made = (await countOf(pair.m1, 'createacct')) + (await countOf(pair.m2, 'createacct'));
      told.push({ accounts, operation, made });
    },
  };
  Object.assign(pair.core.deps, { files });
  await openWorker(pair.core);
});
afterEach(() => pair.close());

it('is told of making, renaming and removing an account before the first call, and of nothing else', async () => {
  const desk = deskOf(pair);
  await desk.run('package.add', { name: 'gold' });
  const created = await desk.run('account.create', accountOf('bob'));
  expect(created.state).toBe('done');
  expect(told[0]).toEqual({ accounts: ['bob'], operation: created.id, made: 0 });
  const before = told.length;
  await desk.run('account.password', { account: 'bob', password: 'Sturdy-horse-77-gate' });
  expect(told.length).toBe(before);
  await desk.run('account.rename', { account: 'bob', newName: 'rob' });
  expect(told.at(-1)?.accounts.toSorted()).toEqual(['bob', 'rob']);
  await desk.run('account.terminate', { account: 'rob' });
  expect(told.at(-1)?.accounts).toEqual(['rob']);
});
