import { Agent, type RequestOptions, request } from 'node:https';

export interface Heard {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** A bare HTTPS client: nothing of the product's, so that an error there cannot hide. */
export interface Client {
  call(url: string, body?: string, options?: RequestOptions): Promise<Heard>;
  close(): void;
}

export function client(ca: string): Client {
  const agent = new Agent({ keepAlive: true, ca });
  return {
    close: () => agent.destroy(),
    call: (url, body, options = {}) =>
      new Promise((resolve, reject) => {
        const sent = request(url, { method: body === undefined ? 'GET' : 'POST', agent, ...options }, (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => {
            text += part;
          });
          answer.on('error', reject);
          answer.on('end', () => {
            const { statusCode = 0, statusMessage = '', headers } = answer;
            resolve({ status: statusCode, message: statusMessage, headers, text });
          });
        });
        sent.on('error', reject);
        sent.end(body);
      }),
  };
}
