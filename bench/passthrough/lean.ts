/** A load generator that takes little of the machine itself: the same bytes are written again, answers only counted. */
import { connect } from 'node:tls';
import type { Way } from './load.ts';

/** Splits what comes on one connection into answers. Only those with a Content-Length, which all ways send. */
class Answers {
  #head = '';
  #bodyLeft = 0;
  readonly #each: (body: string) => void;

  /** `each` is told the begin of each body, as far as it came with the head, when it is complete. */
  constructor(each: (body: string) => void) {
    this.#each = each;
  }

  take(chunk: Buffer): void {
    if (this.#bodyLeft > 0) {
      this.#body(chunk.length);
      return;
    }
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head.slice(0, end + 2))?.[1];
    if (!this.#head.startsWith('HTTP/1.1 200') || length === undefined)
      throw new Error(`no answer that can be counted: ${this.#head.slice(0, 200)}`);
    this.#bodyLeft = Number(length);
    this.#body(this.#head.length - end - 4);
  }

  #body(bytes: number): void {
    this.#bodyLeft -= bytes;
    if (this.#bodyLeft > 0) return;
    const head = this.#head;
    this.#head = '';
    this.#each(head.slice(head.indexOf('\r\n\r\n') + 4));
  }
}

/** One connection, one call at a time on it, as long as `more` says so. */
function lane(way: Way, path: string, more: () => boolean): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${way.port}\r\nAuthorization: ${way.authorization}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: way.port, rejectUnauthorized: false });
    const answers = new Answers((body) => {
      if (/"result":0/.test(body)) throw new Error(`${way.name}: ${body}`);
      if (more()) socket.write(request);
      else socket.end(resolve);
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      try {
        answers.take(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

/** `many` calls over `lanes` kept connections. */
export async function leanCalls(way: Way, path: string, many: number, lanes: number): Promise<void> {
  let left = many - lanes;
  const more = () => left-- > 0;
  await Promise.all(Array.from({ length: lanes }, () => lane(way, path, more)));
}
