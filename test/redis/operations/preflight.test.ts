import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

describe('pre-flight of an account on a package that M2 has not got yet', () => {
  let pair: TestPair;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair.close());

  it('does not ask M2, which would refuse what it is about to have', async () => {
    const accept = (action: string, params: unknown) =>
      pair.core.operations.accept({ action, params, actor: root, door: 'cli' });
    await fault(pair.m2, { function: 'addpkg', kind: 'busy', times: 3 });
    const added = await accept('package.add', { name: 'silver' });
    const decided = await pair.core.operations.wait(added.id, 'decided', 10_000);
    expect(decided.state).toBe('following');
    const account = await accept('account.create', {
      account: 'sue',
      domain: 'sue.example',
      plan: 'silver',
      password: 'Sturdy-horse-42-battery',
    });
    await heal(pair.m2);
    const done = await pair.core.operations.wait(account.id, 'final', 20_000);
    expect(done.state).toBe('done');
  });
});
