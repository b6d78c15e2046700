/**
 * The gate between Roundcube and the masters' mail servers, on loopback. It speaks just enough of IMAP (RFC 9051) and
 * SMTP (RFC 5321, 4954) to be signed in to with a token; then it signs in itself at the mailbox's active master, with
 * a master user's password that PHP never sees, and joins the two connections. Roundcube connects anew for each page,
 * so a mailbox follows its account when that moves.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { messageOf } from '../errors.ts';
import { type Box, type MailTokens, plainOf, readPlain } from './credentials.ts';
import { imapClient, imapMaster } from './imap.ts';
import { type Lines, linesOf, MailTrouble } from './lines.ts';
import { smtpClient, smtpMaster } from './smtp.ts';

/** Connects to a mail server of the account's active master, over TLS, once it is proved who answers. */
export type Dial = (account: string, protocol: 'imap' | 'smtp') => Promise<TLSSocket>;

export interface GateParts {
  readonly tokens: MailTokens;
  readonly dial: Dial;
  /** Who may sign in for every mailbox (Dovecot's `auth_master`). */
  readonly master: { readonly user: string; readonly password: string };
  /** Told why a mailbox could not be reached. */
  readonly onTrouble: (box: Box, protocol: 'imap' | 'smtp', reason: string) => void;
}

export interface Gate {
  readonly imapPort: number;
  readonly smtpPort: number;
  close(): Promise<void>;
}

/** A client that has said who it is, and how it is told whether that was right. */
export interface Asking {
  /** A response of SASL PLAIN, base64. */
  readonly plain: string;
  accept(): void;
  refuse(reason: 'wrong' | 'away'): void;
}

/** The server's half of a dialogue until then; undefined when the client leaves. */
export type ClientSide = (lines: Lines, socket: Socket) => Promise<Asking | undefined>;

/** The client's half: signs in at the master. Rejects with MailTrouble. */
export type MasterSide = (lines: Lines, socket: Socket, plain: string) => Promise<void>;

const sides = {
  imap: { client: imapClient, master: imapMaster },
  smtp: { client: smtpClient, master: smtpMaster },
} as const satisfies Record<'imap' | 'smtp', { client: ClientSide; master: MasterSide }>;

/** How long a dialogue may take until it is signed in, and how long a joined connection may be silent, milliseconds. */
const limits = { dialogueMs: 30_000, silentMs: 10 * 60_000 };

/** Listens on 127.0.0.1, on ports that are free. */
export async function openGate(parts: GateParts): Promise<Gate> {
  const open = new Set<Socket>();
  const [imap, smtp] = await Promise.all([listen(parts, 'imap', open), listen(parts, 'smtp', open)]);
  return {
    imapPort: imap.port,
    smtpPort: smtp.port,
    async close() {
      for (const socket of open) socket.destroy();
      await Promise.all([imap, smtp].map(({ server }) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listen(
  parts: GateParts,
  protocol: 'imap' | 'smtp',
  open: Set<Socket>,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(parts, protocol, socket, open).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const at = server.address();
  return { server, port: at === null || typeof at === 'string' ? 0 : at.port };
}

async function serve(parts: GateParts, protocol: 'imap' | 'smtp', client: Socket, open: Set<Socket>): Promise<void> {
  client.setTimeout(limits.dialogueMs, () => client.destroy());
  const lines = linesOf(client);
  const asking = await sides[protocol].client(lines, client);
  if (asking === undefined) return void client.end();
  const plain = readPlain(asking.plain);
  const box = plain === undefined ? undefined : parts.tokens.boxOf(plain.acts, plain.password);
  if (box === undefined) return asking.refuse('wrong');
  try {
    const master = await reach(parts, protocol, box, open);
    asking.accept();
    join({ socket: client, lines }, master);
  } catch (error) {
    parts.onTrouble(box, protocol, messageOf(error));
    asking.refuse('away');
  }
}

interface End {
  readonly socket: Socket;
  readonly lines: Lines;
}

async function reach(parts: GateParts, protocol: 'imap' | 'smtp', box: Box, open: Set<Socket>): Promise<End> {
  const socket = await parts.dial(box.account, protocol);
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  socket.setTimeout(limits.dialogueMs, () => socket.destroy(new MailTrouble('the mail server took too long')));
  const lines = linesOf(socket);
  try {
    const { user, password } = parts.master;
    await sides[protocol].master(lines, socket, plainOf({ acts: box.mailbox, user, password }));
    return { socket, lines };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** From here on each says what the other hears; when one ends, both do. */
function join(a: End, b: End): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.socket.setTimeout(limits.silentMs, () => one.socket.destroy());
    one.socket.once('close', () => other.socket.destroySoon());
    one.lines.pipeTo(other.socket);
  }
}
