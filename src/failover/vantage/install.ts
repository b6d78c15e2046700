import type { Target } from '../checks/declare.ts';

/** What puts `tandem-vantage` on a master: one shell script, which an administrator may read before it runs there. */

export interface InstallOptions {
  /** Text of bin/tandem-vantage. */
  readonly script: string;
  /** Public keys of the watchers, one line each ('ssh-ed25519 AAAA… name'). */
  readonly publicKeys: readonly string[];
  /** Ports of the other masters that may be looked at from there. */
  readonly see: readonly Target[];
  /** Services that are stopped while the master is passive. */
  readonly services: readonly string[];
  /** Hold these services, and database writes, after a boot until a watcher says that the master is active. */
  readonly bootGuard: boolean;
  /** Folder before every path; '' on a real master. For tests in a folder. */
  readonly root: string;
}

const word = /^[A-Za-z0-9@._-]{1,64}$/;
const publicKey = /^(ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) [A-Za-z0-9+/=]{40,2000}( [A-Za-z0-9@._-]{1,64})?$/;

/** A text as a here-document's worth of base64: nothing in it is read by the shell. */
function file(path: string, mode: string, text: string): string {
  const encoded = Buffer.from(text)
    .toString('base64')
    .replace(/(.{76})/g, '$1\n');
  return [
    `base64 -d >"$root${path}.new" <<'END'`,
    encoded,
    'END',
    `chmod ${mode} "$root${path}.new"`,
    `mv -f "$root${path}.new" "$root${path}"`,
  ].join('\n');
}

/** In a folder nothing is the machine's own: its state, and what stops services, are in there too. */
function folderConf(root: string): readonly string[] {
  if (root === '') return [];
  return [
    `state_dir = ${root}/var/lib/tandem-vantage`,
    `run_dir = ${root}/run/tandem-vantage`,
    `systemctl = ${root}/usr/bin/systemctl`,
    `mysql = ${root}/usr/bin/mysql`,
  ];
}

function confText({ see, services, root }: InstallOptions): string {
  return [
    '# Written by tandem vantage install.',
    ...folderConf(root),
    `services = ${services.join(' ')}`,
    `see = ${see.map(({ host, port }) => `${host}:${port}`).join(' ')}`,
    `filesync = ${root}/var/lib/tandem-filesync/control.sock`,
    '',
  ].join('\n');
}

/** Without the mark in /run, which a boot removes, the service does not start. */
function guardText(services: readonly string[]): string {
  const unit = '[Unit]\nConditionPathExists=/run/tandem-vantage/free\n';
  const parts = services.map((service) => {
    const folder = `/etc/systemd/system/${service}.service.d`;
    return `mkdir -p "$root${folder}"\n${file(`${folder}/tandem-vantage.conf`, '644', unit)}`;
  });
  const database = file('/etc/my.cnf.d/zz-tandem-vantage.cnf', '644', '[mysqld]\nread_only=1\n');
  return [...parts, 'mkdir -p "$root/etc/my.cnf.d"', database, '[ -n "$root" ] || systemctl daemon-reload'].join('\n');
}

/** The script. It may run again at any time: it replaces what it put there before. Throws RangeError for a name that is none. */
export function installScript(options: InstallOptions): string {
  const { script, publicKeys, services, bootGuard, root } = options;
  for (const name of services) if (!word.test(name)) throw new RangeError(`${name} is no service`);
  for (const key of publicKeys) if (!publicKey.test(key)) throw new RangeError('that is no public key');
  if (!/^[A-Za-z0-9._/-]*$/.test(root)) throw new RangeError('the folder has a name that a shell would read');
  const program = `${root}/usr/local/sbin/tandem-vantage --config ${root}/etc/tandem-vantage.conf`;
  const lines = publicKeys.map(
    (key) => `restrict,command="${program}" ${key.split(' ').slice(0, 2).join(' ')} tandem-vantage`,
  );
  return [
    '#!/bin/sh',
    '# Puts tandem-vantage here and lets the watchers in by ssh, for that one program alone.',
    'set -eu',
    `root='${root}'`,
    'umask 077',
    'mkdir -p "$root/usr/local/sbin" "$root/etc" "$root/root/.ssh" "$root/var/lib/tandem-vantage" "$root/run/tandem-vantage"',
    file('/usr/local/sbin/tandem-vantage', '755', script),
    file('/etc/tandem-vantage.conf', '600', confText(options)),
    'keys="$root/root/.ssh/authorized_keys"',
    'touch "$keys"',
    `{ grep -v ' tandem-vantage$' "$keys" || true; cat <<'END'`,
    ...lines,
    'END',
    '} >"$keys.new"',
    'chmod 600 "$keys.new"',
    'mv -f "$keys.new" "$keys"',
    // It works now, and goes on doing so: only a boot or a word makes it passive.
    '[ -e "$root/var/lib/tandem-vantage/said" ] || touch "$root/run/tandem-vantage/free"',
    ...(bootGuard ? [guardText(services)] : []),
    'cat "$root"/etc/ssh/ssh_host_*_key.pub',
    '',
  ].join('\n');
}

/** Lines of a known_hosts file from the public host keys that the script printed. */
export function knownHostLines(host: string, port: number, printed: string): string {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const keys = printed.split('\n').filter((line) => /^(ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+/.test(line));
  return keys.map((line) => `${name} ${line.split(' ').slice(0, 2).join(' ')}\n`).join('');
}
