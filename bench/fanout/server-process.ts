/**
 * One local TLS server in its own process. Answers 20 ms after it has read a request, and notes every call.
 * Arguments: JSON of ServerArgs. Messages: reset, count, log; each is answered with its own kind.
 */
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { LoggedCall } from './call-log.ts';
import { ServerState } from './server-state.ts';
import type { ServerArgs, ServerMessage, ServerReply } from './servers.ts';

const args = JSON.parse(process.argv[2] ?? '') as ServerArgs;
const state = new ServerState();
let log: LoggedCall[] = [];
let effects = 0;
let busy = 0;
let mostBusy = 0;

function tell(reply: ServerReply): void {
  process.send?.(reply);
}

function respond(response: ServerResponse, path: string, body: string, read: number): void {
  const { text, ok, account, effect } = state.answer(path, body);
  if (effect !== undefined) effects++;
  busy--;
  log.push({ path, body, account, read, answered: performance.now(), ok, ...(effect === undefined ? {} : { effect }) });
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const read = performance.now();
    mostBusy = Math.max(mostBusy, ++busy);
    // The effect happens with the answer, as with a real server whose work takes the time.
    setTimeout(respond, args.answerMs, response, request.url ?? '', Buffer.concat(chunks).toString('utf8'), read);
  });
}

const server = createServer({ cert: args.cert, key: args.key, keepAlive: true }, onRequest);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') tell({ kind: 'ready', port: address.port });
});

process.on('message', (message: ServerMessage) => {
  switch (message.kind) {
    case 'reset':
      state.reset();
      log = [];
      effects = 0;
      mostBusy = 0;
      return tell({ kind: 'reset' });
    case 'count':
      return tell({ kind: 'count', effects, mostBusy });
    case 'log':
      writeFileSync(message.file, JSON.stringify(log));
      return tell({ kind: 'log' });
  }
});
process.on('disconnect', () => process.exit(0));
