/** The real servers of backing.ts. Users live at localhost, as cPanel makes them. */
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import type { BackingOptions, Real, RealServer } from './backing.ts';
import { mysqlStore, postgresStore } from './modules/database-store.ts';

const noGrant = 'ER_NONEXISTING_GRANT';

function mariadbServer(at: RealServer): Real {
  const place =
    at.socket === undefined ? { host: at.host ?? 'localhost', port: at.port ?? 3306 } : { socketPath: at.socket };
  async function on<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await createConnection({
      ...place,
      user: at.user,
      password: at.password ?? '',
      maxPreparedStatements: 1,
    });
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
  const run = (sql: string, values: readonly unknown[]): Promise<void> =>
    on(async (connection) => void (await connection.query(sql, [...values])));
  const first = async (sql: string): Promise<readonly string[]> => {
    const [rows] = await on((connection) => connection.query<RowDataPacket[]>(sql));
    return rows.map((row) => String(Object.values(row)[0]));
  };
  async function revoke(database: string, user: string): Promise<void> {
    try {
      await run('REVOKE ALL PRIVILEGES ON ??.* FROM ?@localhost', [database, user]);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === noGrant)) throw error;
    }
  }
  return {
    store: mysqlStore,
    names: async () => ({
      databases: await first('SHOW DATABASES'),
      users: await first("SELECT User FROM mysql.user WHERE Host = 'localhost'"),
    }),
    createDatabase: (name) => run('CREATE DATABASE ??', [name]),
    dropDatabase: (name) => run('DROP DATABASE ??', [name]),
    renameDatabase: () => Promise.reject(new Error('a simulated server renames no real MySQL database')),
    createUser: (name, password) => run('CREATE USER ?@localhost IDENTIFIED BY ?', [name, password]),
    setPassword: (name, password) => run('ALTER USER ?@localhost IDENTIFIED BY ?', [name, password]),
    dropUser: (name) => run('DROP USER ?@localhost', [name]),
    async grant({ database, dbuser, privileges }) {
      await revoke(database, dbuser);
      // Names of privileges were checked against the list of all.
      await run(`GRANT ${privileges.join(', ')} ON ??.* TO ?@localhost`, [database, dbuser]);
    },
    revoke,
  };
}

function postgresServer(at: RealServer): Real {
  const place = { host: at.socket ?? at.host ?? 'localhost', port: at.port ?? 5432 };
  const who = { user: at.user, ...(at.password === undefined ? {} : { password: at.password }) };
  async function rows(sql: string, database = 'postgres'): Promise<readonly string[]> {
    const client = new pg.Client({ ...place, ...who, database, application_name: 'cpanel' });
    client.on('error', () => {});
    await client.connect();
    try {
      const answer = await client.query<Record<string, string>>(sql);
      return answer.rows.map((row) => Object.values(row)[0] ?? '');
    } finally {
      await client.end();
    }
  }
  const { escapeIdentifier: name, escapeLiteral: text } = pg;
  const run = async (sql: string): Promise<void> => void (await rows(sql));
  return {
    store: postgresStore,
    names: async () => ({
      databases: await rows('SELECT datname::text FROM pg_database WHERE NOT datistemplate'),
      users: await rows('SELECT rolname::text FROM pg_roles WHERE rolcanlogin'),
    }),
    createDatabase: (one) => run(`CREATE DATABASE ${name(one)}`),
    dropDatabase: (one) => run(`DROP DATABASE ${name(one)}`),
    renameDatabase: (from, to) => run(`ALTER DATABASE ${name(from)} RENAME TO ${name(to)}`),
    createUser: (one, password) => run(`CREATE ROLE ${name(one)} LOGIN PASSWORD ${text(password)}`),
    setPassword: (one, password) => run(`ALTER ROLE ${name(one)} LOGIN PASSWORD ${text(password)}`),
    dropUser: (one) => run(`DROP ROLE ${name(one)}`),
    grant: ({ database, dbuser }) => run(`GRANT ALL PRIVILEGES ON DATABASE ${name(database)} TO ${name(dbuser)}`),
    revoke: (database, user) => run(`REVOKE ALL PRIVILEGES ON DATABASE ${name(database)} FROM ${name(user)}`),
  };
}

/** Every server that was asked for; connections are made when needed. */
export function realServers(options: BackingOptions): readonly Real[] {
  return [
    ...(options.mariadb === undefined ? [] : [mariadbServer(options.mariadb)]),
    ...(options.postgres === undefined ? [] : [postgresServer(options.postgres)]),
  ];
}
