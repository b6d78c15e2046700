import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, type Running, run, untilReady } from './processes.ts';

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** For ssh's UserKnownHostsFile. */
  readonly knownHosts: string;
  readonly running: Running;
}

/** A key pair in `dir`; the path of the private one. */
export function sshKey(dir: string, name: string): string {
  const file = join(dir, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return file;
}

/**
 * For sshd's configuration. The exchange of keys that both would agree on takes a tenth of a second of the processor for
 * each connection, this one a thousandth.
 */
const cheapKex = 'KexAlgorithms curve25519-sha256';

/** Of the simulated masters, and of the machine. */
const addresses = ['127.0.0.1', '127.0.1.1', '127.0.1.2'] as const;

/** A real sshd on loopback for the user of the test; each key may run its one command. */
export async function startSshd(dir: string, keys: readonly { key: string; command: string }[]): Promise<Sshd> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const host = sshKey(dir, 'host');
  const allowed = keys.map(({ key, command }) => `restrict,command="${command}" ${readFileSync(`${key}.pub`, 'utf8')}`);
  writeFileSync(join(dir, 'authorized_keys'), allowed.join(''), { mode: 0o600 });
  const [type, text] = readFileSync(`${host}.pub`, 'utf8').split(' ');
  const known = addresses.map((address) => `[${address}]:${port} ${type} ${text}\n`);
  writeFileSync(join(dir, 'known_hosts'), known.join(''));
  writeFileSync(
    join(dir, 'sshd_config'),
    `${addresses.map((address) => `ListenAddress ${address}`).join('\n')}
Port ${port}
HostKey ${host}
AuthorizedKeysFile ${dir}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin forced-commands-only
${cheapKex}
`,
  );
  // The folder that a service's start would make.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const running = run('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')]);
  await untilReady(running, async () => running.output().includes('Server listening'));
  return { port, user: userInfo().username, knownHosts: join(dir, 'known_hosts'), running };
}
