/** What cPanel brings back with an account is its crontab too, on each master: the jobs must go on running on one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crontabsOf, revivedTurn } from '../../../src/roles/crontabs.ts';
import { api2 } from '../../../src/whm/call.ts';
import { accountOf, settled } from '../../support/chaos.ts';
import { root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.close());

async function done(action: string, params: object): Promise<string> {
  const { id } = await pair.core.operations.accept({ action, params, actor: root, door: 'api' });
  expect((await pair.core.operations.wait(id, 'final', 20_000)).state).toBe('done');
  return id;
}

async function jobsOn(master: string): Promise<string> {
  const outcome = await pair.core.clients.get(master)?.call(api2('bob', 'Cron::listcron'));
  return outcome?.kind === 'done' ? JSON.stringify(outcome.data) : 'no answer';
}

it('a crontab is set again behind an unsuspension, once, and is empty where it does not run', async () => {
  await done('package.add', { name: 'gold' });
  await done('account.create', accountOf('bob'));
  const job = { minute: '0', hour: '3', day: '*', month: '*', weekday: '*', command: 'php cron.php' };
  const set = await done('cron.set', { account: 'bob', jobs: [job], email: '', runsOn: 'm1' });
  await crontabsOf(pair.core).keep('bob', { jobs: [job], email: '' }, 'm1', set);
  await done('account.suspend', { account: 'bob', reason: 'unpaid' });
  // The table that M2 had put aside with the account, from a time when it ran there.
  await done('account.unsuspend', { account: 'bob' });
  await pair.core.clients.get('m2')?.call(api2('bob', 'Cron::add_line', { ...job }));
  expect(await jobsOn('m2')).toContain('php cron.php');

  const fresh = () => ({ hasLooked: false, met: new Set<string>(), waiting: new Map<string, string | null>() });
  const memory = fresh();
  const held = { ...pair.core.operations, accept: () => Promise.reject(new Error('it is held')) };
  // What could not be followed is tried again, also when it is no longer among what is new.
  expect(await revivedTurn({ ...pair.core, operations: held }, memory)).toBe(0);
  expect([memory.hasLooked, memory.waiting.size]).toEqual([true, 1]);
  expect(await revivedTurn(pair.core, memory)).toBe(1);
  await settled(pair);
  expect(await jobsOn('m2')).not.toContain('php cron.php');
  expect(await jobsOn('m1')).toContain('php cron.php');
  const sets = async () => (await pair.core.operations.list({ account: 'bob', action: 'cron.set' })).length;
  const before = await sets();
  // Neither the next look nor a worker that was started anew does it twice.
  expect([await revivedTurn(pair.core, memory), await sets()]).toEqual([0, before]);
  await revivedTurn(pair.core, fresh());
  expect(await sets()).toBe(before);
});
