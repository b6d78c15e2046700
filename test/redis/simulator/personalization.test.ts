import { describe, expect, test } from 'vitest';
import { whm, whmJson } from '../../../src/whm/call.ts';
import { openWhmClient, type WhmClient } from '../../../src/whm/client.ts';
import { testLog } from '../../support/log.ts';
import { useSimulator } from './core-harness.ts';

const on = useSimulator();

async function withClient<R>(work: (client: WhmClient) => Promise<R>): Promise<R> {
  const { hostname, port } = new URL(on.sim.whmUrl);
  const client = openWhmClient(
    {
      id: 'm1',
      hostname: 'm1.example.net',
      connect: hostname,
      port: Number(port),
      credentials: { kind: 'token', user: 'root', token: on.sim.rootToken },
      tls: { kind: 'ca', pem: on.sim.ca },
      concurrency: 2,
    },
    { log: testLog().log },
  );
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const get = whmJson('personalization_get', { store: 'tandem', names: ['mark', 'other'] });
const set = whmJson('personalization_set', { store: 'tandem', personalization: { mark: 'A b&c' } });

describe('values that a WHM user keeps on the server', () => {
  test('are read as they were set, and stay over a restart', async () => {
    await withClient(async (client) => {
      expect(await client.call(set)).toMatchObject({
        kind: 'done',
        data: { personalization: { mark: { success: 1, value: 'A b&c' } } },
      });
    });
    await on.restart();
    await withClient(async (client) => {
      expect(await client.call(get)).toMatchObject({
        kind: 'done',
        data: { personalization: { mark: { success: 1, value: 'A b&c' }, other: { success: 1, value: '' } } },
      });
      const elsewhere = whmJson('personalization_get', { names: ['mark'] });
      expect(await client.call(elsewhere)).toMatchObject({ data: { personalization: { mark: { value: '' } } } });
    });
  });

  test('are only taken from a JSON body', async () => {
    await withClient(async (client) => {
      const form = whm('personalization_set', { store: 'tandem', personalization: '{"mark":"x"}' });
      expect(await client.call(form)).toMatchObject({ kind: 'refused' });
      expect(await client.call(whmJson('personalization_set', { personalization: 'x' }))).toMatchObject({
        kind: 'refused',
        reason: 'The “personalization” parameter must be a JSON object.',
      });
      expect(await client.call(get)).toMatchObject({ data: { personalization: { mark: { value: '' } } } });
    });
  });

  test('have names and lengths that fit', async () => {
    await withClient(async (client) => {
      const personalization = { 'no good': 'x', long: 'x'.repeat(3000), fine: 'x' };
      expect(await client.call(whmJson('personalization_set', { personalization }))).toMatchObject({
        data: { personalization: { 'no good': { success: 0 }, long: { success: 0 }, fine: { success: 1 } } },
      });
    });
  });
});
