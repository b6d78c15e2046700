import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, type Running, run, untilReady } from './processes.ts';

export interface Sshd {
  readonly port: number;
  readonly user: string;
  readonly close: () => Promise<void>;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Makes a host key below `root` as a real machine has it. */
export function makeHostKey(root: string): void {
  mkdirSync(join(root, 'etc/ssh'), { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'etc/ssh/ssh_host_ed25519_key')]);
}

/** A real sshd whose files lie below `root`, for the user who runs the tests. The caller closes it. */
export async function startSshd(root: string): Promise<Sshd> {
  const port = await freePort();
  const { username } = userInfo();
  const config = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${root}/etc/ssh/ssh_host_ed25519_key`,
    `AuthorizedKeysFile ${root}/root/.ssh/authorized_keys`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'MaxStartups 100',
    '',
  ].join('\n');
  writeFileSync(join(root, 'sshd_config'), config);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const sshd: Running = run('/usr/sbin/sshd', ['-D', '-e', '-f', join(root, 'sshd_config')]);
  await untilReady(sshd, () => answers(port));
  return { port, user: username, close: () => sshd.end('SIGTERM') };
}
