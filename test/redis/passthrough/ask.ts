import { connect } from 'node:net';
import type { Desk } from './desk.ts';

export const root = { authorization: 'whm root:GOOD' };

/** GET; the parsed JSON. */
export async function get(desk: Desk, path: string, headers: Record<string, string> = root): Promise<unknown> {
  const response = await fetch(`${desk.url}${path}`, { headers });
  return await response.json();
}

/** POST of a form; the parsed JSON. */
export async function post(
  desk: Desk,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(`${desk.url}${path}`, {
    method: 'POST',
    body,
    headers: { ...root, ...form, ...headers },
  });
  return await response.json();
}

/** Sends bytes a few at a time for as long as the server listens; what it answered, and after how long it hung up, ms. */
export function drip(
  desk: Desk,
  first: string,
  more: string | { toString(): string },
  everyMs: number,
): Promise<{ answer: string; ms: number }> {
  return new Promise((resolve) => {
    let answer = '';
    const started = Date.now();
    let timer: NodeJS.Timeout | undefined;
    const socket = connect(desk.port, '127.0.0.1', () => {
      socket.write(first);
      timer = setInterval(() => socket.write(String(more)), everyMs);
    });
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    // Writing to one who hung up is an error; that it hung up is what is waited for.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ answer, ms: Date.now() - started });
    });
  });
}

/** Sends bytes as they are and collects what comes until the server ends it. */
export function raw(desk: Desk, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(desk.port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
