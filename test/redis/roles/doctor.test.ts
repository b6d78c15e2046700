import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../../../src/roles/doctor.ts';
import { whm } from '../../../src/whm/call.ts';
import { fault, startPair, type TestPair } from '../../support/pair.ts';
import { startRedis } from '../../support/redis.ts';

let pair: TestPair;
beforeEach(async () => {
  pair = await startPair();
});
afterEach(() => pair.close());

async function checks(redisUrl: string | undefined) {
  const found = await doctor(pair.core, redisUrl);
  return Object.fromEntries(found.map(({ check, ...rest }) => [check, rest]));
}

describe('doctor', () => {
  it('looks at journal, workers and every master', async () => {
    const found = await checks(undefined);
    expect(found).toMatchObject({
      workers: { state: 'ok', sentence: '1 worker lives.' },
      'key file': { state: 'ok' },
      'master m1': { state: 'ok' },
      'addresses m1': { state: 'ok' },
      'uids m2': { state: 'ok' },
      'certificate m1': { state: 'ok' },
      'clock m2': { state: 'ok' },
      'mark m2': { state: 'ok' },
      redis: { state: 'warning' },
    });
    expect(Object.values(found).filter((c) => c.state === 'failed')).toEqual([]);
  });

  it('says of a master that is away only that, and of the other everything', async () => {
    await fault(pair.m2, { kind: 'down' });
    const found = await checks(undefined);
    expect(found['master m2']).toMatchObject({ state: 'failed', hint: expect.stringContaining('firewall') });
    expect(Object.keys(found).filter((check) => check.endsWith(' m2'))).toEqual(['master m2']);
    expect(found['certificate m1']?.state).toBe('ok');
  });

  it('finds an account in the range that the journal will give away', async () => {
    const account = { username: 'old', domain: 'old.example', password: 'Sturdy-horse-42', uid: '200050' };
    expect(await pair.core.clients.get('m1')?.call(whm('createacct', account))).toMatchObject({ kind: 'done' });
    const found = await checks(undefined);
    expect(found['uids m1']).toMatchObject({ state: 'failed', sentence: expect.stringContaining('old (200050)') });
    expect(found['uids m2']?.state).toBe('ok');
  });

  it('asks Redis itself', async () => {
    const server = await startRedis();
    try {
      expect((await checks(server.url))['redis']).toMatchObject({ state: 'ok', sentence: 'Redis answers.' });
    } finally {
      await server.stop();
    }
    expect((await checks('redis://127.0.0.1:1'))['redis']).toMatchObject({ state: 'warning' });
  });

  it('says when no worker lives', async () => {
    await pair.worker?.close();
    await vi.waitFor(async () =>
      expect((await checks(undefined))['workers']).toMatchObject({ state: 'failed', sentence: 'No worker lives.' }),
    );
  });
});
