import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { AppError, messageOf } from '../../errors.ts';
import { jsonBody, readJson } from '../peers/tls.ts';
import { type CommandInput, type CommandResult, commandSchema, resultSchema } from './schema.ts';

/** The watcher's local door: a Unix socket that only its own user may open. JSON in, JSON out. */

/** No watcher answers on the socket. */
export class NoWatcher extends AppError {
  readonly code = 'watch.not-running';
  readonly retry = 'later';
}

export type Handler = (command: ReturnType<typeof commandSchema.parse>) => Promise<CommandResult>;

/** Writes JSON as the whole answer. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Takes one command off a request and answers it: 400 for what is no command, 500 with the reason for what failed. */
export async function serveCommand(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: Handler,
): Promise<void> {
  const body = await readJson(incoming);
  if (!body.ok) {
    answerJson(response, 400, { error: body.why });
    return;
  }
  const parsed = commandSchema.safeParse(body.value);
  if (!parsed.success) {
    const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
    answerJson(response, 400, { error: what });
    return;
  }
  try {
    answerJson(response, 200, await handle(parsed.data));
  } catch (error) {
    const hint = error instanceof AppError ? error.hint : undefined;
    answerJson(response, 500, { error: messageOf(error), ...(hint === undefined ? {} : { hint }) });
  }
}

/** Opens the door. The folder is locked by then, so a socket that lies there is a killed watcher's. */
export async function openSocket(path: string, handle: Handler): Promise<{ readonly close: () => Promise<void> }> {
  await rm(path, { force: true });
  const server = createServer((incoming, response) => {
    void serveCommand(incoming, response, handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function post(path: string, text: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    // A connection of its own: one kept open would be that of a watcher which has been restarted since.
    const sent = request({ socketPath: path, path: '/', method: 'POST', headers, agent: false }, resolve);
    sent.once('error', reject);
    sent.end(text);
  });
}

const absent = new Set(['ENOENT', 'ECONNREFUSED']);

/** Tells the watcher that runs here. Throws NoWatcher when none does. */
export async function tellWatcher(path: string, command: CommandInput): Promise<CommandResult> {
  let incoming: IncomingMessage;
  try {
    incoming = await post(path, JSON.stringify(command));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (absent.has(code)) throw new NoWatcher('no watcher runs here', { cause: error, hint: 'Start it: tandem watch' });
    throw error;
  }
  const said = await jsonBody(incoming);
  if (incoming.statusCode === 200) return resultSchema.parse(said);
  const reason = typeof said === 'object' && said !== null && 'error' in said ? String(said.error) : 'no reason given';
  throw new NoWatcher(`the watcher could not do it: ${reason}`, { hint: 'See its log.' });
}
