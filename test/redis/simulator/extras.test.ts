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

test('a list of a thousand accounts is made in a few milliseconds', async () => {
  for (let n = 0; n < 1000; n += 1) {
    const args = Object.entries({ ...bob, username: `u${n}`, domain: `u${n}.example`, spf: '0', dkim: '0' });
    const caller = { kind: 'root', user: 'root', acls: new Set(['all']), address: '127.0.0.1' } as const;
    on.sim.engine.run({ api: 'whm', fn: 'createacct', user: '', args, caller }, n);
  }
  const times: number[] = [];
  for (let n = 0; n < 15; n += 1) {
    const from = performance.now();
    const heard = (await on.whm('listaccts')) as { data: { acct: readonly unknown[] } };
    times.push(performance.now() - from);
    expect(heard.data.acct).toHaveLength(1000);
  }
  const median = times.toSorted((a, b) => a - b)[7] ?? 0;
  // With transport and parsing on a busy machine; the server's own part is a fifth of it.
  expect(median).toBeLessThan(60);
});
