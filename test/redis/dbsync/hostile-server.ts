/** What stands in a taken-over master's place: it speaks enough of MariaDB's protocol to be asked, and answers what it likes. */
import { createServer, type Socket } from 'node:net';

/** Answers one command of a client; `say` sends one packet. */
type Answer = (command: number, words: Buffer, say: (payload: Buffer) => void) => void;

export const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const end = Buffer.from([0xfe, 0, 0, 2, 0]);

const greeting = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('5.5.5-10.11.19-MariaDB\0'),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from('12345678\0'),
  // Old and new protocol, transactions, files from the client, plugins.
  Buffer.from([0xff, 0xf7, 45, 2, 0, 0x0f, 0x00, 21]),
  Buffer.alloc(10),
  Buffer.from('123456789012\0'),
  Buffer.from('mysql_native_password\0'),
]);

/** One row of one text. */
export function sayText(say: (payload: Buffer) => void, text: string): void {
  const name = (word: string): Buffer => Buffer.from([word.length, ...Buffer.from(word)]);
  say(Buffer.from([1]));
  const column = [
    ...['def', '', '', '', 'x', ''].map(name),
    Buffer.from([12, 45, 0, 255, 0, 0, 0, 253, 0, 0, 0, 0, 0]),
  ];
  say(Buffer.concat(column));
  say(end);
  say(name(text));
  say(end);
}

/** Calls `take` with each whole packet. */
function packets(socket: Socket, take: (payload: Buffer, sequence: number) => void): void {
  let waiting = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 4 && waiting.length >= waiting.readUIntLE(0, 3) + 4) {
      const whole = waiting.subarray(0, waiting.readUIntLE(0, 3) + 4);
      waiting = waiting.subarray(whole.length);
      take(whole.subarray(4), whole[3] ?? 0);
    }
  });
}

function serve(socket: Socket, answer: Answer): void {
  let isSignedIn = false;
  let sequence = 0;
  const say = (payload: Buffer): void => {
    socket.write(
      Buffer.concat([Buffer.from([payload.length & 255, payload.length >> 8, 0, sequence++ & 255]), payload]),
    );
  };
  say(greeting);
  socket.on('error', () => undefined);
  packets(socket, (payload, at) => {
    sequence = at + 1;
    if (isSignedIn) answer(payload[0] ?? -1, payload.subarray(1), say);
    else say(ok);
    isSignedIn = true;
  });
}

/** Listens on a socket file. */
export async function startHostile(path: string, answer: Answer): Promise<{ stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, answer);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    async stop() {
      for (const one of sockets) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
