import { z } from 'zod';

/** The shape of `notify` in tandem.yaml: who is warned, and by which ways. */

const text = z.string().min(1).max(500);
const number = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a telephone number with country: +4915112345678');
const email = z.email('must be an e-mail address');
const web = z.url({ protocol: /^https?$/, error: 'must begin with https://' });
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'must be a short name without spaces');

/** '22:00' → 1320 minutes. */
const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day: "22:00"')
  .transform((value) => Number(value.slice(0, 2)) * 60 + Number(value.slice(3)));

const zone = z.string().refine(isZone, 'must be a time zone: Europe/Berlin');

function isZone(value: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const twilio = z.strictObject({
  kind: z.literal('twilio'),
  url: web,
  account: text,
  tokenFile: text,
  from: text,
  callback: web.refine((url) => new URL(url).pathname === '/notify/sms', 'must end with /notify/sms').optional(),
});
const smstools = z.strictObject({ kind: z.literal('smstools'), spool: text.default('/var/spool/sms/outgoing') });

const smtp = z
  .strictObject({
    host: text,
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    user: text.optional(),
    passwordFile: text.optional(),
    from: text,
    ca: text.optional(),
  })
  .refine((value) => (value.user === undefined) === (value.passwordFile === undefined), {
    path: ['passwordFile'],
    message: 'and user go together',
  });

const contact = z.strictObject({
  name,
  sms: number.optional(),
  email: email.optional(),
  webhook: z.strictObject({ url: web, secretFile: text }).optional(),
  least: z.enum(['info', 'warning', 'critical']).default('warning'),
  afterMinutes: z.number().min(0).max(10_080).default(0),
  quiet: z.strictObject({ from: clockTime, to: clockTime, zone }).optional(),
});

type Given = {
  readonly sms: readonly unknown[];
  readonly smtp?: unknown;
  readonly contacts: readonly z.output<typeof contact>[];
};

/** Each contact is reachable, by a way that is configured. */
function reachable(value: Given, context: z.RefinementCtx): void {
  const names = new Set<string>();
  for (const [index, one] of value.contacts.entries()) {
    const say = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: ['contacts', index, key], message });
    if (names.has(one.name)) say('name', `${one.name} is there twice`);
    names.add(one.name);
    if (one.sms === undefined && one.email === undefined && one.webhook === undefined)
      say('sms', 'or email or webhook must say how to reach the contact');
    if (one.sms !== undefined && value.sms.length === 0) say('sms', 'needs a gateway in notify.sms');
    if (one.email !== undefined && value.smtp === undefined) say('email', 'needs a mail server in notify.smtp');
  }
}

export const notifySection = z
  .strictObject({
    sms: z.array(z.discriminatedUnion('kind', [twilio, smstools])).default([]),
    smtp: smtp.optional(),
    contacts: z.array(contact).min(1),
    repeat: z
      .strictObject({
        everyMinutes: z.number().min(0.01).max(1440).default(5),
        most: z.int().min(1).max(100).default(12),
      })
      .prefault({}),
  })
  .superRefine(reachable);

/** `notify` as the file says it, checked for shape. */
export type NotifySection = z.output<typeof notifySection>;
