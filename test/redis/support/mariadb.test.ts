import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMariadb, type TestMariadb } from '../../support/mariadb.ts';

describe('the MariaDB of a test', () => {
  let server: TestMariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  async function ask(sql: string, database = server.database): Promise<unknown> {
    const { host, port, user, password } = server;
    const connection = await createConnection({ host, port, user, password, database });
    try {
      return (await connection.query(sql))[0];
    } finally {
      await connection.end();
    }
  }

  it('commits durably and speaks only to loopback', async () => {
    const [row] = Object.values((await ask('SELECT @@innodb_flush_log_at_trx_commit AS d, @@bind_address AS b')) ?? {});
    expect(row).toEqual({ d: 1, b: '127.0.0.1' });
  });

  it('keeps a committed row over kill -9', async () => {
    await ask('CREATE TABLE kept (id INT PRIMARY KEY)');
    await ask('INSERT INTO kept VALUES (7)');
    await server.kill();
    await expect(ask('SELECT 1')).rejects.toThrow();
    await server.restart();
    expect(await ask('SELECT id FROM kept')).toEqual([{ id: 7 }]);
  });

  it('makes databases that are empty each time', async () => {
    const name = await server.freshDatabase('scratch');
    await ask('CREATE TABLE t (id INT)', name);
    await server.freshDatabase('scratch');
    expect(await ask('SHOW TABLES', name)).toEqual([]);
  });
});
