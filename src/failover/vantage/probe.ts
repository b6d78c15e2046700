import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { z } from 'zod';
import type { ProbePlace } from '../../config-watch.ts';
import { asked, type Vantage } from '../peers/links.ts';
import { bodyOf } from '../peers/tls.ts';
import type { Targets } from './ssh.ts';

/**
 * One outside probing service, asked as a witness: `POST url` with `{version, nonce, targets}`; it answers
 * `{version, nonce, sees}` and signs the bytes of its answer: header `x-tandem-signature`, HMAC-SHA256 in hex. The nonce
 * makes an old answer worthless, the signature a foreign one.
 */

const answer = z.object({ version: z.literal(1), nonce: z.string(), sees: z.record(z.string().max(32), z.boolean()) });

/** HMAC-SHA256 of a body, in hex. */
export function signatureOf(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function isRight(secret: string, body: string, given: string | string[] | undefined): boolean {
  const wanted = Buffer.from(signatureOf(secret, body));
  const got = Buffer.from(typeof given === 'string' ? given : '');
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

interface Answer {
  readonly body: string;
  readonly signature: string | string[] | undefined;
}

function post(place: ProbePlace, text: string, signal: AbortSignal): Promise<Answer> {
  const url = new URL(place.url);
  const send = url.protocol === 'https:' ? request : plainRequest;
  const headers = { 'content-type': 'application/json', 'x-tandem-signature': signatureOf(place.secret, text) };
  const trust = place.ca === undefined ? {} : { ca: place.ca };
  return new Promise((resolve, reject) => {
    const sent = send(url, { method: 'POST', signal, headers, ...trust }, (incoming) => {
      if (incoming.statusCode !== 200) {
        incoming.resume();
        reject(new Error(`the probing service says ${incoming.statusCode}`));
        return;
      }
      const signature = incoming.headers['x-tandem-signature'];
      bodyOf(incoming).then((body) => resolve({ body, signature }), reject);
    });
    sent.once('error', reject);
    sent.end(text);
  });
}

/** The service as a vantage. */
export function probeVantage(id: string, place: ProbePlace, targets: Targets): Vantage {
  return {
    id,
    see: (signal) =>
      asked(async () => {
        const nonce = randomBytes(16).toString('hex');
        const said = await post(place, JSON.stringify({ version: 1, nonce, targets }), signal);
        if (!isRight(place.secret, said.body, said.signature))
          throw new Error('its answer is not signed as it should be');
        const { nonce: echoed, sees } = answer.parse(JSON.parse(said.body));
        if (echoed !== nonce) throw new Error('its answer is to another question');
        return { from: id, sees };
      }),
  };
}
