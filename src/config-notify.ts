import type { Files } from './config-files.ts';
import type { NotifySection } from './config-notify-schema.ts';

/** `notify` with its files read: secrets are in memory only, and never in an error. */
export interface NotifyConfig {
  readonly sms: readonly SmsGateway[];
  readonly smtp?: {
    readonly host: string;
    readonly port: number;
    /** `tls` from the first byte, `starttls` demanded, `none` for a relay on this machine. */
    readonly security: 'tls' | 'starttls' | 'none';
    readonly user?: string;
    readonly password?: string;
    readonly from: string;
    readonly ca?: string;
  };
  readonly contacts: readonly {
    readonly name: string;
    readonly sms?: string;
    readonly email?: string;
    readonly webhook?: { readonly url: string; readonly secret: string };
    readonly least: 'info' | 'warning' | 'critical';
    readonly afterMs: number;
    readonly quiet?: { readonly from: number; readonly to: number; readonly zone: string };
  }[];
  readonly repetition: { readonly everyMs: number; readonly most: number };
}

export type SmsGateway =
  | {
      readonly kind: 'twilio';
      readonly url: string;
      readonly account: string;
      readonly token: string;
      readonly from: string;
      readonly callback?: string;
    }
  | { readonly kind: 'smstools'; readonly spool: string };

const MINUTE_MS = 60_000;

/** Reads the files that the section names; what cannot be read becomes an issue of `files`. */
export function notifyOf(given: NotifySection, files: Files): NotifyConfig {
  return {
    sms: given.sms.map((one, index): SmsGateway => {
      if (one.kind === 'smstools') return { ...one, spool: files.path(one.spool) };
      const { tokenFile, callback, ...kept } = one;
      const token = files.text(`notify.sms.${index}.tokenFile`, tokenFile);
      return { ...kept, token, ...(callback === undefined ? {} : { callback }) };
    }),
    ...(given.smtp === undefined ? {} : { smtp: smtpOf(given.smtp, files) }),
    contacts: given.contacts.map((one) => contactOf(one, files)),
    repetition: { everyMs: given.repeat.everyMinutes * MINUTE_MS, most: given.repeat.most },
  };
}

function smtpOf(given: NonNullable<NotifySection['smtp']>, files: Files): NonNullable<NotifyConfig['smtp']> {
  const { passwordFile, ca, user, ...kept } = given;
  return {
    ...kept,
    ...(user === undefined ? {} : { user }),
    ...(passwordFile === undefined ? {} : { password: files.text('notify.smtp.passwordFile', passwordFile) }),
    ...(ca === undefined ? {} : { ca: files.pem('notify.smtp.ca', ca, 'CERTIFICATE') }),
  };
}

function contactOf(given: NotifySection['contacts'][number], files: Files): NotifyConfig['contacts'][number] {
  const { name, sms, email, webhook, least, afterMinutes, quiet } = given;
  return {
    name,
    least,
    afterMs: afterMinutes * MINUTE_MS,
    ...(sms === undefined ? {} : { sms }),
    ...(email === undefined ? {} : { email }),
    ...(quiet === undefined ? {} : { quiet }),
    ...(webhook === undefined
      ? {}
      : {
          webhook: {
            url: webhook.url,
            secret: files.text(`notify.contacts.${name}.webhook.secretFile`, webhook.secretFile),
          },
        }),
  };
}
