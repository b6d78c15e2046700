/** A leg that was never sent is looked at without a lease; the note that a call is about to leave takes it. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deliver } from '../../../src/operations/deliver.ts';
import type { Client } from '../../../src/operations/deps.ts';
import { type LegJournal, legJournalOf } from '../../../src/operations/leg-journal.ts';
import { openedOperations } from '../../../src/operations/opened.ts';
import { openReach } from '../../../src/operations/reach.ts';
import type { LegRow } from '../../../src/operations/record.ts';
import type { Runner } from '../../../src/operations/run.ts';
import { accountOf, callsOf, countOf, deskOf } from '../../support/chaos.ts';
import { quick, root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
beforeEach(async () => {
  // Long enough that a busy machine is not taken for a worker that stood still, or for a master in trouble.
  pair = await startPair({ worker: false, config: { timing: { ...quick, leaseMs: 20_000, longestSeconds: 10 } } });
});
afterEach(() => pair.close());

interface Watched extends Runner {
  /** What was asked of the journal of legs, in order. */
  readonly asked: (keyof LegJournal)[];
}

const leave = () => {};
/** `seen`: waited for when a look has been answered, and before its answer is read. */
function runnerOf(owner: string, seen: () => Promise<unknown> = async () => {}, more: Partial<Runner> = {}): Watched {
  const { deps, journal } = pair.core;
  const asked: (keyof LegJournal)[] = [];
  const legs = new Proxy(legJournalOf(journal, deps.timing), {
    get(target, what: keyof LegJournal) {
      asked.push(what);
      return target[what];
    },
  });
  const clients = new Map<string, Client>();
  for (const [id, client] of deps.clients) {
    clients.set(id, {
      async call(call, options) {
        const outcome = await client.call(call, options);
        if (call.fn === 'listpkgs') await seen();
        return outcome;
      },
    });
  }
  return {
    ...deps,
    clients,
    legs,
    asked,
    reach: openReach(deps, Date.now),
    opened: openedOperations(),
    owner,
    isAlone: () => true,
    enter: async () => leave,
    reserve: async () => ({ enter: async () => leave, giveUp: leave }),
    ...more,
  };
}

async function accepted(): Promise<string> {
  return (await deskOf(pair).accept('package.add', { name: 'gold' })).id;
}

function legOf(operation: string, master = 'm1'): Promise<LegRow> {
  return pair.core.journal.read((db) =>
    db.selectFrom('legs').selectAll().where('id', '=', `${operation}.${master}`).executeTakeFirstOrThrow(),
  );
}

function change(operation: string, values: Partial<LegRow>): Promise<unknown> {
  return pair.core.journal.write((db) =>
    db.updateTable('legs').set(values).where('id', '=', `${operation}.m1`).execute(),
  );
}

/** Once, at the first look's answer. */
function once(work: () => Promise<unknown>): () => Promise<unknown> {
  let isOver = false;
  return async () => {
    if (isOver) return;
    isOver = true;
    await work();
  };
}

it('is written twice, on the lead and on the follower, and was taken once', async () => {
  const operation = await accepted();
  const runner = runnerOf('one');
  for (const master of ['m1', 'm2']) expect(await deliver(runner, `${operation}.${master}`)).toBe(true);
  expect(runner.asked).toEqual(['glance', 'noteSent', 'settleDone', 'glance', 'noteSent', 'settleDone']);
  for (const master of ['m1', 'm2'])
    expect(await legOf(operation, master)).toMatchObject({ state: 'done', turn: 1, attempts: 1, lease_owner: null });
});

it('two workers that look at the same moment: one sends, the other leaves it alone', async () => {
  const operation = await accepted();
  let looking = 0;
  let go = () => {};
  const both = new Promise<void>((resolve) => {
    go = resolve;
  });
  const meet = async () => {
    looking += 1;
    if (looking === 2) go();
    await both;
  };
  const results = await Promise.all(['one', 'two'].map((name) => deliver(runnerOf(name, meet), `${operation}.m1`)));
  expect(looking).toBe(2);
  expect(results.sort()).toEqual([false, true]);
  expect(await countOf(pair.m1, 'addpkg')).toBe(1);
  expect(await legOf(operation)).toMatchObject({ state: 'done', turn: 1, attempts: 1 });
});

it('a worker that dies while it looks leaves nothing behind: the next one simply looks', async () => {
  const operation = await accepted();
  const before = await legOf(operation);
  const died = new Error('died');
  await expect(
    deliver(
      runnerOf('one', () => Promise.reject(died)),
      `${operation}.m1`,
    ),
  ).rejects.toBe(died);
  expect(await legOf(operation)).toEqual(before);
  expect(await deliver(runnerOf('two'), `${operation}.m1`)).toBe(true);
  expect(await legOf(operation)).toMatchObject({ state: 'done', turn: 1 });
});

const hour = 3_600_000;
it.each<[string, (operation: string) => Promise<unknown>]>([
  ['withdrawn', (operation) => pair.core.operations.withdraw(operation, root)],
  ['released no more, as its lead is another', (operation) => change(operation, { released: 0 })],
  ['waiting for another', (operation) => change(operation, { waits: 1 })],
  ['due later', (operation) => change(operation, { due_at: Date.now() + hour })],
  ['taken by another', (operation) => change(operation, { lease_owner: 'two', lease_until: Date.now() + hour })],
  ['on hold', (operation) => change(operation, { state: 'held' })],
  ['done by another', async (operation) => expect(await deliver(runnerOf('two'), `${operation}.m1`)).toBe(true)],
])('%s while its master was looked at: it is not sent', async (_what, happens) => {
  const operation = await accepted();
  let after: LegRow | undefined;
  const seen = once(async () => {
    await happens(operation);
    after = await legOf(operation);
  });
  const sent = await countOf(pair.m1, 'addpkg');
  expect(await deliver(runnerOf('one', seen), `${operation}.m1`)).toBe(false);
  expect(await legOf(operation)).toEqual(after);
  expect(await countOf(pair.m1, 'addpkg')).toBe(after?.state === 'done' ? sent + 1 : sent);
});

it.each<[string, number, (operation: string) => Promise<unknown>]>([
  ['was taken and given back meanwhile', 20_000, (operation) => change(operation, { turn: 1 })],
  ['was seen longer ago than a lease lasts', 50, () => delay(100)],
])('what %s is looked at again, with the lease', async (_what, leaseMs, happens) => {
  const operation = await accepted();
  const timing = { ...pair.core.deps.timing, leaseMs };
  const runner = runnerOf(
    'one',
    once(() => happens(operation)),
    { timing },
  );
  expect(await deliver(runner, `${operation}.m1`)).toBe(true);
  expect(runner.asked).toEqual(['glance', 'noteSent', 'take', 'noteSent', 'settleDone']);
  expect((await callsOf(pair.m1)).filter((call) => call.function === 'listpkgs')).toHaveLength(2);
  expect(await countOf(pair.m1, 'addpkg')).toBe(1);
  expect(await legOf(operation)).toMatchObject({ state: 'done', attempts: 1 });
});

async function thereAlready(): Promise<string> {
  await deliver(runnerOf('one'), `${await accepted()}.m1`);
  return (await deskOf(pair).accept('package.add', { name: 'gold', quotaMb: 7 })).id;
}

it('what ends without a call takes the lease before it ends', async () => {
  const operation = await thereAlready();
  const runner = runnerOf('one');
  expect(await deliver(runner, `${operation}.m1`)).toBe(true);
  expect(runner.asked.slice(0, 2)).toEqual(['glance', 'takeSeen']);
  expect(await legOf(operation)).toMatchObject({ turn: 1, attempts: 0, lease_owner: null });
});

it('and does not end when it is no longer as it was', async () => {
  const operation = await thereAlready();
  const runner = runnerOf(
    'one',
    once(() => change(operation, { released: 0 })),
  );
  expect(await deliver(runner, `${operation}.m1`)).toBe(false);
  expect(await legOf(operation)).toMatchObject({ state: 'ready', turn: 0, released: 0 });
});

it.each<[string, Partial<LegRow>]>([
  ['in doubt', { state: 'doubt', first_sent_at: 1, attempts: 1 }],
  ['sent before', { first_sent_at: 1, attempts: 1 }],
])('a leg that is %s is taken before the look', async (_what, values) => {
  const operation = await accepted();
  await change(operation, values);
  const runner = runnerOf('one');
  expect(await deliver(runner, `${operation}.m1`)).toBe(true);
  expect(runner.asked.slice(0, 2)).toEqual(['glance', 'take']);
});

it('so is one whose homes are set aside first, and any while other workers live', async () => {
  const gold = await accepted();
  const beside = runnerOf('one', undefined, { isAlone: () => false });
  expect(await deliver(beside, `${gold}.m1`)).toBe(true);
  expect(beside.asked[0]).toBe('take');
  const account = await deskOf(pair).accept('account.create', accountOf('eve'));
  const runner = runnerOf('one');
  await deliver(runner, `${account.id}.m1`);
  expect(runner.asked.slice(0, 2)).toEqual(['glance', 'take']);
});

it('what may not run is only read', async () => {
  const operation = await accepted();
  const runner = runnerOf('one');
  expect(await deliver(runner, `${operation}.m2`)).toBe(false);
  expect(runner.asked).toEqual(['glance']);
});
