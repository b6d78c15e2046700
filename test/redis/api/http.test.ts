import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Blocked, Invalid, Refused, Unreachable } from '../../../src/errors.ts';
import { openApi } from './desk.ts';

let api: Awaited<ReturnType<typeof openApi>>;
beforeEach(async () => {
  api = await openApi();
});
afterEach(async () => {
  await api.close();
});

function post(path: string, body: unknown, more: RequestInit & { readonly token?: string } = {}) {
  return api.ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...more });
}

const suspend = { action: 'account.suspend', params: { account: 'bob' } };

describe('signing in', () => {
  it.each(['', 'WRONG', 'constructor'])('with the token “%s” is 401, whatever is asked', async (token) => {
    for (const path of ['/status', '/operations', '/operations/01bob', '/accounts', '/actions']) {
      const response = await api.ask(`/api/v1${path}`, { token });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'auth.not-signed-in' } });
    }
    expect((await post('/api/v1/operations', suspend, { token })).status).toBe(401);
    expect(api.accepted).toEqual([]);
  });

  it('is not needed for the description and for health', async () => {
    expect(await (await api.ask('/api/v1/openapi.json', { token: '' })).json()).toMatchObject({
      openapi: '3.1.0',
      info: { version: '1.2.3' },
    });
    expect(await (await api.ask('/healthz', { token: '' })).json()).toMatchObject({ ok: true, light: 'behind' });
  });

  it('never puts the token into the log', async () => {
    await api.ask('/api/v1/status', { token: 'Hunter2' });
    expect(api.log.entries.length).toBe(1);
    expect(api.log.text()).not.toContain('Hunter2');
  });
});

describe('accepting', () => {
  it('answers 202 with the place of the operation, and passes the key on', async () => {
    const response = await post('/api/v1/operations', suspend, { headers: { 'idempotency-key': 'k1' } });
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/api/v1/operations/01bob');
    expect(await response.json()).toMatchObject({ id: '01bob', state: 'accepted' });
    expect(api.accepted).toMatchObject([{ ...suspend, door: 'api', idempotencyKey: 'k1', actor: { name: 'root' } }]);
  });

  it('waits for the decision when told to', async () => {
    const response = await post('/api/v1/operations?wait=5', suspend);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ state: 'done' });
    expect(api.waits).toEqual([5000]);
  });

  it.each([
    [{ action: 'no.such', params: {} }, 'action'],
    [{ action: 'account.suspend', params: {} }, 'account'],
    [{ action: 'account.suspend', params: { account: 'bob', extra: 1 } }, ''],
    [{ action: 'account.suspend', params: { account: 'b b' } }, 'account'],
    [{ ...suspend, surprise: true }, ''],
    [{ action: 7 }, 'action'],
  ])('%j is 422 with an issue', async (body, path) => {
    const response = await post('/api/v1/operations', body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ error: { code: 'input.invalid', issues: [{ path }] } });
    expect(api.accepted).toEqual([]);
  });

  it.each([
    ['{', 400],
    ['7', 400],
    [`{"action":"${'x'.repeat(300_000)}"}`, 413],
  ])('a body that is no proper JSON or too large is refused as JSON', async (body, expected) => {
    const response = await post('/api/v1/operations', body);
    expect(response.status).toBe(expected);
    expect(await response.json()).toMatchObject({ error: { code: 'input.invalid' } });
  });

  it.each([
    ['READER', { account: 'bob' }],
    ['BOB', { account: 'eve' }],
    ['BOB', { account: 'bob' }],
  ])('%s may not suspend %j', async (token, params) => {
    const response = await post('/api/v1/operations', { action: 'account.suspend', params }, { token });
    expect(response.status).toBe(403);
    expect(api.accepted).toEqual([]);
  });

  it.each([
    [new Invalid('no', [{ path: 'a', message: 'b' }]), 422],
    [new Refused('no', { hint: 'do this' }), 409],
    [new Blocked('no'), 409],
    [new Unreachable('no'), 503],
    [new TypeError('secret detail'), 500],
  ])('%o becomes %d in the one shape of errors', async (error, expected) => {
    api.fail(error);
    const response = await post('/api/v1/operations', suspend);
    expect(response.status).toBe(expected);
    const body = await response.text();
    expect(JSON.parse(body)).toHaveProperty('error.code');
    expect(body).not.toContain('secret detail');
  });
});

describe('looking', () => {
  it('shows an account its own operations; the others do not exist', async () => {
    expect(await (await api.ask('/api/v1/operations', { token: 'BOB' })).json()).toMatchObject({
      operations: [{ id: '01bob' }],
    });
    expect((await api.ask('/api/v1/operations/01bob', { token: 'BOB' })).status).toBe(200);
    expect((await api.ask('/api/v1/operations/01eve', { token: 'BOB' })).status).toBe(404);
    expect((await api.ask('/api/v1/operations/01eve?wait=5', { token: 'BOB' })).status).toBe(404);
    expect(api.waits).toEqual([]);
  });

  it.each(['?state=nope', '?limit=0', '?limit=x', '?surprise=1'])('refuses the filter %s', async (query) => {
    expect((await api.ask(`/api/v1/operations${query}`)).status).toBe(422);
  });

  it('answers unknown addresses with JSON', async () => {
    const response = await api.ask('/api/v2/nope');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('deciding', () => {
  it('takes a choice and a withdrawal', async () => {
    expect(
      await (await post('/api/v1/operations/01bob/choices', { master: 'm2', choice: 'retry' })).json(),
    ).toMatchObject({ id: '01bob' });
    expect(await (await post('/api/v1/operations/01bob/withdraw', {})).json()).toMatchObject({ state: 'withdrawn' });
    expect((await post('/api/v1/operations/01bob/choices', { master: 'm2', choice: 'nope' })).status).toBe(422);
  });

  it.each(['BOB', 'READER'])('is not for %s', async (token) => {
    expect((await post('/api/v1/operations/01bob/choices', { master: 'm2', choice: 'skip' }, { token })).status).toBe(
      403,
    );
    expect((await post('/api/v1/operations/01bob/withdraw', {}, { token })).status).toBe(403);
  });
});

describe('a parked master', () => {
  it('goes on at the word of a token, which gets the state of the pair', async () => {
    const response = await post('/api/v1/masters/m2/resume', {});
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ light: 'behind' });
    expect(api.resumed).toEqual(['root m2']);
  });

  it('and one that is not parked is a conflict', async () => {
    const response = await post('/api/v1/masters/m1/resume', {});
    expect([response.status, await response.json()]).toMatchObject([409, { error: { message: 'm1 is not parked' } }]);
    expect((await post('/api/v1/masters/m2/resume', {}, { token: '' })).status).toBe(401);
    expect(api.resumed).toEqual([]);
  });
});

describe('numbers', () => {
  it('say how the pair is, and how long an operation took, once', async () => {
    for (const listener of [...api.listeners, ...api.listeners]) listener('01bob');
    const text = await (await api.ask('/metrics', { token: '' })).text();
    for (const line of [
      'tandem_journal_up 1',
      'tandem_redis_up 1',
      'tandem_workers 2',
      'tandem_legs_held 1',
      'tandem_drift 4',
      'tandem_light 1',
      'tandem_master_up{master="m1"} 1',
      'tandem_master_up{master="m2"} 0',
      'tandem_master_breaker{master="m2",state="open"} 1',
      'tandem_master_breaker{master="m2",state="closed"} 0',
      'tandem_master_breaker{master="m1",state="closed"} 1',
      'tandem_master_info{master="m1",version="11.134.0.20"} 1',
      'tandem_legs{master="m1",state="waiting"} 2',
      'tandem_oldest_leg_seconds{master="m1"} 90',
      'tandem_master_state_since_seconds{master="m1"} 1767225600',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toContain('tandem_operation_decided_seconds_sum{action="account.suspend",state="done"} 2');
    expect(text).toContain('tandem_operation_decided_seconds_count{action="account.suspend",state="done"} 1');
  });

  it('health is 503 when the journal cannot be read', async () => {
    api.loseJournal();
    expect((await api.ask('/healthz', { token: '' })).status).toBe(503);
  });

  it('are still given without the journal, and say so', async () => {
    await api.ask('/metrics', { token: '' });
    api.loseJournal();
    const response = await api.ask('/metrics', { token: '' });
    expect(response.status).toBe(200);
    expect((await response.text()).split('\n')).toContain('tandem_journal_up 0');
  });

  it('health tells figures, and no names of hosts', async () => {
    const health = await (await api.ask('/healthz', { token: '' })).json();
    expect(health).toEqual({
      ok: true,
      light: 'behind',
      sentence: 'M2 is behind.',
      workers: 2,
      redis: 'up',
      open: 3,
      held: 1,
      drift: 4,
      masters: [
        { id: 'm1', state: 'reachable', backlog: 3, oldest: '2026-01-01T00:00:00.000Z' },
        { id: 'm2', state: 'unreachable', backlog: 3, oldest: '2026-01-01T00:00:00.000Z' },
      ],
    });
  });

  it('closing stops following the operations', async () => {
    expect(api.listeners.size).toBe(1);
    await api.close();
    expect(api.listeners.size).toBe(0);
    api = await openApi();
  });
});
