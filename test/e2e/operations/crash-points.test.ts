import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CRASH_POINTS, type CrashPoint, type Step } from '../../../src/operations/crash-points.ts';
import type { Accepted, Choice, OperationView } from '../../../src/operations/model.ts';
import { accountOf, deskOf, movesOf, recordMoves, settled, strayMoves } from '../../support/chaos.ts';
import { fault, heal, quick, root, startPair, type TestPair } from '../../support/pair.ts';
import { type Build, buildChild, startNode } from '../../support/process-node.ts';
import { dailyEvery, thorough } from '../../support/thorough.ts';

let build: Build;
let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
/** Names that no other test of this file uses. */
let n = 0;
beforeAll(async () => {
  // Long enough that a busy machine is not taken for a master in trouble.
  pair = await startPair({ worker: false, config: { timing: { ...quick, longestSeconds: 2, maxDoubts: 3 } } });
  build = await buildChild();
  desk = deskOf(pair);
  await recordMoves(pair.core.journal);
  await withWorker(async () => {
    await desk.run('package.add', { name: 'gold' });
    await desk.run('account.create', accountOf('bob'));
  });
});
afterAll(async () => {
  await pair.close();
});

async function withWorker(work: () => Promise<unknown>): Promise<void> {
  const worker = await pair.another();
  await work();
  await worker.close();
}

const address = () => `box${n}@bob.example`;
const addBox = () => desk.accept('mailbox.add', { account: 'bob', address: address(), password: 'Sturdy-horse-42-q' });
const createEve = () => desk.accept('account.create', accountOf(`eve${n}`));
/** What is wrong with a master, and what people then do. */
function but(id: 'm1' | 'm2', trouble: Record<string, unknown>, then = addBox): () => Promise<Accepted> {
  return async () => {
    await fault(pair.sims[id] ?? pair.m1, { function: 'Email::add_pop', ...trouble });
    return then();
  };
}

async function miscounted(): Promise<Accepted> {
  const view = await addBox();
  const wrong = { waits: 1 };
  await pair.core.journal.write((db) =>
    db.updateTable('legs').set(wrong).where('operation_id', '=', view.id).execute(),
  );
  return view;
}

type WorkerStep = Exclude<Step, 'accept' | 'withdraw' | `choose-${Choice}`>;

/** What has to happen so that the step is taken. */
const stories: Readonly<Record<WorkerStep, () => Promise<Accepted>>> = {
  // What only begins with a look takes its lease with the note.
  claim: createEve,
  'note-sent': addBox,
  send: addBox,
  'settle-done': addBox,
  'settle-again': but('m1', { kind: 'busy' }),
  'settle-doubt': but('m1', { kind: 'drop-after' }),
  'settle-refused': but('m1', { kind: 'refuse' }),
  'settle-held': but('m2', { kind: 'refuse' }),
  'settle-take-back': but('m1', { kind: 'partial', function: 'createacct' }, createEve),
  'settle-undone': but('m1', { kind: 'partial', function: 'createacct' }, createEve),
  'move-lead': but('m1', { kind: 'down' }),
  recover: miscounted,
  verify: addBox,
};

function isWorkerStep(step: string): step is WorkerStep {
  return step in stories;
}

function stepOf(point: CrashPoint): string {
  return point.slice(0, point.lastIndexOf('.'));
}

const workerPoints = CRASH_POINTS.filter((point) => isWorkerStep(stepOf(point)));
const doorPoints = CRASH_POINTS.filter((point) => !isWorkerStep(stepOf(point)));
/** Every fourth one is killed in a process of its own; the others die in this one. All are killed when there is time. */
const killed = dailyEvery(
  2,
  workerPoints.filter((point) => thorough || point.endsWith('.after')),
);
const thrown = workerPoints.filter((point) => !killed.includes(point));

/** Everything accepted is final or on hold, by moves that the table has, and is where its legs say, once. */
async function inOrder(view: OperationView): Promise<void> {
  await settled(pair);
  expect(strayMoves(await movesOf(pair.core.journal))).toEqual([]);
  const ended = await pair.core.operations.get(view.id);
  for (const leg of (ended?.legs ?? []).filter((l) => l.state !== 'held')) {
    const dump = pair.sims[leg.master]?.engine.state.dump() ?? {};
    const there = view.action === 'mailbox.add' ? dump['mailboxes']?.[address()] : dump['accounts']?.[`eve${n}`];
    expect(there !== undefined, `${leg.master} ${JSON.stringify(leg)}`).toBe(leg.state === 'done');
  }
}

/** The next worker, on masters in health; what is on hold is decided, so that nothing is in the way of the next test. */
async function recovered(view: OperationView): Promise<void> {
  await Promise.all([heal(pair.m1), heal(pair.m2)]);
  await withWorker(async () => {
    await inOrder(view);
    for (const held of await pair.core.operations.list({ state: 'held' })) {
      for (const leg of held.legs.filter((l) => l.state === 'held'))
        await pair.core.operations.choose(held.id, leg.master, half(held) ? 'skip' : 'retry', root);
      await desk.final(held.id);
    }
  });
}

/** A part of an account is there, and what is missing cannot be added: trying again helps nobody. */
function half(operation: OperationView): boolean {
  return operation.action === 'account.create';
}

async function begin(point: CrashPoint): Promise<OperationView> {
  n += 1;
  const step = stepOf(point);
  const { id } = await (isWorkerStep(step) ? stories[step]() : addBox());
  return pair.core.operations.wait(id, 'final', 0);
}

describe('a worker killed with SIGKILL', () => {
  it.each(killed)('at %s: its work is ended by the next one', async (point) => {
    const view = await begin(point);
    const node = await startNode(build, { configFile: pair.configFile, crashAt: point });
    await vi.waitFor(() => expect(node.running.child.signalCode, `${point} was not reached`).toBe('SIGKILL'), 20_000);
    await recovered(view);
  });
});

describe('a worker that stops in the middle and is never heard of again', () => {
  it.each(thrown)('at %s: its work is ended by the next one', async (point) => {
    const view = await begin(point);
    const { crash, reached } = dying(point);
    const zombie = await pair.another({ crash });
    try {
      await vi.waitFor(() => expect(reached(), `${point} was not reached`).toBe(true), 20_000);
      await recovered(view);
    } finally {
      await zombie.close();
    }
  });
});

/** Dies at a point as a process does: nothing after it happens. */
function dying(point: CrashPoint): { crash: (at: CrashPoint) => void; reached: () => boolean } {
  let reached = false;
  return {
    crash(at) {
      if (at !== point && !reached) return;
      reached = true;
      throw new Error(`died at ${at}`);
    },
    reached: () => reached,
  };
}

describe('a door that dies', () => {
  it.each(doorPoints)('at %s: what it was told is done, or can be said again', async (point) => {
    n += 1;
    const { crash, reached } = dying(point);
    const door = await pair.another({ worker: false, crash });
    const step = stepOf(point);
    if (step === 'accept') await accepting(door, point);
    else if (step === 'withdraw') await withdrawing(door);
    else await choosing(door, step);
    expect(reached(), `${point} was not reached`).toBe(true);
    expect(strayMoves(await movesOf(pair.core.journal))).toEqual([]);
    await door.close();
  });
});

type Door = Awaited<ReturnType<TestPair['another']>>;

async function accepting(door: Door, point: CrashPoint): Promise<void> {
  const params = { account: 'bob', address: address(), password: 'Sturdy-horse-42-q' };
  const request = { action: 'mailbox.add', params, actor: root, door: 'cli', idempotencyKey: `key ${n}` } as const;
  const before = (await pair.core.operations.list({ action: 'mailbox.add', limit: 500 })).length;
  await expect(door.core.operations.accept(request)).rejects.toThrow('died at');
  const kept = (await pair.core.operations.list({ action: 'mailbox.add', limit: 500 })).length - before;
  expect(kept).toBe(point === 'accept.after' ? 1 : 0);
  await withWorker(async () => {
    const again = await pair.core.operations.accept(request);
    expect((await desk.final(again.id)).state).toBe('done');
  });
  expect((await pair.core.operations.list({ action: 'mailbox.add', limit: 500 })).length - before).toBe(1);
}

async function withdrawing(door: Door): Promise<void> {
  const { id } = await addBox();
  await expect(door.core.operations.withdraw(id, root)).rejects.toThrow('died at');
  const open = (await pair.core.operations.get(id))?.state === 'accepted';
  if (open) await pair.core.operations.withdraw(id, root);
  await withWorker(() => desk.final(id));
  expect((await pair.core.operations.get(id))?.state).toBe('withdrawn');
  expect(pair.m1.engine.state.dump()['mailboxes']?.[address()]).toBeUndefined();
}

const outcome: Readonly<Record<Choice, string>> = { retry: 'done', adopt: 'done', skip: 'done', undo: 'withdrawn' };

async function choosing(door: Door, step: string): Promise<void> {
  const choice = (['retry', 'adopt', 'skip', 'undo'] as const).find((c) => step === `choose-${c}`) ?? 'retry';
  await fault(pair.m2, { kind: 'refuse', function: 'createacct' });
  const { id } = await createEve();
  await withWorker(() => desk.leg(id, 'm2', 'held'));
  await expect(door.core.operations.choose(id, 'm2', choice, root)).rejects.toThrow('died at');
  const held = (await pair.core.operations.get(id))?.legs.some((l) => l.state === 'held');
  if (held === true) await pair.core.operations.choose(id, 'm2', choice, root);
  await withWorker(() => desk.final(id));
  expect((await pair.core.operations.get(id))?.state).toBe(outcome[choice]);
}
