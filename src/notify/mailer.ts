import { createTransport, type Transporter } from 'nodemailer';
import type { NotifyConfig } from '../config-notify.ts';

export type SmtpSettings = NonNullable<NotifyConfig['smtp']>;

const TIMEOUT_MS = 20_000;

/** The way to the mail server; opens no connection before the first message. */
export function smtpTransport({ host, port, security, user, password, ca }: SmtpSettings): Transporter {
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

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends single messages that are no warnings, such as a link for a new password. Rejects with what the server said. */
export function openMailer(settings: SmtpSettings): (letter: Letter) => Promise<void> {
  const transport = smtpTransport(settings);
  return async (letter) => {
    await transport.sendMail({ from: settings.from, headers: { 'Auto-Submitted': 'auto-generated' }, ...letter });
  };
}
