import { type Dispatcher, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whm } from '../../../src/whm/call.ts';
import { type MasterPool, openMasterPool } from '../../../src/whm/connection.ts';
import { certificate, startMaster, type TestMaster } from './test-master.ts';

let master: TestMaster;
let connections: MasterPool;

function open(idleMs: number): MasterPool {
  const tls = { kind: 'ca', pem: certificate('ca') } as const;
  const where = { hostname: 'm1.test', connect: '127.0.0.1', port: master.port, tls };
  return openMasterPool({ ...where, connectTimeoutMs: 5000, idleMs }, 1);
}

async function ask(): Promise<void> {
  // Cast: undici's request needs no more of it.
  const { body } = await request('https://localhost/', {
    dispatcher: connections.pool as Dispatcher,
    method: 'POST',
  });
  await body.text();
}

beforeEach(async () => {
  master = await startMaster();
});
afterEach(async () => {
  await connections.destroy();
  await master[Symbol.asyncDispose]();
});

describe('a kept connection', () => {
  it('is closed when nobody used it for the set time, so that a dead one is not met later', async () => {
    connections = open(100);
    await ask();
    expect(master.connections().open).toBe(1);
    await vi.waitFor(() => expect(master.connections().open).toBe(0));
  });

  it('serves the next call before that, and is not closed under a call that takes longer', async () => {
    connections = open(400);
    await ask();
    master.answer = (response) => setTimeout(() => response.end('{}'), 800);
    await ask();
    expect(master.connections().accepted).toBe(1);
  });

  it('that the master has closed meanwhile is replaced, and the call is sent once', async () => {
    connections = open(5000);
    let first: { destroy(): unknown } | undefined;
    master.answer = (response, _request, socket) => {
      first ??= socket;
      response.end('{}');
    };
    await ask();
    first?.destroy();
    await vi.waitFor(() => expect(master.connections().open).toBe(0));
    await ask();
    expect(master.connections().accepted).toBe(2);
    expect(master.requests).toHaveLength(2);
  });
});

describe('a call whose connection is lost', () => {
  it('is sent once, however many wait behind it', async () => {
    connections = open(5000);
    const client = master.client({ concurrency: 1 });
    master.answer = (response, request, socket) =>
      request.body.includes('user=a') ? socket.destroy() : response.end('{"metadata":{"result":1}}');
    const calls = ['a', 'b', 'c', 'a', 'd'].map((user) => client.call(whm('accountsummary', { user })));
    const kinds = (await Promise.all(calls)).map((outcome) => outcome.kind);
    expect(kinds).toEqual(['in-doubt', 'done', 'done', 'in-doubt', 'done']);
    expect(master.requests).toHaveLength(5);
  });
});

describe('a call that is answered', () => {
  it('tells so once, before the answer is read, so that the next one leaves first', async () => {
    connections = open(5000);
    const client = master.client({ concurrency: 1 });
    const happened: string[] = [];
    const call = whm('version', {});
    const second = new Promise<void>((resolve) => {
      const answered = (): void => {
        happened.push('answered');
        void client.call(call).then(() => resolve());
      };
      master.answer = (response) => {
        happened.push('asked');
        response.end('{"data":{},"metadata":{"version":1,"command":"x","result":1,"reason":"OK"}}');
      };
      void client.call(call, { answered }).then(() => happened.push('read'));
    });
    await second;
    expect(happened.filter((what) => what === 'answered')).toHaveLength(1);
    expect(happened.indexOf('answered')).toBeLessThan(happened.indexOf('read'));
    expect(master.connections().most).toBe(1);
  });

  it('tells so too when no answer comes', async () => {
    connections = open(5000);
    master.answer = (_response, _request, socket) => master.reset(socket);
    let times = 0;
    const outcome = await master.client().call(whm('version', {}), { answered: () => (times += 1) });
    expect([outcome.kind, times]).toEqual(['in-doubt', 1]);
  });
});
