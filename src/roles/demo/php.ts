/** PHP's process manager for webmail, as systemd starts it on a real control node: here for the demo and for tests. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Php {
  readonly socket: string;
  close(): Promise<void>;
}

/** PHP's process manager, whichever version Debian has; undefined: none. */
export function findFpm(): string | undefined {
  const folder = '/usr/sbin';
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^php-fpm\d+\.\d+$/.test(name)) : [];
  const newest = names.toSorted().at(-1);
  return newest === undefined ? undefined : join(folder, newest);
}

/** Why webmail cannot be served here; undefined: it can. */
export function whyNoRoundcube(): string | undefined {
  const missing = [
    ...(findFpm() === undefined ? ['php-fpm'] : []),
    ...(existsSync('/var/lib/roundcube/public_html') ? [] : ['roundcube-core']),
    ...(existsSync('/usr/share/dbconfig-common/scripts/roundcube/upgrade/sqlite3') || hasSqlite()
      ? []
      : ['roundcube-sqlite3']),
  ];
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')} (Debian packages)`;
}

function hasSqlite(): boolean {
  const folder = '/usr/lib/php';
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((api) => existsSync(join(folder, api, 'pdo_sqlite.so')));
}

function poolOf(dir: string, program: string): string {
  const isRoot = userInfo().uid === 0;
  // Roundcube's own user, who may read nothing of Tandem's.
  const user = isRoot ? 'user = www-data\ngroup = www-data\n' : '';
  return `[global]
pid = ${dir}/pid
error_log = ${dir}/${program.split('/').at(-1)}.log
daemonize = no
[webmail]
${user}listen = ${dir}/php.sock
listen.mode = 0600
pm = ondemand
pm.max_children = 6
catch_workers_output = yes
env[TANDEM_WEBMAIL_DATA] = ${dir}/data
php_admin_value[upload_max_filesize] = 25M
php_admin_value[post_max_size] = 30M
php_admin_value[session.save_path] = ${dir}/data/temp
php_admin_flag[expose_php] = off
`;
}

/** Starts it in a folder of its own. Rejects when it does not come up. */
export async function startPhp(): Promise<Php> {
  const program = findFpm();
  if (program === undefined) throw new Error('php-fpm is not installed');
  const dir = mkdtempSync('/tmp/tdw-');
  chmodSync(dir, 0o711);
  mkdirSync(join(dir, 'data', 'temp'), { recursive: true, mode: 0o700 });
  if (userInfo().uid === 0) for (const one of ['data', 'data/temp']) giveToWeb(join(dir, one));
  const file = join(dir, 'fpm.conf');
  writeFileSync(file, poolOf(dir, program));
  const child = spawn(program, ['--nodaemonize', '--fpm-config', file], { stdio: 'ignore' });
  const lastResort = (): void => void child.kill('SIGKILL');
  process.once('exit', lastResort);
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    process.removeListener('exit', lastResort);
    if (child.exitCode === null) child.kill('SIGTERM');
    await over;
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  const socket = join(dir, 'php.sock');
  for (const limit = Date.now() + 20_000; ; await delay(20)) {
    if (await answers(socket)) return { socket, close };
    if (child.exitCode === null && Date.now() < limit) continue;
    await close();
    throw new Error(`${program} does not start`);
  }
}

/** Debian's number of www-data is the same everywhere (base-passwd). */
function giveToWeb(path: string): void {
  chownSync(path, 33, 33);
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const one = connect(socket, () => {
      one.destroy();
      resolve(true);
    });
    one.once('error', () => resolve(false));
  });
}
