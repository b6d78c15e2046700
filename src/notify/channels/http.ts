import axios, { type AxiosResponse } from 'axios';
import { messageOf } from '../../errors.ts';
import { NotSent, retryAfterMs } from './channel.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** How it is called in errors; never a URL with a secret in it. */
  readonly who: string;
}

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 65_536;

/**
 * One POST: no redirect, no proxy of the environment, a bounded answer. Throws NotSent unless the answer is 2xx, with the
 * gateway's wish when it says `Retry-After`.
 */
export async function post({ url, headers, body, signal, who }: Post, now: number): Promise<unknown> {
  let answer: AxiosResponse<unknown>;
  try {
    answer = await axios.post(url, body, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      maxRedirects: 0,
      proxy: false,
      maxContentLength: MOST_BYTES,
      validateStatus: () => true,
    });
  } catch (error) {
    // Not the error itself as cause: it carries headers with credentials.
    throw new NotSent(`${who} did not answer: ${messageOf(error)}`);
  }
  if (answer.status >= 200 && answer.status < 300) return answer.data;
  const afterMs = retryAfterMs(answer.headers['retry-after'], now);
  throw new NotSent(`${who} answered ${answer.status}`, afterMs === undefined ? {} : { afterMs });
}
