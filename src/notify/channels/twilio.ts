import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { smsText } from '../text.ts';
import { type Channel, NotSent } from './channel.ts';
import { post } from './http.ts';

/**
 * Text messages by Twilio's Messages resource and gateways that copy it: a form to `…/Accounts/SID/Messages.json` with
 * Basic authorization, answered 201 with `sid` and `status`.
 * Source: Twilio, "Messages resource"; "Validating requests are coming from Twilio".
 */
export interface TwilioSettings {
  readonly url: string;
  readonly account: string;
  readonly token: string;
  readonly from: string;
  /** Where the gateway reports what became of it; its requests are signed. */
  readonly callback?: string;
}

const answer = z.object({ sid: z.string().min(1), status: z.string() });

/** States in which the gateway gave up at once. */
const lost = new Set(['failed', 'undelivered', 'canceled']);

export function twilioChannel(settings: TwilioSettings, now: () => number): Channel {
  const who = `the SMS gateway ${new URL(settings.url).host}`;
  const authorization = `Basic ${Buffer.from(`${settings.account}:${settings.token}`).toString('base64')}`;
  return {
    name: `sms by ${new URL(settings.url).host}`,
    async send({ event, telling, contact, node }, signal) {
      const form = new URLSearchParams({
        To: contact.sms ?? '',
        From: settings.from,
        Body: smsText(event, telling, node),
        ...(settings.callback === undefined ? {} : { StatusCallback: settings.callback }),
      });
      const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
      const data = await post({ url: settings.url, headers, body: form.toString(), signal, who }, now());
      const parsed = answer.safeParse(data);
      if (!parsed.success) throw new NotSent(`${who} answered what nobody can read`);
      if (lost.has(parsed.data.status)) throw new NotSent(`${who} says ${parsed.data.status}`);
      return { providerId: parsed.data.sid };
    },
  };
}

/** What the gateway reports later. */
export interface StatusReport {
  readonly providerId: string;
  readonly status: string;
  readonly lost: boolean;
}

/**
 * Checks `X-Twilio-Signature`: base64 of HMAC-SHA1, with the token, of the URL and every form field's name and value in
 * the order of the names. Answers undefined for anything that is not from the gateway.
 */
export function readCallback(
  settings: Pick<TwilioSettings, 'token' | 'callback'>,
  signature: string,
  form: Readonly<Record<string, string>>,
): StatusReport | undefined {
  const fields = Object.keys(form).sort();
  const signed = (settings.callback ?? '') + fields.map((name) => `${name}${form[name] ?? ''}`).join('');
  const wanted = createHmac('sha1', settings.token).update(signed, 'utf8').digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const status = form['MessageStatus'] ?? form['SmsStatus'];
  const providerId = form['MessageSid'] ?? form['SmsSid'];
  if (status === undefined || providerId === undefined) return undefined;
  return { providerId, status, lost: lost.has(status) };
}
