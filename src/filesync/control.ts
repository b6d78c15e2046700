import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { AppError, Invalid, messageOf } from '../errors.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Agent } from './agent.ts';
import { controlSocket } from './ask.ts';
import { commands } from './commands.ts';
import { type Reply, request } from './question.ts';
import type { Settings } from './settings.ts';

/** The agent's local socket: one line of JSON each way. It lies in a folder that only root may enter. */

async function answer(agent: Agent, line: string): Promise<Reply> {
  try {
    const { verb, putBack, bytes, ...asked } = request.parse(JSON.parse(line));
    const rest = bytes ? asked.rest : asked.rest.map((word) => Buffer.from(word).toString('latin1'));
    const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
    if (command === undefined) throw new Invalid(`“${verb}” is no command of file sync`);
    return { exit: 0, ...(await command(agent, { rest, putBack })) };
  } catch (error) {
    const exit =
      error instanceof AppError && error.code === 'operation.refused' ? 3 : error instanceof AppError ? 2 : 1;
    return { text: '', error: messageOf(error), exit };
  }
}

function serve(agent: Agent, socket: Socket): void {
  let text = '';
  socket.setTimeout(600_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.length > 100_000) socket.destroy();
    const end = text.indexOf('\n');
    if (end < 0) return;
    const line = text.slice(0, end);
    text = '';
    answer(agent, line)
      .then((said) => socket.end(`${JSON.stringify(said)}\n`))
      .catch((error: unknown) => socket.destroy(error instanceof Error ? error : undefined));
  });
}

/** Opens the socket until the agent ends. */
export async function serveControl(agent: Agent, settings: Settings, lifecycle: Lifecycle): Promise<void> {
  const path = controlSocket(settings.stateDir);
  rmSync(path, { force: true });
  const server = createServer((socket) => serve(agent, socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  lifecycle.onClose('control socket', () => server.close());
}
