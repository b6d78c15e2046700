/** Mail of a simulated server: IMAP and delivery by Dovecot, submission by a stand-in for Exim. */
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Engine } from '../engine.ts';
import type { Change } from '../state.ts';
import { startDovecot } from './dovecot.ts';
import { deliverTo, openSubmission, type SentAway } from './submission.ts';
import { mailUsers } from './users.ts';

export interface MailOptions {
  readonly imapPort?: number;
  readonly submissionPort?: number;
  /** Who may sign in for every mailbox. */
  readonly master: { readonly user: string; readonly password: string };
}

export interface SimulatedMail {
  readonly imapPort: number;
  readonly submissionPort: number;
  /** What was sent to others than the server's own mailboxes. */
  readonly away: readonly SentAway[];
  /** A message from outside arrives. `raw` is the whole of it, with its headers. */
  deliver(from: string, to: string, raw: string): Promise<void>;
  /** IMAP refuses connections from now on, and takes them again. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

interface Server {
  readonly engine: Engine;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly listen: string;
  onChanges(listener: (changes: readonly Change[]) => void): void;
}

/** Why mail cannot be served from homes below a folder; undefined: it can. */
export function whyNoMail(folder: string): string | undefined {
  if (!existsSync('/usr/sbin/dovecot') || !existsSync('/usr/lib/dovecot/lmtp'))
    return 'Dovecot is not installed (Debian packages dovecot-imapd and dovecot-lmtpd)';
  if (userInfo().uid !== 0) return undefined;
  // Run by root, mail belongs to the accounts' own numbers, and they must get to it.
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return `${at} is closed to other users`;
    if (at === '/') return undefined;
  }
}

/** Starts it where it is asked for. */
export async function mailOf(
  { mail }: { readonly mail?: MailOptions },
  { engine, tls, listen, onChanges }: Server,
): Promise<SimulatedMail | undefined> {
  const { files } = engine.host;
  if (mail === undefined || files === undefined) return undefined;
  const { uid, gid } = userInfo();
  const imapPort = mail.imapPort || (await freeOn(listen));
  const dovecot = await startDovecot({ listen, imapPort, tls, master: mail.master, self: { uid, gid } });
  const tell = (): void => dovecot.setUsers(mailUsers(engine.state, resolve(files.root), { uid, gid }));
  tell();
  onChanges((changes) => {
    if (changes.some(([table]) => table === 'mailboxes' || table === 'accounts')) tell();
  });
  const { lmtpPort } = dovecot;
  const port = mail.submissionPort ?? 0;
  const submission = await openSubmission({
    listen,
    port,
    tls,
    master: mail.master,
    state: engine.state,
    lmtpPort,
  }).catch(async (error: unknown) => {
    await dovecot.close();
    throw error;
  });
  return {
    imapPort,
    submissionPort: submission.port,
    away: submission.away,
    deliver: (from, to, raw) => deliverTo(lmtpPort, from, to, raw),
    down: dovecot.down,
    up: dovecot.up,
    async close() {
      await Promise.all([submission.close(), dovecot.close()]);
    },
  };
}

async function freeOn(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, reject) => server.once('error', reject).listen(0, address, done));
  const at = server.address();
  await new Promise((done) => server.close(done));
  return at === null || typeof at === 'string' ? 0 : at.port;
}
