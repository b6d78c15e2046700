import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { freePort, run, untilReady } from './processes.ts';

/** A mail server on a tree of homes. */
export interface MailServer {
  /** Its configuration, for doveadm. */
  readonly config: string;
  readonly imapPort: number;
  /** Delivers a message by LMTP. */
  deliver(user: string, subject: string): Promise<void>;
  /** Signs in; commands answer their lines. */
  imap(user: string): Promise<ImapSession>;
  close(): Promise<void>;
}

export interface ImapSession {
  /** Runs one command. Throws when the answer is not OK. */
  say(command: string): Promise<readonly string[]>;
  close(): void;
}

/** Reads lines of a socket, one after another. */
function lines(socket: Socket): () => Promise<string> {
  let text = '';
  let wake = (): void => {};
  let failed: Error | undefined;
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    wake();
  });
  socket.on('error', (error) => {
    failed = error;
    wake();
  });
  socket.on('close', () => {
    failed ??= new Error('the mail server closed the connection');
    wake();
  });
  return async () => {
    for (;;) {
      const end = text.indexOf('\r\n');
      if (end >= 0) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        return line;
      }
      if (failed !== undefined) throw failed;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

/** Every mail server delivers again after a temporary failure: the mailbox's caches were put away in that moment. */
async function lmtp(path: string, user: string, subject: string, tries = 5): Promise<void> {
  try {
    await lmtpOnce(path, user, subject);
  } catch (error) {
    if (tries === 1 || !(error instanceof Error) || !error.message.startsWith('LMTP: 451')) throw error;
    await lmtp(path, user, subject, tries - 1);
  }
}

async function lmtpOnce(path: string, user: string, subject: string): Promise<void> {
  const socket = connect(path);
  const next = lines(socket);
  const answer = async (wanted: string): Promise<void> => {
    let line = await next();
    while (/^\d{3}-/.test(line)) line = await next();
    if (!line.startsWith(wanted)) throw new Error(`LMTP: ${line}`);
  };
  await answer('220');
  for (const [words, wanted] of [
    ['LHLO test', '250'],
    ['MAIL FROM:<sender@example.org>', '250'],
    [`RCPT TO:<${user}>`, '250'],
    ['DATA', '354'],
    [`Subject: ${subject}\r\nFrom: sender@example.org\r\n\r\nBody of ${subject}\r\n.`, '250'],
  ] as const) {
    socket.write(`${words}\r\n`);
    await answer(wanted);
  }
  socket.end('QUIT\r\n');
}

async function imap(port: number, user: string): Promise<ImapSession> {
  const socket = connect(port, '127.0.0.1');
  const next = lines(socket);
  let count = 0;
  /** Lines before the last, and the last without its tag. */
  const answer = async (command: string): Promise<{ readonly all: readonly string[]; readonly end: string }> => {
    const tag = `a${++count} `;
    socket.write(`${tag}${command}\r\n`);
    const all: string[] = [];
    for (let line = await next(); ; line = await next()) {
      if (line.startsWith(tag)) return { all, end: line.slice(tag.length) };
      all.push(line);
    }
  };
  const say = async (command: string, tries = 5): Promise<readonly string[]> => {
    const { all, end } = await answer(command);
    if (end.startsWith('OK')) return all;
    // Its caches were put away in the moment in which it opened them. Every client selects again.
    if (tries > 1 && end.includes('deleted under us')) return await say(command, tries - 1);
    throw new Error(`${command}: ${end}`);
  };
  await next();
  await say(`LOGIN ${user} secret`);
  return { say: (command) => say(command), close: () => void socket.end() };
}

/** A static account has a mailbox of its own; those of addresses lie in the home of an account. */
function userdb(home: string, uid: number, addresses: Readonly<Record<string, string>>): string {
  const known = Object.entries(addresses).map(([address, account]) => {
    const [name, domain] = address.split('@');
    return `${address}::${uid}:${uid}::${home}/${account}::userdb_mail=mdbox:~/mail/${domain}/${name}\n`;
  });
  return known.join('');
}

/**
 * Debian's Dovecot over the mailboxes below `home`, whose owner has this number. `addresses`: address → account, as cPanel
 * lays them out, for mailboxes in Dovecot's own format; without it all are Maildirs.
 */
export async function startDovecot(
  dir: string,
  home: string,
  uid: number,
  addresses?: Readonly<Record<string, string>>,
): Promise<MailServer> {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const port = await freePort();
  const file = join(dir, 'dovecot.conf');
  writeFileSync(join(dir, 'users'), userdb(home, uid, addresses ?? {}));
  writeFileSync(
    file,
    `base_dir = ${dir}/run
state_dir = ${dir}/run
log_path = ${dir}/log
ssl = no
disable_plaintext_auth = no
protocols = imap lmtp
listen = 127.0.0.1
mail_location = ${addresses === undefined ? 'maildir' : 'mdbox'}:~/mail
first_valid_uid = 1000
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0600
  }
}
service stats {
  chroot =
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = passwd-file
  args = ${dir}/users
}
userdb {
  driver = static
  args = uid=${uid} gid=${uid} home=${home}/%n allow_all_users=yes
}
`,
  );
  const server = run('/usr/sbin/dovecot', ['-F', '-c', file]);
  const isUp = async (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  try {
    await untilReady(server, isUp, 30_000);
  } catch (error) {
    throw new Error(`Dovecot does not start: ${readFileSync(`${dir}/log`, 'utf8').slice(-2000)}`, { cause: error });
  }
  return {
    config: file,
    imapPort: port,
    deliver: (user, subject) => lmtp(`${dir}/run/lmtp`, user, subject),
    imap: (user) => imap(port, user),
    close: () => server.end('SIGTERM'),
  };
}
