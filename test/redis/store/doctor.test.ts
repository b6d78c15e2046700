import { createConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { openJournal } from '../../../src/store/database.ts';
import { SqliteConnection } from '../../../src/store/dialect-sqlite.ts';
import { doctorJournal } from '../../../src/store/doctor.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { startMariadb } from '../../support/mariadb.ts';
import { missing, tempDir } from '../../support/processes.ts';
import { configOf, onBothDatabases, quiet, type Tables } from './databases.ts';

onBothDatabases('the doctor', (config) => {
  test('finds nothing wrong with a journal as Tandem makes it, and says what it looked at', async () => {
    const fresh = await openJournal<Tables>(config(), { log: quiet });
    await migrate(fresh, []);
    await fresh.close();
    const journal = await openJournal<Tables>(config(), { log: quiet });
    const lines = await doctorJournal(journal);
    await journal.close();
    expect(lines.filter((line) => !line.ok)).toEqual([]);
    expect(lines.map((line) => line.check)).toContain(
      journal.kind === 'sqlite' ? 'journal.synchronous' : 'journal.flush',
    );
    expect(lines.map((line) => line.check)).toContain('journal.clock');
  });
});

test('the doctor sees a SQLite journal that lost its WAL mode', async () => {
  const dir = tempDir('tandem-doctor');
  const file = `${dir.path}/j.db`;
  const journal = await openJournal<Tables>({ kind: 'sqlite', file }, { log: quiet });
  await journal.close();
  const spoiler = new SqliteConnection(file, 1000);
  spoiler.exec('pragma journal_mode = delete');
  spoiler.close();
  const spoilt = await openJournal<Tables>({ kind: 'sqlite', file }, { log: quiet });
  const lines = await doctorJournal(spoilt);
  await spoilt.close();
  dir.remove();
  // Opening puts it right again, which is what the sentence must say.
  expect(lines.find((line) => line.check === 'journal.wal')).toMatchObject({
    ok: true,
    sentence: expect.stringContaining('wal'),
  });
});

describe.skipIf(missing('mariadbd') !== undefined)('the doctor, on a MariaDB with other settings', () => {
  test('warns of a server that does not flush at commit', async () => {
    const server = await startMariadb();
    try {
      const admin = await createConnection({
        host: server.host,
        port: server.port,
        user: server.user,
        password: server.password,
      });
      await admin.query('set global innodb_flush_log_at_trx_commit = 2');
      await admin.end();
      const journal = await openJournal<Tables>(configOf(server), { log: quiet });
      const bad = (await doctorJournal(journal)).filter((line) => !line.ok).map((line) => line.check);
      await journal.close();
      // The database is new and was not migrated: its collation is the server's default.
      expect(bad).toEqual(['journal.flush', 'journal.collation']);
    } finally {
      await server.stop();
    }
  });
});
