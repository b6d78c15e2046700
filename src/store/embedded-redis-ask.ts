import { Redis } from 'ioredis';

const answerMs = 1_000;

async function ask(socket: string, ...command: readonly [string, ...string[]]): Promise<string | undefined> {
  const client = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => null, commandTimeout: answerMs });
  // The rejection below says the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [name, ...args] = command;
    return String(await client.call(name, ...args));
  } catch {
    // Nobody there, or it hangs up as SHUTDOWN does: no answer is the answer.
    return undefined;
  } finally {
    client.disconnect();
  }
}

/** The process that listens on this socket; undefined when none answers. */
export async function processIdOf(socket: string): Promise<number | undefined> {
  const found = /process_id:(\d+)/.exec((await ask(socket, 'INFO', 'server')) ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Tells the server on this socket to end. */
export async function shutDown(socket: string): Promise<void> {
  await ask(socket, 'SHUTDOWN', 'NOSAVE');
}
