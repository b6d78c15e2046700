import type { SendMailOptions, Transporter } from 'nodemailer';
import type { NotifyConfig } from '../config-notify.ts';

export type SmtpSettings = NonNullable<NotifyConfig['smtp']>;

const TIMEOUT_MS = 20_000;

async function transportTo({ host, port, security, user, password, ca }: SmtpSettings): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** The way to the mail server; loads nothing and opens no connection before the first message. */
export function smtpSender(settings: SmtpSettings): (mail: SendMailOptions) => Promise<{ readonly messageId: string }> {
  let transport: Promise<Transporter> | undefined;
  return async (mail) => {
    transport ??= transportTo(settings);
    return (await transport).sendMail(mail);
  };
}

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends single messages that are no warnings, such as a link for a new password. Rejects with what the server said. */
export function openMailer(settings: SmtpSettings): (letter: Letter) => Promise<void> {
  const send = smtpSender(settings);
  return async (letter) => {
    await send({ from: settings.from, headers: { 'Auto-Submitted': 'auto-generated' }, ...letter });
  };
}
