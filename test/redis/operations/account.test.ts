import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

describe('an account created once', () => {
  let pair: TestPair;
  beforeAll(async () => {
    pair = await startPair();
    const pack = await run('package.add', { name: 'gold' });
    expect(pack.state).toBe('done');
  });
  afterAll(() => pair.close());

  function accept(action: string, params: unknown) {
    return pair.core.operations.accept({ action, params, actor: root, door: 'cli' });
  }

  async function run(action: string, params: unknown) {
    const accepted = await accept(action, params);
    return pair.core.operations.wait(accepted.id, 'final', 15_000);
  }

  function account(name: string) {
    return { account: name, domain: `${name}.example`, password: 'Sturdy-horse-42-battery', plan: 'gold' };
  }

  it('is on both masters, with one uid and one DKIM key', async () => {
    const done = await run('account.create', account('bob'));
    expect(done.legs.map((l) => [l.master, l.state, l.error])).toEqual([
      ['m1', 'done', undefined],
      ['m2', 'done', undefined],
    ]);
    expect(done.state).toBe('done');
  });

  it('waits for M2 when it is down, and is there when it is back', async () => {
    await fault(pair.m2, { kind: 'down' });
    const accepted = await accept('account.create', account('eve'));
    const decided = await pair.core.operations.wait(accepted.id, 'decided', 10_000);
    expect(decided.state).toBe('following');
    await heal(pair.m2);
    const done = await pair.core.operations.wait(accepted.id, 'final', 15_000);
    expect(done.state).toBe('done');
    await vi.waitFor(
      async () => expect((await pair.core.operations.get(accepted.id))?.verifiedAt).toBeDefined(),
      10_000,
    );
    expect((await pair.core.reads.status()).drift).toBe(0);
  });

  it('is refused with the words of WHM when it exists, and nothing is left behind', async () => {
    await expect(accept('account.create', account('bob'))).rejects.toThrow(/already/);
  });
});
