import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountOf, callsOf, deskOf, effectsOf, movesOf, recordMoves, strayMoves } from '../../support/chaos.ts';
import { startMariadb, type TestMariadb } from '../../support/mariadb.ts';
import { quick, startPair, type TestPair } from '../../support/pair.ts';
import { type Build, buildChild, type ChildNode, startNode } from '../../support/process-node.ts';
import { dailyEvery } from '../../support/thorough.ts';

const accounts = Array.from({ length: 8 }, (_, i) => `acc${i}`);
const BOXES = 6;
const CONCURRENCY = 10;
let maria: TestMariadb;
let build: Build;
let databases = 0;
beforeAll(async () => {
  [maria, build] = await Promise.all([startMariadb(), buildChild()]);
});
afterAll(async () => {
  await maria.stop();
});

let pair: TestPair;
let workers: ChildNode[];
const worker = () => startNode(build, { configFile: pair.configFile });
beforeEach(async () => {
  databases += 1;
  const { host, port, user, password } = maria;
  const database = await maria.freshDatabase(`tandem${databases}`);
  const journal = { kind: 'mariadb', host, port, user, password, database };
  // A worker that is frozen for five seconds has lost its leases.
  const timing = { ...quick, longestSeconds: 2, leaseMs: 2000 };
  pair = await startPair({ worker: false, config: { journal, timing } });
  await recordMoves(pair.core.journal);
  workers = await Promise.all([worker(), worker()]);
});
afterEach(async () => {
  for (const one of workers) await one.kill();
  await pair.close();
});

/** Two webs take turns; each account gets its boxes one after the other. */
async function ask(second: Pick<TestPair, 'core'>): Promise<readonly string[]> {
  const desks = [deskOf(pair), deskOf(second)];
  const made = await Promise.all(accounts.map((name, i) => desks[i % 2]?.accept('account.create', accountOf(name))));
  const ids = made.flatMap((view) => view?.id ?? []);
  for (let box = 0; box < BOXES; box += 1) {
    const views = accounts.map((account, i) =>
      desks[(i + box) % 2]?.accept('mailbox.add', {
        account,
        address: `box${box}@${account}.example`,
        password: `Sturdy-horse-${box}-q`,
      }),
    );
    for (const view of await Promise.all(views)) if (view !== undefined) ids.push(view.id);
  }
  return ids;
}

async function allDone(ids: readonly string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const open = await pair.core.operations.list({ state: 'open', limit: 500 });
      expect(open.map((o) => `${o.action} ${o.state} ${JSON.stringify(o.legs)}`)).toEqual([]);
    },
    { timeout: 60_000, interval: 200 },
  );
  for (const id of ids) expect((await pair.core.operations.get(id))?.state).toBe('done');
  for (const sim of [pair.m1, pair.m2]) {
    const boxes = (await effectsOf(sim)).filter((e) => e.fn === 'Email::add_pop');
    for (const account of accounts) {
      const mine = boxes.filter((e) => e.account === account).map((e) => e.args.get('email'));
      expect(mine).toEqual(Array.from({ length: BOXES }, (_, box) => `box${box}`));
    }
    expect((await effectsOf(sim)).filter((e) => e.fn === 'createacct')).toHaveLength(accounts.length);
  }
  expect(strayMoves(await movesOf(pair.core.journal))).toEqual([]);
}

/** The most calls that a master worked on at the same time. */
async function mostAtOnce(sim: TestPair['m1']): Promise<number> {
  const edges = (await callsOf(sim))
    .filter((c) => c.function !== 'version')
    .flatMap((c) => [
      { at: c.receivedAt, step: 1 },
      { at: c.finishedAt ?? c.receivedAt, step: -1 },
    ]);
  let now = 0;
  let most = 0;
  for (const edge of edges.sort((a, b) => a.at - b.at || a.step - b.step)) {
    now += edge.step;
    most = Math.max(most, now);
  }
  return most;
}

describe('two workers and two webs on one MariaDB', () => {
  it.each(
    dailyEvery(2, [
      ['killed', async (one: ChildNode) => one.kill()],
      ['frozen for five seconds', freeze],
    ] as const),
  )(
    'a worker %s in the middle: nothing is lost, doubled or out of order',
    async (_what, strike) => {
      const web = await pair.another({ worker: false });
      await pair.core.operations.wait((await deskOf(pair).accept('package.add', { name: 'gold' })).id, 'final', 20_000);
      const asking = ask(web);
      await vi.waitFor(async () => expect((await effectsOf(pair.m1)).length).toBeGreaterThan(15), 20_000);
      const victim = workers[0];
      if (victim !== undefined) await strike(victim);
      await allDone(await asking);
      for (const sim of [pair.m1, pair.m2]) expect(await mostAtOnce(sim)).toBeLessThanOrEqual(CONCURRENCY);
    },
    120_000,
  );
});

/** Five seconds on the wall, in which the other one works. */
async function freeze(one: ChildNode): Promise<void> {
  one.freeze();
  const since = Date.now();
  await vi.waitFor(() => expect(Date.now() - since).toBeGreaterThan(5000), 10_000);
  one.thaw();
}
