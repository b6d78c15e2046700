/** IMAP until somebody is signed in, from both sides. */
import type { Socket } from 'node:net';
import type { Asking, ClientSide, MasterSide } from './gate.ts';
import { MailTrouble } from './lines.ts';

const capabilities = 'IMAP4rev1 SASL-IR AUTH=PLAIN ID';
const mostCommands = 20;

/** What Roundcube talks to: CAPABILITY, ID, NOOP, LOGOUT and AUTHENTICATE PLAIN. */
export const imapClient: ClientSide = async (lines, socket) => {
  socket.write(`* OK [CAPABILITY ${capabilities}] ready\r\n`);
  for (let count = 0; count < mostCommands; count += 1) {
    const [tag = '*', command = '', kind = '', response] = (await lines.next()).split(' ');
    const name = command.toUpperCase();
    if (name === 'AUTHENTICATE' && kind.toUpperCase() === 'PLAIN') {
      if (response === undefined) socket.write('+ \r\n');
      return asking(socket, tag, response ?? (await lines.next()));
    }
    socket.write(reply(tag, name));
    if (name === 'LOGOUT') return undefined;
  }
  return undefined;
};

const replies: Readonly<Record<string, string>> = {
  CAPABILITY: `* CAPABILITY ${capabilities}\r\n`,
  ID: '* ID NIL\r\n',
  NOOP: '',
  LOGOUT: '* BYE bye\r\n',
};

const told = {
  wrong: 'not signed in',
  away: 'your mail is safe, but its server cannot be reached just now',
} as const;

function reply(tag: string, name: string): string {
  const untagged = replies[name];
  return untagged === undefined ? `${tag} BAD sign in first\r\n` : `${untagged}${tag} OK done\r\n`;
}

function asking(socket: Socket, tag: string, plain: string): Asking {
  return {
    plain,
    accept: () => void socket.write(`${tag} OK signed in\r\n`),
    refuse: (reason) => {
      const code = reason === 'wrong' ? 'AUTHENTICATIONFAILED' : 'UNAVAILABLE';
      socket.end(`${tag} NO [${code}] ${told[reason]}\r\n`);
    },
  };
}

/** Signs in at Dovecot as the master user, for the mailbox. Roundcube asks for the capabilities again by itself. */
export const imapMaster: MasterSide = async (lines, socket, plain) => {
  const greeting = await lines.next();
  if (!greeting.startsWith('* OK')) throw new MailTrouble(`IMAP greets with: ${greeting.slice(0, 200)}`);
  socket.write(`t1 AUTHENTICATE PLAIN ${plain}\r\n`);
  for (;;) {
    const line = await lines.next();
    if (line.startsWith('t1 OK')) return;
    if (line.startsWith('t1 ')) throw new MailTrouble(`IMAP refuses: ${line.slice(3, 203)}`);
    // A server without SASL-IR asks for the response.
    if (line.startsWith('+')) socket.write(`${plain}\r\n`);
  }
};
