import express, { Router } from 'express';

/** Says whether a gateway of ours signed this form, and keeps what it reports. */
export type TakeReport = (signature: string, form: Readonly<Record<string, string>>) => Promise<boolean>;

/** Where SMS gateways report; `notify.sms.*.callback` ends with it. */
export const smsReportsPath = '/notify/sms';

const mostFields = 50;

/**
 * `POST /notify/sms`: status call-backs in Twilio's form. It needs no sign-in, because the request itself is signed.
 * Answers 204, or 403 for what no gateway signed. Source: Twilio, "Track outbound message status".
 */
export function smsReportsRouter(take: TakeReport): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '8kb', parameterLimit: mostFields });
  router.post(smsReportsPath, form, async (request, response) => {
    const fields = Object.entries((request.body ?? {}) as Record<string, unknown>);
    // A name that is given twice has no agreed signature.
    const single = fields.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
    const known = await take(request.get('x-twilio-signature') ?? '', Object.fromEntries(single));
    response.status(known ? 204 : 403).end();
  });
  return router;
}
