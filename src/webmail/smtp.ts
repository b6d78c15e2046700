/** SMTP until somebody is signed in, from both sides. */
import type { Socket } from 'node:net';
import type { Asking, ClientSide, MasterSide } from './gate.ts';
import { type Lines, MailTrouble } from './lines.ts';

const mostCommands = 20;

/** What Roundcube talks to: EHLO, NOOP, RSET, QUIT and AUTH PLAIN. */
export const smtpClient: ClientSide = async (lines, socket) => {
  socket.write('220 gate ESMTP\r\n');
  for (let count = 0; count < mostCommands; count += 1) {
    const [command = '', kind = '', response] = (await lines.next()).split(' ');
    const name = command.toUpperCase();
    if (name === 'AUTH' && kind.toUpperCase() === 'PLAIN') {
      if (response === undefined) socket.write('334 \r\n');
      return asking(socket, response ?? (await lines.next()));
    }
    socket.write(replies[name] ?? '530 sign in first\r\n');
    if (name === 'QUIT') return undefined;
  }
  return undefined;
};

const replies: Readonly<Record<string, string>> = {
  EHLO: '250-gate\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n',
  NOOP: '250 done\r\n',
  RSET: '250 done\r\n',
  QUIT: '221 bye\r\n',
};

function asking(socket: Socket, plain: string): Asking {
  return {
    plain,
    accept: () => void socket.write('235 signed in\r\n'),
    refuse: (reason) =>
      void socket.end(
        reason === 'wrong' ? '535 not signed in\r\n' : '454 the mail server cannot be reached just now\r\n',
      ),
  };
}

/** Signs in at the master's submission port as the master user, for the mailbox. */
export const smtpMaster: MasterSide = async (lines, socket, plain) => {
  await answer(lines, '220', 'greets with');
  socket.write('EHLO tandem.invalid\r\n');
  await answer(lines, '250', 'says to EHLO');
  socket.write(`AUTH PLAIN ${plain}\r\n`);
  await answer(lines, '235', 'refuses');
};

async function answer(lines: Lines, wanted: string, verb: string): Promise<void> {
  for (;;) {
    const line = await lines.next();
    if (!line.startsWith(wanted)) throw new MailTrouble(`SMTP ${verb}: ${line.slice(0, 200)}`);
    if (line[3] !== '-') return;
  }
}
