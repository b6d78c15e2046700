import { describe, expect, test } from 'vitest';
import { bob, useSimulator } from './core-harness.ts';

const on = useSimulator();

describe('functions that are not modelled', () => {
  test('their answers are marked', async () => {
    const headers = { authorization: `whm root:${on.sim.rootToken}` };
    const ask = { 'api.version': '1', host: 'x.example' };
    const heard = await on.post('/json-api/cluster_member_has_trust_with', ask, headers);
    expect(heard.headers['x-simulated']).toBe('declared');
    expect(JSON.parse(heard.text)).toMatchObject({ data: { has_trust: 0 }, metadata: { result: 1 } });
    expect((await on.post('/json-api/version', ask, headers)).headers['x-simulated']).toBeUndefined();
    expect(await on.control('GET', 'declared')).toEqual({ functions: { cluster_member_has_trust_with: 1 } });
  });
});

describe('databases behind cPanel', () => {
  test('orders part the server from the map, and the view shows both', async () => {
    await on.whm('createacct', bob);
    expect(await on.control('POST', 'databases', { do: 'create', name: 'bob_shop' })).toEqual({
      server: ['bob_shop'],
      map: {},
    });
    const orders = [
      { do: 'create', name: 'bob_blog' },
      { do: 'map', account: 'bob', databases: ['bob_shop', 'bob_blog'] },
      { do: 'drop', name: 'bob_shop' },
    ];
    expect(await on.control('POST', 'databases', orders)).toEqual({
      server: ['bob_blog'],
      map: { bob_shop: 'bob', bob_blog: 'bob' },
    });
    expect(await on.control('GET', 'databases')).toEqual(await on.control('POST', 'databases', []));
  });

  test('they outlive a restart, and a wrong one changes nothing', async () => {
    const bad = [{ do: 'create', name: 'kept_out' }, { do: 'burn' }];
    expect(await on.control('POST', 'databases', bad)).toHaveProperty('error');
    await on.control('POST', 'databases', { do: 'create', name: 'bob_shop' });
    await on.restart();
    expect(await on.control('GET', 'databases')).toEqual({ server: ['bob_shop'], map: {} });
  });
});

test('what an account uses is said through the control port', async () => {
  await on.whm('createacct', bob);
  await on.control('POST', 'usage', { user: 'bob', diskMb: 14, bandwidthBytes: 352 });
  expect(await on.whm('accountsummary', { user: 'bob' })).toMatchObject({ data: { acct: [{ diskused: '14M' }] } });
  expect(await on.whm('listaccts')).toMatchObject({ data: { acct: [{ diskused: '14M' }] } });
  expect(await on.whm('showbw')).toMatchObject({ data: { totalused: 352, acct: [{ totalbytes: 352 }] } });
  expect(await on.control('POST', 'usage', { user: 'bob', diskMb: -1 })).toHaveProperty('error');
});
