import type { Mutant } from './rules.ts';

const journal = 'test/redis/store/journal.test.ts';
const group = 'test/redis/store/group-commit.test.ts';
const faults = 'test/redis/store/mariadb-faults.test.ts';
const migrations = 'test/redis/store/migrate.test.ts';
const doctor = 'test/redis/store/doctor.test.ts';
const seal = 'test/unit/store/seal.test.ts';

/** The store's base: durable, one fails alone, never twice. */
export const storeRules: readonly Mutant[] = [
  {
    rule: 'a write that fails is undone alone',
    file: 'src/store/database-group-commit.ts',
    search: `if (!result.ok) this.#writer.exec('rollback to w');`,
    replace: '',
    tests: [journal],
  },
  {
    rule: 'a write resolves after COMMIT, not before',
    file: 'src/store/database-group-commit.ts',
    search: 'if (result.ok) results.push(result);',
    replace: `if (result.ok) { waiting.settle(result); results.push(result);
      await new Promise((go) => setImmediate(go)); }`,
    tests: [group],
  },
  {
    rule: 'a write resolves when it is on the disk',
    file: 'src/store/database-sqlite.ts',
    search: 'await handle.datasync();',
    replace: '',
    tests: ['test/redis/store/power-loss.test.ts'],
  },
  {
    rule: 'a write that waits for something else is given up',
    file: 'src/store/database-group-commit.ts',
    search: 'setImmediate(() => resolve({ ok: false, error: new JournalMisuse(stuck) }))',
    replace: 'setImmediate(() => undefined)',
    tests: [group],
  },
  {
    rule: 'SQLite flushes before checkpoints',
    file: 'src/store/database-sqlite.ts',
    search: `'pragma synchronous = normal'`,
    replace: `'pragma synchronous = off'`,
    tests: [doctor],
  },
  {
    rule: 'a write resolves after the flush, not before',
    file: 'src/store/database-group-commit.ts',
    search: 'await flushed(this.#flush);',
    replace: 'void flushed(this.#flush);',
    tests: [group],
  },
  {
    rule: 'SQLite keeps a WAL',
    file: 'src/store/database-sqlite.ts',
    search: `'pragma journal_mode = wal'`,
    replace: `'pragma journal_mode = delete'`,
    tests: [doctor],
  },
  {
    rule: 'a read cannot write, SQLite',
    file: 'src/store/database-sqlite.ts',
    search: `'pragma query_only = on'`,
    replace: `'pragma query_only = off'`,
    tests: [journal],
  },
  {
    rule: 'a read cannot write, MariaDB',
    file: 'src/store/dialect-mysql.ts',
    search: 'readOnly ? 1 : 0',
    replace: '0',
    tests: [journal],
  },
  {
    rule: 'a boolean never reaches the driver, which dies of it',
    file: 'src/store/dialect-sqlite.ts',
    search: `if (typeof value === 'boolean') return value ? 1 : 0;`,
    replace: '',
    tests: ['test/unit/store/to-sqlite.test.ts'],
  },
  {
    rule: 'a query builder is dead when its write is over',
    file: 'src/store/dialect-kysely.ts',
    search: 'over = true;',
    replace: 'over = false;',
    tests: [journal],
  },
  {
    rule: 'a conflict makes the whole write again',
    file: 'src/store/database-mariadb.ts',
    search: '(isConflict(error) || isConnectionLost(error))',
    replace: 'isConnectionLost(error)',
    tests: [faults],
  },
  {
    rule: 'a COMMIT whose answer was lost is not made again',
    file: 'src/store/database-mariadb.ts',
    search: `throw new CommitUnknown('journal: the answer to COMMIT was lost', { cause: error });`,
    replace: 'throw error;',
    tests: [faults],
  },
  {
    rule: 'a write inside a write is refused, MariaDB',
    file: 'src/store/database-mariadb.ts',
    search: 'inside.getStore() === true',
    replace: 'inside.getStore() === undefined && closed',
    tests: [journal],
  },
  {
    rule: 'a migration is made once',
    file: 'src/store/migrate.ts',
    search: 'if ((await madeBefore(db)).has(migration.name)) return false;',
    replace: '',
    tests: [migrations],
  },
  {
    rule: 'two starts on MariaDB take turns',
    file: 'src/store/migrate.ts',
    search: 'while (!(await tryLock(journal, owner))) {',
    replace: 'while (!(await tryLock(journal, owner)) && journal.kind !== "mariadb") {',
    tests: [migrations],
  },
  {
    rule: 'names are compared byte by byte on MariaDB',
    file: 'src/store/migrate.ts',
    search: `if (journal.kind === 'mariadb') await journal.write(compareBytes);`,
    replace: '',
    tests: [migrations],
  },
  {
    rule: 'a journal of a newer version is refused',
    file: 'src/store/migrate.ts',
    search: 'if (strange.length === 0) return;',
    replace: 'if (strange.length >= 0) return;',
    tests: [migrations],
  },
  {
    rule: 'fingerprints need the key file',
    file: 'src/store/seal.ts',
    search: `createHmac('sha256', fingerprints)`,
    replace: `createHmac('sha256', 'tandem')`,
    tests: [seal],
  },
  {
    rule: 'a key file that others may read is refused',
    file: 'src/store/seal-key-file.ts',
    search: '(found & 0o077) !== 0',
    replace: '(found & 0o007) !== 0',
    tests: ['test/redis/store/key-file.test.ts'],
  },
  {
    rule: 'a producer is not held by a frozen Redis',
    file: 'src/store/redis.ts',
    search: ', commandTimeout: producerAnswerMs',
    replace: '',
    tests: ['test/redis/store/redis.test.ts'],
  },
  {
    rule: 'two Tandems never run two servers on one AOF',
    file: 'src/store/embedded-redis-folder.ts',
    search: 'if (await ownerLives(ownerFile)) {',
    replace: 'if ((await ownerLives(ownerFile)) && dir === "") {',
    tests: ['test/redis/store/embedded-redis.test.ts'],
  },
];
