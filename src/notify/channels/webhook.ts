import { createHmac } from 'node:crypto';
import { hookBody } from '../text.ts';
import { type Channel, NotSent } from './channel.ts';
import { post } from './http.ts';

/**
 * JSON to a program of the host's own, signed in the manner of Standard Webhooks (standardwebhooks.com): headers
 * `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`.
 */
export function webhookChannel(now: () => number): Channel {
  return {
    name: 'webhook',
    async send({ event, telling, contact, node, id }, signal) {
      const hook = contact.webhook;
      if (hook === undefined) throw new NotSent(`${contact.name} has no webhook`);
      const body = JSON.stringify(hookBody(event, telling, node, id));
      const seconds = String(Math.floor(now() / 1000));
      const safeId = Buffer.from(id).toString('base64url');
      const signature = createHmac('sha256', hook.secret).update(`${safeId}.${seconds}.${body}`).digest('base64');
      const headers = {
        'content-type': 'application/json',
        'webhook-id': safeId,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${signature}`,
      };
      await post({ url: hook.url, headers, body, signal, who: `the webhook ${new URL(hook.url).host}` }, now());
      return {};
    },
  };
}
