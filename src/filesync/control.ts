import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { z } from 'zod';
import { AppError, Invalid, messageOf, Unreachable } from '../errors.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Agent } from './agent.ts';
import { commands } from './commands.ts';
import type { Settings } from './settings.ts';

/** The agent's local socket: one line of JSON each way. It lies in a folder that only root may enter. */

const request = z.strictObject({
  verb: z.string().max(40),
  rest: z.array(z.string().max(8192)).max(10),
  putBack: z.boolean().default(false),
});
export type Request = z.input<typeof request>;

const reply = z.strictObject({
  text: z.string(),
  json: z.unknown().optional(),
  exit: z.int().min(0).max(255),
  error: z.string().optional(),
});
export type Reply = z.output<typeof reply>;

function socketOf(settings: Settings): string {
  return `${settings.stateDir}/control.sock`;
}

async function answer(agent: Agent, line: string): Promise<Reply> {
  try {
    const { verb, rest, putBack } = request.parse(JSON.parse(line));
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
  const path = socketOf(settings);
  rmSync(path, { force: true });
  const server = createServer((socket) => serve(agent, socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  lifecycle.onClose('control socket', () => server.close());
}

/** Asks the agent that runs here. Throws Unreachable when none does. */
export function ask(settings: Settings, asked: Request): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketOf(settings));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.once('error', (cause) =>
      reject(
        new Unreachable('the agent of this master does not run', { cause, hint: 'systemctl status tandem-filesync' }),
      ),
    );
    socket.once('end', () => {
      try {
        resolve(reply.parse(JSON.parse(text)));
      } catch (cause) {
        reject(new Unreachable('the agent gave no answer', { cause }));
      }
    });
    socket.write(`${JSON.stringify(asked)}\n`);
  });
}
