/** The thread that writes about legs does what the worker's own thread would do, and its end loses nothing. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LegJournal, legJournalOf } from '../../../src/operations/leg-journal.ts';
import { openLegThread } from '../../../src/operations/leg-thread.ts';
import { deskOf } from '../../support/chaos.ts';
import { startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let here: LegJournal;
beforeEach(async () => {
  pair = await startPair({ worker: false });
  here = legJournalOf(pair.core.journal, pair.core.deps.timing);
});
afterEach(() => pair.close());

function threadOn(file?: string) {
  const { config, deps, log } = pair.core;
  if (config.journal.kind !== 'sqlite') throw new Error('a thread is for SQLite');
  const journal = { ...config.journal, ...(file === undefined ? {} : { file }) };
  return openLegThread({ journal, timing: deps.timing, logLevel: 'silent' }, here, log);
}

async function accepted(name: string): Promise<string> {
  return (await deskOf(pair).accept('package.add', { name })).id;
}

/** A leg from its lease to its end, as a worker writes it. What every step said. */
async function walk(legs: LegJournal, operation: string, master: string) {
  const leg = `${operation}.${master}`;
  const taken = await legs.take({ leg, owner: 'one', isOpened: master === 'm2' });
  const mine = { leg, owner: 'one', turn: taken?.leg.turn ?? 0 };
  const seq = taken?.leg.seq ?? 0;
  const ended = { ...mine, operation, seq, names: [`package:${operation}`], answers: '[]' };
  return {
    knows: Object.keys(taken?.operation ?? {}).length,
    again: await legs.take({ leg, owner: 'two', isOpened: false }),
    strangersNote: await legs.noteSent({ ...mine, owner: 'two', deadlineMs: 1, longestMs: 1, answers: '[]' }),
    noted: await legs.noteSent({ ...mine, deadlineMs: 1000, longestMs: 1000, answers: '["said"]' }),
    strangersEnd: await legs.settleDone({ ...ended, turn: mine.turn + 1 }),
    wakes: (await legs.settleDone(ended))?.map((wake) => wake.leg.replace(operation, '')),
  };
}

async function standing(operation: string) {
  const view = await pair.core.operations.get(operation);
  return { state: view?.state, legs: view?.legs.map((leg) => [leg.state, leg.attempts]) };
}

it('says and leaves what the same steps say and leave in the thread of the worker', async () => {
  const thread = threadOn();
  try {
    const [first, second] = [await accepted('gold'), await accepted('iron')];
    for (const master of ['m1', 'm2']) {
      const said = await walk(thread, first, master);
      expect(said).toEqual(await walk(here, second, master));
      expect(said).toMatchObject({ again: undefined, strangersNote: false, noted: true, strangersEnd: undefined });
      expect(await standing(first)).toEqual(await standing(second));
    }
    expect(await standing(first)).toEqual({
      state: 'done',
      legs: [
        ['done', 1],
        ['done', 1],
      ],
    });
  } finally {
    await thread.close();
  }
});

it('answers each of many that ask at once, and ends when it has', async () => {
  const thread = threadOn();
  const names = Array.from({ length: 40 }, (_, n) => `plan${n}`);
  const operations = await Promise.all(names.map(accepted));
  const walks = operations.map((operation) => walk(thread, operation, 'm1'));
  expect((await Promise.all(walks)).map((said) => said.wakes)).toEqual(operations.map(() => ['.m2']));
  const last = walk(here, operations[0] ?? '', 'm2');
  await thread.close();
  expect((await last).wakes).toEqual([]);
});

it('tells that nothing is known of what was under way when it dies, and the worker goes on by itself', async () => {
  const thread = threadOn('/nowhere/journal.db');
  const operation = await accepted('gold');
  const leg = `${operation}.m1`;
  const asked = { leg, owner: 'one', isOpened: false };
  await expect(thread.take(asked)).rejects.toMatchObject({ code: 'journal.commit-unknown' });
  expect((await thread.take(asked))?.leg.id).toBe(leg);
  await thread.close();
});
