import { once } from 'node:events';
import https from 'node:https';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MasterAgent } from '../../../src/whm/connection.ts';
import { certificate, startMaster, type TestMaster } from './test-master.ts';

let master: TestMaster;
let agent: MasterAgent;

function open(idleMs: number): MasterAgent {
  return new MasterAgent({
    hostname: 'm1.test',
    connect: '127.0.0.1',
    port: master.port,
    tls: { kind: 'ca', pem: certificate('ca') },
    connectTimeoutMs: 5000,
    idleMs,
  });
}

async function ask(): Promise<void> {
  const request = https.request({ agent, host: 'm1.test', port: master.port, path: '/', method: 'POST' }).end();
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
}

beforeEach(async () => {
  master = await startMaster();
});
afterEach(async () => {
  agent.destroy();
  await master[Symbol.asyncDispose]();
});

describe('a connection that nobody uses', () => {
  it('is closed after the set time, so that a dead one is not met later', async () => {
    agent = open(100);
    await ask();
    expect(master.connections().open).toBe(1);
    await vi.waitFor(() => expect(master.connections().open).toBe(0));
  });

  it('is kept for the next call before that, and not closed under a call that takes longer', async () => {
    agent = open(400);
    await ask();
    master.answer = (response) => setTimeout(() => response.end('{}'), 800);
    await ask();
    expect(master.connections().accepted).toBe(1);
  });
});
