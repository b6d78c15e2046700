import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAuth } from '../../../src/auth/auth.ts';
import { authJournal, type Core } from '../../../src/roles/core.ts';
import { startPair, type TestPair } from '../../support/pair.ts';

let pair: TestPair;
let other: Core;
beforeAll(async () => {
  pair = await startPair({ worker: false });
  other = (await pair.another({ worker: false })).core;
});
afterAll(() => pair.close());

it('what one process changes about a token is true for the next look of another', async () => {
  const { auth } = pair.core;
  const { token, info } = await auth.tokenCreate({ owner: 'root', label: 'shared', acl: ['all'] });
  // Looked at often enough that whatever may be kept of it is kept.
  for (let n = 0; n < 5; n += 1) expect(await other.auth.tokenCheck(token)).toMatchObject({ acl: ['all'] });
  await auth.tokenUpdate(info.id, { acl: ['read'], addresses: ['192.0.2.7'] });
  expect(await other.auth.tokenCheck(token, { address: '192.0.2.7' })).toMatchObject({ acl: ['read'] });
  expect(await other.auth.tokenCheck(token, { address: '192.0.2.8' })).toBeUndefined();
  await auth.tokenUpdate(info.id, { addresses: [] });
  expect(await other.auth.tokenCheck(token)).toBeDefined();
  await auth.tokenRevoke(info.id);
  expect(await other.auth.tokenCheck(token)).toBeUndefined();
  expect(await auth.tokenCheck(token)).toBeUndefined();
});

it('a token that is used from two addresses in turn stands each time for one at its own', async () => {
  const { auth } = pair.core;
  const { token } = await auth.tokenCreate({ owner: 'root', acl: ['all'] });
  for (const address of ['192.0.2.7', '192.0.2.8', '192.0.2.8', '192.0.2.7'])
    expect(await auth.tokenCheck(token, { address })).toMatchObject({ acl: ['all'], address });
  expect(await auth.tokenCheck(token)).not.toHaveProperty('address');
});

it('a token that was asked for before it was made is known afterwards, and expires by the clock', async () => {
  const { auth } = pair.core;
  expect(await other.auth.tokenCheck('A'.repeat(64))).toBeUndefined();
  const { token } = await auth.tokenCreate({ owner: 'root', acl: ['all'], expiresAt: Date.now() + 400 });
  expect(await other.auth.tokenCheck(token)).toBeDefined();
  await expect.poll(() => other.auth.tokenCheck(token)).toBeUndefined();
});

it('where the journal cannot tell of changes a token ends at once in the process that ends it, and soon in others', async () => {
  const { journal, deps } = pair.core;
  const { read, write } = authJournal(journal);
  const [here, there] = [0, 1].map(() => openAuth({ journal: { read, write }, seal: deps.seal }));
  if (here === undefined || there === undefined) throw new Error('two were opened');
  const { token, info } = await here.tokenCreate({ owner: 'root', acl: ['all'] });
  for (let n = 0; n < 5; n += 1)
    expect([await here.tokenCheck(token), await there.tokenCheck(token)]).not.toContain(undefined);
  const begun = Date.now();
  const underWay = Array.from({ length: 20 }, () => here.tokenCheck(token));
  await here.tokenRevoke(info.id);
  expect(await here.tokenCheck(token)).toBeUndefined();
  await Promise.all(underWay);
  expect(await here.tokenCheck(token)).toBeUndefined();
  await expect.poll(() => there.tokenCheck(token), { interval: 20 }).toBeUndefined();
  // By its clock it may believe for half a second; the rest is a busy machine.
  expect(Date.now() - begun).toBeLessThan(5000);
});
