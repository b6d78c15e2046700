import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { oncePerRun } from './once.ts';
import { missing, onFreePort, type Running, run, tempDir, untilReady } from './processes.ts';

export interface TestMariadb {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** An empty database that exists from the start. */
  readonly database: string;
  /** Makes an empty database of that name, dropping an old one. Answers the name. */
  freshDatabase(name: string): Promise<string>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
  /** `kill -9`; committed transactions stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
}

const [host, user, password, database] = ['127.0.0.1', 'tandem', 'tandem-test', 'tandem'] as const;

/** Debian's mariadbd refuses to be root unless told; as anyone else the option must not be there. */
function asUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** Of the redo log, here and in what every server is copied from. */
export const logFileSize = '--innodb-log-file-size=8M';

/** Makes the data folder of a new server: a copy of one that is made once for all of a run. */
export async function installMariadb(datadir: string): Promise<void> {
  const made = await oncePerRun('mariadb', install);
  const copied = run('cp', ['-a', join(made, 'data'), datadir]);
  await copied.exited;
  if (copied.child.exitCode !== 0) throw new Error(`cp failed: ${copied.output()}`);
}

async function install(dir: string): Promise<void> {
  const made = run('mariadb-install-db', [
    ...['--no-defaults', `--datadir=${join(dir, 'data')}`, `--tmpdir=${dir}`, logFileSize, ...asUser()],
    ...['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
  ]);
  await made.exited;
  if (made.child.exitCode !== 0) throw new Error(`mariadb-install-db failed: ${made.output()}`);
}

/** A connection as root on the server's own socket, which no other server shares. */
async function atSocket<T>(dir: string, ask: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ socketPath: join(dir, 'sock'), user: 'root' });
  try {
    return await ask(connection);
  } finally {
    await connection.end();
  }
}

async function launch(dir: string, port: number): Promise<Running> {
  const server = run('/usr/sbin/mariadbd', [
    ...[
      '--no-defaults',
      `--datadir=${join(dir, 'data')}`,
      // Temporary tables: in a shared folder two servers that start at once take them from each other.
      `--tmpdir=${dir}`,
      `--socket=${join(dir, 'sock')}`,
      ...asUser(),
    ],
    ...[`--pid-file=${join(dir, 'pid')}`, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
    // Durable as in production; small, since several may run at once.
    ...['--innodb-flush-log-at-trx-commit=1', logFileSize, '--innodb-buffer-pool-size=64M'],
    ...['--performance-schema=off', '--skip-log-bin', '--max-connections=300', '--character-set-server=utf8mb4'],
  ]);
  await untilReady(server, () =>
    atSocket(dir, (connection) => connection.ping()).then(
      () => true,
      () => false,
    ),
  );
  return server;
}

/** An own mariadbd on loopback, with the Debian package's programs and its own directory. The caller stops it. */
export async function startMariadb(): Promise<TestMariadb> {
  const lacking = missing('mariadbd');
  if (lacking !== undefined) throw new Error(lacking);
  const dir = tempDir('tandem-mariadb');
  chmodSync(dir.path, 0o700);
  await installMariadb(join(dir.path, 'data'));
  const first = await onFreePort((port) => launch(dir.path, port));
  let server = first.server;
  async function freshDatabase(name: string): Promise<string> {
    await atSocket(dir.path, async (connection) => {
      await connection.query('DROP DATABASE IF EXISTS ??', [name]);
      await connection.query('CREATE DATABASE ?? CHARACTER SET utf8mb4', [name]);
    });
    return name;
  }
  await atSocket(dir.path, async (connection) => {
    await connection.query('CREATE USER ?@? IDENTIFIED BY ?', [user, host, password]);
    await connection.query('GRANT ALL ON *.* TO ?@?', [user, host]);
  });
  await freshDatabase(database);
  return {
    ...{ host, port: first.port, user, password, database, freshDatabase },
    kill: () => server.end('SIGKILL'),
    async stop() {
      await server.end('SIGTERM');
      dir.remove();
    },
    async restart() {
      await server.end('SIGKILL');
      server = await launch(dir.path, first.port);
    },
  };
}
