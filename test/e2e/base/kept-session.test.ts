import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { afterEach, expect, it } from 'vitest';
import { keptSession } from '../../../src/routes/shared/kept-session.ts';

/** A store that keeps nothing until it is let. */
class SlowStore extends session.MemoryStore {
  readonly waiting: (() => void)[] = [];

  override set(sid: string, data: session.SessionData, callback?: (error?: unknown) => void): void {
    this.waiting.push(() => super.set(sid, data, callback));
  }
}

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function site(store: session.Store): Promise<(path: string, cookie?: string) => Promise<IncomingMessage>> {
  const app = express();
  app.use(keptSession({ secret: 'x', store, resave: false, saveUninitialized: false, rolling: true }));
  app.get('/change', (request, response) => {
    request.session.domain = 'bob.example';
    response.redirect(303, '/');
  });
  app.get('/', (request, response) => void response.send(request.session.domain ?? 'none'));
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  // Cast: it listens on a port.
  const { port } = server.address() as AddressInfo;
  return async (path, cookie = '') => {
    const asked = send({ host: '127.0.0.1', port, path, headers: { cookie } });
    asked.end();
    // Cast: what Node gives with this event.
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return text;
}

it('the head of an answer waits until the session is kept, so whoever it leads on finds what was changed', async () => {
  const store = new SlowStore();
  const ask = await site(store);
  let isLed = false;
  const led = ask('/change').then((answer) => {
    isLed = true;
    return answer;
  });
  while (store.waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
  // A round trip that needs no store: had the head been sent, it would be here.
  await textOf(await ask('/'));
  expect(isLed).toBe(false);
  // What express-session writes again is let through at once.
  const letAll = setInterval(() => {
    for (const go of store.waiting.splice(0)) go();
  }, 1);
  const answer = await led;
  const cookie = String(answer.headers['set-cookie']?.[0] ?? '').split(';')[0];
  expect(await textOf(await ask('/', cookie))).toBe('bob.example');
  clearInterval(letAll);
});

it('an answer that changed nothing is not held back', async () => {
  const store = new SlowStore();
  const ask = await site(store);
  expect(await textOf(await ask('/'))).toBe('none');
  expect(store.waiting).toEqual([]);
});

it('a session that cannot be kept is an error, not an answer as if it were', async () => {
  class FullStore extends session.MemoryStore {
    override set(_sid: string, _data: session.SessionData, callback?: (error?: unknown) => void): void {
      setImmediate(() => callback?.(new Error('the disk is full')));
    }
  }
  const ask = await site(new FullStore());
  const answer = await ask('/change');
  expect([answer.statusCode, answer.headers.location]).toEqual([500, undefined]);
  await textOf(answer);
});
