/** Webmail: where it listens, how PHP is asked, and how the masters' mail servers are signed in to. */
import { z } from 'zod';
import type { Files } from './config-files.ts';
import { host, port, type Trust, text } from './config-types.ts';

/** A master's mail server, as the gate of webmail reaches it: IMAP and submission, both over TLS from the first byte. */
export interface MailServer {
  /** The name that its certificate must have. */
  readonly hostname: string;
  readonly connect?: string;
  readonly imapPort: number;
  readonly submissionPort: number;
  readonly tls: Trust;
}

/** `masters.*.mail`; every key has a default. */
export const mailSection = z
  .strictObject({
    hostname: host.optional(),
    imapPort: port.default(993),
    submissionPort: port.default(465),
    ca: text.optional(),
    fingerprint: z
      .string()
      .regex(/^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$/, 'must be 32 pairs of hexadecimal digits')
      .optional(),
  })
  .refine((value) => value.ca === undefined || value.fingerprint === undefined, 'must have one of ca, fingerprint');

/** Fills in what a master's own keys say. */
export function mailServerOf(
  given: z.output<typeof mailSection> | undefined,
  master: { readonly hostname: string; readonly connect?: string; readonly tls: Trust },
  files: Files,
  key: string,
): MailServer {
  const { ca, fingerprint, hostname = master.hostname, ...ports } = given ?? mailSection.parse({});
  const tls: Trust =
    ca !== undefined
      ? { kind: 'ca', pem: files.pem(`${key}.ca`, ca, 'CERTIFICATE') }
      : fingerprint !== undefined
        ? { kind: 'pin', fingerprint256: fingerprint }
        : master.tls;
  return { ...ports, hostname, tls, ...(master.connect === undefined ? {} : { connect: master.connect }) };
}

/** `webmail`. */
export const webmailSection = z
  .strictObject({
    host: host.optional(),
    port: port.default(2096),
    php: text,
    entry: text.optional(),
    assets: text.default('/var/lib/roundcube/public_html'),
    masterUser: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be a name of small letters and digits')
      .default('tandem'),
    masterPassword: text.optional(),
    masterPasswordFile: text.optional(),
  })
  .refine((value) => (value.masterPassword === undefined) !== (value.masterPasswordFile === undefined), {
    message: 'must have exactly one of masterPassword, masterPasswordFile',
  });

export interface WebmailConfig {
  readonly host: string;
  readonly port: number;
  /** Socket of PHP's process manager. */
  readonly php: string;
  /** The entry file as PHP sees it; undefined: that of this program. */
  readonly entry?: string;
  /** Roundcube's styles and scripts. */
  readonly assets: string;
  readonly master: { readonly user: string; readonly password: string };
}

/** The section with its files read. */
export function webmailOf(given: z.output<typeof webmailSection>, usualHost: string, files: Files): WebmailConfig {
  const { masterUser, masterPassword, masterPasswordFile, entry, php, assets, host: named = usualHost } = given;
  return {
    host: named,
    port: given.port,
    php: files.path(php),
    ...(entry === undefined ? {} : { entry: files.path(entry) }),
    assets: files.path(assets),
    master: {
      user: masterUser,
      password: masterPassword ?? files.text('webmail.masterPasswordFile', masterPasswordFile ?? ''),
    },
  };
}

/** `serviceNames`: autoconfig. and the like, over plain HTTP on a port of their own, and on every door. */
export const serviceNamesSection = z.strictObject({
  host: host.default('127.0.0.1'),
  port: port.default(80),
  url: z.url({ protocol: /^https$/, error: 'must begin with https://' }).transform((url) => url.replace(/\/+$/, '')),
});
