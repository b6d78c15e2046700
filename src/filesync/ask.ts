import { connect } from 'node:net';
import { Unreachable } from '../errors.ts';
import { type Reply, type Request, reply } from './question.ts';

/** Where an agent listens to commands. */
export function controlSocket(stateDir: string): string {
  return `${stateDir}/control.sock`;
}

/** Asks the agent that runs here. Throws Unreachable when none does. */
export function ask(stateDir: string, asked: Request): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlSocket(stateDir));
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
