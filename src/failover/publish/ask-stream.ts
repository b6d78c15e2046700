import { connect } from 'node:net';
import { decode, streamEncode } from 'dns-packet';
import { inFlight } from '../apply/files.ts';
import { type Got, packetOf, type Question } from './question.ts';

/** Asks over TCP, a few at a time: for answers that do not fit into a packet. */

interface Server {
  readonly address: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

const timeoutMs = 3000;
const width = 8;

/** One question; undefined when nothing came. Never rejects. */
function askOne(question: Question, { address, port, signal }: Server): Promise<Got> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    let heard = Buffer.alloc(0);
    const end = (got: Got): void => {
      socket.destroy();
      resolve(got);
    };
    socket.on('connect', () => socket.write(streamEncode(packetOf(question, 1))));
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      if (heard.length < 2 || heard.length < 2 + heard.readUInt16BE(0)) return;
      try {
        end(decode(heard.subarray(2)));
      } catch {
        end(undefined);
      }
    });
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
  });
}

/** The answers in the order of the questions; undefined where none came. Never rejects. */
export async function askStreams(questions: readonly Question[], server: Server): Promise<readonly Got[]> {
  const got: Got[] = questions.map(() => undefined);
  let [answered, failed] = [0, 0];
  await inFlight([...questions.entries()], width, async ([at, question]) => {
    // Nobody listens there: thousands of others would wait for nothing.
    if (server.signal.aborted || (answered === 0 && failed >= width)) return;
    got[at] = await askOne(question, server);
    if (got[at] === undefined) failed += 1;
    else answered += 1;
  });
  return got;
}
