/**
 * IMAP of a simulated server, by Debian's Dovecot: its users are the mailboxes in the simulator's state, their mail
 * lies in the simulated homes as cPanel keeps it (~/mail/DOMAIN/NAME), and a master user may sign in for them all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';

const program = '/usr/sbin/dovecot';

export interface DovecotOptions {
  readonly listen: string;
  readonly imapPort: number;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly master: { readonly user: string; readonly password: string };
  /** Who runs the simulator. Without root nobody can be turned into. */
  readonly self: { readonly uid: number; readonly gid: number };
}

export interface Dovecot {
  readonly lmtpPort: number;
  /** Lines of a passwd-file: NAME:{SCHEME}HASH:UID:GID::HOME:: and what else Dovecot takes there. */
  setUsers(lines: readonly string[]): void;
  /** Takes it down and back up: a master whose mail is away. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

function configOf(dir: string, options: DovecotOptions, lmtpPort: number): string {
  const { listen, imapPort, self } = options;
  const { username } = userInfo();
  const users =
    self.uid === 0
      ? ''
      : `default_login_user = ${username}\ndefault_internal_user = ${username}\ndefault_internal_group = ${self.gid}`;
  return `base_dir = ${dir}/run
state_dir = ${dir}/run
log_path = ${dir}/log
${users}
ssl = required
ssl_cert = <${dir}/cert.pem
ssl_key = <${dir}/key.pem
protocols = imap lmtp
listen = ${listen}
mail_location = maildir:~
first_valid_uid = 1
first_valid_gid = 0
auth_master_user_separator = *
namespace inbox {
  inbox = yes
  prefix = INBOX.
  separator = .
  mailbox Drafts {
    special_use = \\Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \\Sent
    auto = subscribe
  }
  mailbox Junk {
    special_use = \\Junk
    auto = subscribe
  }
  mailbox Trash {
    special_use = \\Trash
    auto = subscribe
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${imapPort}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
passdb {
  driver = passwd-file
  master = yes
  result_success = continue
  args = ${dir}/masters
}
passdb {
  driver = passwd-file
  args = ${dir}/users
}
userdb {
  driver = passwd-file
  args = ${dir}/users
}
`;
}

/** undefined where it is not installed. Its sockets need short paths, so it has a folder of its own below /tmp. */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const dir = mkdtempSync('/tmp/tdm-');
  // Its processes of other users must get through.
  chmodSync(dir, 0o711);
  const lmtpPort = await portOn('127.0.0.1');
  const put = (name: string, text: string, mode = 0o600): void => {
    writeFileSync(join(dir, `${name}.new`), text, { mode });
    renameSync(join(dir, `${name}.new`), join(dir, name));
  };
  put('cert.pem', options.tls.cert);
  put('key.pem', options.tls.key);
  const { user, password } = options.master;
  put('masters', `${user}:{PLAIN}${password}\n`, 0o644);
  put('users', '', 0o644);
  put('dovecot.conf', configOf(dir, options, lmtpPort));
  let child: ChildProcess | undefined;
  const lastResort = (): void => void child?.kill('SIGKILL');
  const up = async (): Promise<void> => {
    if (child !== undefined) return;
    child = spawn(program, ['-F', '-c', join(dir, 'dovecot.conf')], { stdio: 'ignore' });
    process.once('exit', lastResort);
    await answers(child, options, dir);
  };
  const down = async (): Promise<void> => {
    const going = child;
    child = undefined;
    process.removeListener('exit', lastResort);
    if (going === undefined || going.exitCode !== null) return;
    const over = new Promise((resolve) => going.once('exit', resolve));
    going.kill('SIGTERM');
    await over;
  };
  await up();
  return {
    lmtpPort,
    setUsers: (lines) => put('users', lines.map((line) => `${line}\n`).join(''), 0o644),
    up,
    down,
    async close() {
      await down();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function portOn(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
  const at = server.address();
  await new Promise((resolve) => server.close(resolve));
  return at === null || typeof at === 'string' ? 0 : at.port;
}

/** Waits until it greets. Rejects with the end of its log when it does not. */
async function answers(child: ChildProcess, { listen, imapPort }: DovecotOptions, dir: string): Promise<void> {
  const limit = Date.now() + 30_000;
  while (Date.now() < limit && child.exitCode === null) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: listen, port: imapPort, rejectUnauthorized: false });
      socket.once('data', () => resolve(true)).once('error', () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
    if (isUp) return;
    await delay(30);
  }
  throw new Error(`Dovecot does not start: ${readFileSync(join(dir, 'log'), 'utf8').slice(-1500)}`);
}
