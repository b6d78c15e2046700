import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { deliver } from '../../../src/operations/deliver.ts';
import { legJournalOf } from '../../../src/operations/leg-journal.ts';
import { openedOperations } from '../../../src/operations/opened.ts';
import { openReach } from '../../../src/operations/reach.ts';
import type { Reserved, Runner } from '../../../src/operations/run.ts';
import { callsOf, countOf, deskOf } from '../../support/chaos.ts';
import { startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
beforeEach(async () => {
  pair = await startPair({ worker: false });
});
afterEach(() => pair.close());

const leave = () => {};
const free: Reserved = { enter: async () => leave, giveUp: leave };
const taken: Reserved = { enter: async () => undefined, giveUp: leave };
/** As when the worker stood still behind its note: whoever took over would count on the call being over by then. */
const late: Reserved = { enter: () => delay(700, leave), giveUp: leave };

it.each([
  ['m1', 'got no place', taken],
  ['m2', 'got no place', taken],
  ['m1', 'came to its place too late', late],
  ['m2', 'came to its place too late', late],
] as const)('%s: a call that was noted and %s did not leave; it goes when there is one', async (id, _what, none) => {
  const { deps, journal } = pair.core;
  let place: Reserved = none;
  const runner: Runner = {
    ...deps,
    reach: openReach(deps, Date.now),
    legs: legJournalOf(journal, deps.timing),
    opened: openedOperations(),
    owner: 'one',
    isAlone: () => true,
    enter: async () => leave,
    reserve: async () => place,
  };
  const { id: operation } = await deskOf(pair).accept('package.add', { name: 'gold' });
  const leg = (master: string) =>
    journal.read((db) =>
      db.selectFrom('legs').selectAll().where('id', '=', `${operation}.${master}`).executeTakeFirstOrThrow(),
    );
  if (id === 'm2') {
    place = free;
    await deliver(runner, `${operation}.m1`);
    place = none;
  }
  const sim = pair.sims[id] ?? pair.m1;
  const before = (await callsOf(sim)).length;
  expect(await deliver(runner, `${operation}.${id}`)).toBe(true);
  expect(await countOf(sim, 'addpkg')).toBe(0);
  expect((await callsOf(sim)).length).toBeGreaterThan(before);
  expect(await leg(id)).toMatchObject({ state: 'ready', first_sent_at: null, lease_owner: null, doubts: 0 });
  // No master is to blame, so none is closed off.
  expect(runner.reach.of(id).state).toBe('reachable');
  place = free;
  await vi.waitFor(async () => expect(await deliver(runner, `${operation}.${id}`)).toBe(true), 5000);
  expect(await leg(id)).toMatchObject({ state: 'done', doubts: 0 });
  expect(await countOf(sim, 'addpkg')).toBe(1);
});
