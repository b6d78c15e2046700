import { describe, expect, test } from 'vitest';
import type { Heard } from './core-client.ts';
import { absent, bob, made, PASSWORD, present, useSimulator } from './core-harness.ts';

const on = useSimulator();
const { post, whm, control } = on;

describe('faults', () => {
  test('refuse, busy and denied leave nothing behind, and end after their times', async () => {
    for (const kind of ['refuse', 'busy', 'denied']) {
      await control('POST', 'faults', { function: 'createacct', kind });
      const said = await whm('createacct', bob);
      expect(said).toMatchObject(
        kind === 'denied' ? { cpanelresult: { error: 'Access denied' } } : { metadata: { result: 0 } },
      );
      expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(absent);
    }
    expect(await whm('createacct', bob)).toMatchObject(made);
  });

  test('a connection cut before has no effect, one cut after has', async () => {
    await control('POST', 'faults', { function: 'createacct', kind: 'drop-before' });
    await expect(whm('createacct', bob)).rejects.toThrow();
    expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(absent);
    await control('POST', 'faults', { function: 'createacct', kind: 'drop-after' });
    await expect(whm('createacct', bob)).rejects.toThrow();
    expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(present);
  });

  test('a late effect comes after calls that were made later', async () => {
    await control('POST', 'faults', { function: 'createacct', kind: 'late', ms: 300 });
    await expect(whm('createacct', bob)).rejects.toThrow();
    expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(absent);
    await expect.poll(() => whm('accountsummary', { user: 'bob' }), { timeout: 10_000 }).toMatchObject(present);
  });

  test('an effect is visible before the call is finished', async () => {
    await control('POST', 'faults', { function: 'createacct', kind: 'visible-early', ms: 1500 });
    let finished = false;
    const call = whm('createacct', bob).finally(() => {
      finished = true;
    });
    await expect
      .poll(() => whm('accountsummary', { user: 'bob' }), { timeout: 1400, interval: 20 })
      .toMatchObject(present);
    expect(finished).toBe(false);
    expect(await call).toMatchObject(made);
  });

  test('a refusal after part of the effect leaves that part', async () => {
    await control('POST', 'faults', { function: 'createacct', kind: 'partial' });
    expect(await whm('createacct', bob)).toMatchObject({ metadata: { result: 0 } });
    expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(present);
  });

  test('a call that hangs is cut by the client alone', async () => {
    await control('POST', 'faults', { function: 'version', kind: 'hang' });
    const headers = { authorization: `whm root:${on.sim.rootToken}` };
    const call = on.http.call(`${on.sim.whmUrl}/json-api/version`, 'api.version=1', {
      headers,
      signal: AbortSignal.timeout(400),
    });
    await expect(call).rejects.toThrow(/abort/iu);
  });

  test('5xx, HTML and garbage come as such, with or without the effect', async () => {
    const headers = { authorization: `whm root:${on.sim.rootToken}` };
    const create = (user: string): Promise<Heard> =>
      post('/json-api/createacct', { 'api.version': '1', ...bob, username: user, domain: `${user}.example` }, headers);
    await control('POST', 'faults', { function: 'createacct', kind: 'http-500' });
    expect((await create('amy')).status).toBe(500);
    expect(await whm('accountsummary', { user: 'amy' })).toMatchObject(absent);
    await control('POST', 'faults', { function: 'createacct', kind: 'html', effect: true });
    expect((await create('amy')).text).toMatch(/^<!DOCTYPE html>/u);
    expect(await whm('accountsummary', { user: 'amy' })).toMatchObject({ metadata: { result: 1 } });
    await control('POST', 'faults', { function: 'createacct', kind: 'garbage' });
    const { text } = await create('eve');
    expect(() => JSON.parse(text)).toThrow();
    expect(await whm('accountsummary', { user: 'eve' })).toMatchObject({ metadata: { result: 1 } });
  });

  test('down, the ports refuse connections until it is cleared', async () => {
    await control('POST', 'faults', { kind: 'down' });
    await expect(whm('version')).rejects.toThrow(/ECONNREFUSED/u);
    await control('DELETE', 'faults');
    expect(await whm('version')).toMatchObject({ metadata: { result: 1 } });
  });

  test('down for a time, they come back by themselves', async () => {
    await control('POST', 'faults', { kind: 'down', ms: 200 });
    await expect(whm('version')).rejects.toThrow(/ECONNREFUSED/u);
    await expect
      .poll(() => whm('version').catch(() => 'away'), { timeout: 10_000 })
      .toMatchObject({ metadata: { result: 1 } });
    expect(await control('GET', 'faults')).toEqual({ faults: [] });
  });

  test('a fault that does not exist is refused by the control port', async () => {
    expect(await control('POST', 'faults', { kind: 'flood' })).toMatchObject({
      error: expect.stringContaining('kind'),
    });
  });
});

describe('the control port', () => {
  test('lists calls with arguments, fault and outcome, in order', async () => {
    await control('POST', 'faults', { function: 'createacct', kind: 'refuse', reason: 'not today' });
    await whm('createacct', bob);
    await whm('version');
    const { calls } = (await control('GET', 'calls')) as { calls: readonly { n: number }[] };
    expect(calls).toMatchObject([
      { n: 1, function: 'createacct', fault: 'refuse', outcome: 'refused', reason: 'not today', effect: null },
      { n: 2, function: 'version', fault: null, outcome: 'ok' },
    ]);
    expect(JSON.stringify(calls[0])).toContain(PASSWORD);
    expect(await control('GET', 'calls?after=1')).toMatchObject({ last: 2, calls: [{ n: 2 }] });
  });

  test('gives the whole state and takes another, which outlives a restart', async () => {
    await whm('createacct', bob);
    const before = await control('GET', 'state');
    await whm('removeacct', { username: 'bob' });
    await control('PUT', 'state', before);
    expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(present);
    await on.restart();
    expect(await whm('accountsummary', { user: 'bob' })).toMatchObject(present);
  });
});
