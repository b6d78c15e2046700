import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountOf, callsOf, deskOf, effectsOf } from '../../support/chaos.ts';
import { root, startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let desk: ReturnType<typeof deskOf>;
let seen: Readonly<Record<string, number>>;
let before: Readonly<Record<string, number>>;

beforeAll(async () => {
  pair = await startPair();
  desk = deskOf(pair);
  await desk.run('package.add', { name: 'gold' });
  await desk.run('package.add', { name: 'silver' });
  expect((await desk.run('account.create', accountOf('bob'))).state).toBe('done');
});
afterAll(() => pair.close());
beforeEach(async () => {
  await vi.waitFor(async () => expect(await unverified()).toEqual([]), { timeout: 10_000, interval: 100 });
  seen = await counted(callsOf, aboutBob);
  before = await counted(effectsOf);
});

/** What was done is read back a little later, which is a call too. */
async function unverified(): Promise<readonly string[]> {
  const all = await pair.core.operations.list({ limit: 100 });
  return all.filter((one) => one.verifiedAt === undefined && one.state === 'done').map((one) => one.id);
}

async function counted<T>(
  read: (sim: TestPair['m1']) => Promise<readonly T[]>,
  wanted: (one: T) => boolean = () => true,
): Promise<Readonly<Record<string, number>>> {
  return { m1: (await read(pair.m1)).filter(wanted).length, m2: (await read(pair.m2)).filter(wanted).length };
}

/** Probes of a master are about nobody. */
function aboutBob(call: Awaited<ReturnType<typeof callsOf>>[number]): boolean {
  return call.args.some(([, value]) => value === 'bob');
}

const long = { door: 'portal', graceMs: 60_000 } as const;
const suspend = (more: object = long) => desk.accept('account.suspend', { account: 'bob' }, more);
const done = async () =>
  (await effectsOf(pair.m1))
    .slice(before['m1'])
    .map((one) => one.fn)
    .filter((fn) => fn !== 'batch');

describe('while a change can be undone', () => {
  it('no master is asked anything, and undone it never is', async () => {
    const { id } = await suspend();
    await new Promise((over) => setTimeout(over, 1000));
    expect(await counted(callsOf, aboutBob)).toEqual(seen);
    const view = await pair.core.operations.get(id);
    expect(view?.state).toBe('accepted');
    expect(view?.canWithdraw).toBe(true);
    expect(view?.legs[0]?.waitsFor?.sentence).toMatch(
      /^it can be undone until \d\d:\d\d:\d\d UTC, and nothing is sent/,
    );
    const undone = await pair.core.operations.withdraw(id, root);
    expect(undone.state).toBe('withdrawn');
    expect(Date.parse(undone.decidedAt ?? '')).toBeLessThan(Date.parse(undone.graceUntil ?? ''));
    // What comes after it goes on, and does not find the account suspended.
    expect((await desk.run('account.change-package', { account: 'bob', plan: 'silver' })).state).toBe('done');
    expect(await done()).toEqual(['changepackage']);
  });

  it('it begins by itself when the time is over', async () => {
    const { id } = await suspend({ door: 'portal', graceMs: 500 });
    expect(await counted(callsOf, aboutBob)).toEqual(seen);
    expect((await desk.final(id)).state).toBe('done');
    expect((await desk.run('account.unsuspend', { account: 'bob' })).state).toBe('done');
    expect(await done()).toEqual(['suspendacct', 'unsuspendacct']);
  });

  it('a program that comes after it does not wait, and keeps its place behind it', async () => {
    const { id } = await suspend();
    const next = await desk.accept('account.unsuspend', { account: 'bob' }, { door: 'passthrough' });
    expect((await desk.final(next.id)).state).toBe('done');
    expect((await pair.core.operations.get(id))?.state).toBe('done');
    expect(await done()).toEqual(['suspendacct', 'unsuspendacct']);
    await expect(pair.core.operations.withdraw(id, root)).rejects.toThrow('it was sent to a master already');
  });

  it('what else a person asks for has its own time, and the first can still be undone alone', async () => {
    const first = await suspend();
    const second = await desk.accept('account.change-package', { account: 'bob', plan: 'gold' }, long);
    const third = await desk.accept('package.edit', { name: 'gold', quotaMb: 700 }, long);
    expect(await counted(effectsOf)).toEqual(before);
    await pair.core.operations.withdraw(first.id, root);
    expect((await pair.core.operations.get(second.id))?.state).toBe('accepted');
    // The package's next change stands behind the account's, and that one behind nothing any more.
    const program = await desk.accept('package.edit', { name: 'gold', quotaMb: 800 }, { door: 'cli' });
    for (const one of [second, third, program]) expect((await desk.final(one.id)).state).toBe('done');
    expect(await done()).toEqual(['changepackage', 'editpkg', 'editpkg']);
  });

  it('what cannot be put back is not held', async () => {
    const { id } = await desk.accept('package.add', { name: 'iron' }, long);
    expect((await pair.core.operations.get(id))?.graceUntil).toBeUndefined();
    expect((await desk.final(id)).state).toBe('done');
  });

  it('a worker that is killed meanwhile loses nothing, and begins nothing early', async () => {
    await pair.worker?.close();
    const { id } = await suspend({ door: 'portal', graceMs: 1200 });
    const other = await pair.another();
    await new Promise((over) => setTimeout(over, 500));
    expect(await counted(effectsOf)).toEqual(before);
    expect((await desk.final(id)).state).toBe('done');
    await other.close();
  });
});
