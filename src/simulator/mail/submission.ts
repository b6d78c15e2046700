/**
 * The submission port of a simulated server, where Exim is on a real one: whoever is signed in may send; mail for its
 * own mailboxes is handed to Dovecot, mail for others is kept to be looked at, because nothing leaves a simulator.
 */
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { mailboxes } from '../modules/mail-store.ts';
import type { StateCore } from '../state.ts';
import { opens } from './users.ts';

/** A message that would have left. */
export interface SentAway {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

export interface SubmissionOptions {
  readonly listen: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly master: { readonly user: string; readonly password: string };
  readonly state: StateCore;
  readonly lmtpPort: number;
}

export interface Submission {
  readonly port: number;
  readonly away: readonly SentAway[];
  close(): Promise<void>;
}

const mostKept = 100;

interface Said {
  readonly acts: string;
  readonly user: string;
  readonly password: string;
}

/** Whose mailbox somebody signs in to: with its own password, or as the master user with the master's. */
function signedIn({ master, state }: SubmissionOptions, { acts, user, password }: Said): string | undefined {
  const own = (acts === '' ? user : acts).toLowerCase();
  const box = state.of(mailboxes).get(own);
  if (box === undefined) return undefined;
  const isMaster = user === master.user && password === master.password;
  return isMaster || (user.toLowerCase() === own && opens(box, password)) ? own : undefined;
}

/** Hands a message to Dovecot, as Exim does over LMTP. */
export async function deliverTo(lmtpPort: number, from: string, to: string, raw: string | Buffer): Promise<void> {
  const options = { host: '127.0.0.1', port: lmtpPort, lmtp: true, secure: false, ignoreTLS: true };
  const transport = createTransport(options);
  try {
    await transport.sendMail({ envelope: { from, to }, raw });
  } finally {
    transport.close();
  }
}

/** Listens. Rejects when the port is taken. */
export async function openSubmission(options: SubmissionOptions): Promise<Submission> {
  const away: SentAway[] = [];
  const { state, lmtpPort } = options;
  const server = new SMTPServer({
    secure: true,
    ...options.tls,
    authMethods: ['PLAIN'],
    disableReverseLookup: true,
    logger: false,
    onAuth(auth, _session, callback) {
      const said = { acts: auth.authzid ?? '', user: auth.username ?? '', password: auth.password ?? '' };
      const user = signedIn(options, said);
      callback(user === undefined ? new Error('Incorrect authentication data') : null, { user });
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        const raw = Buffer.concat(chunks);
        const each = session.envelope.rcptTo.map(async ({ address }) => {
          if (state.of(mailboxes).has(address.toLowerCase())) return deliverTo(lmtpPort, from, address, raw);
          away.push({ from, to: address, text: raw.toString('utf8') });
          if (away.length > mostKept) away.shift();
        });
        Promise.all(each).then(() => callback(), callback);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.listen, resolve);
  });
  const at = server.server.address();
  return {
    port: at === null || typeof at === 'string' ? 0 : at.port,
    away,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
