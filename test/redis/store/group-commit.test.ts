import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommitUnknown, JournalAway, JournalBusy } from '../../../src/store/database-errors.ts';
import { GroupCommit } from '../../../src/store/database-group-commit.ts';
import { transactionOver } from '../../../src/store/dialect-kysely.ts';
import { SqliteConnection, sqliteLanguage } from '../../../src/store/dialect-sqlite.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { makeThings, quiet, type Tables } from './databases.ts';

/** A true connection that also notes its commands, and fails the one that a test names. */
class Noting extends SqliteConnection {
  readonly commands: string[] = [];
  failing: string | undefined;
  override exec(sql: string): void {
    this.commands.push(sql);
    if (sql === this.failing) throw new Error('disk I/O error');
    super.exec(sql);
  }
}

let dir: TempDir;
let writer: Noting;
let group: GroupCommit<Tables>;
const flush = async (): Promise<void> => undefined;

beforeEach(async () => {
  dir = tempDir('tandem-group');
  const file = `${dir.path}/journal.db`;
  await makeThings({ kind: 'sqlite', file });
  writer = new Noting(file, 50);
  group = new GroupCommit<Tables>(writer, () => transactionOver<Tables>(sqliteLanguage, writer), quiet, flush);
});
afterEach(() => {
  writer.close();
  dir.remove();
});

function add(id: string): Promise<unknown> {
  return group.write((db) => db.insertInto('things').values({ id, n: 0, text: null, bytes: null }).execute());
}
async function count(): Promise<number> {
  return group.write(async (db) => (await db.selectFrom('things').select('id').execute()).length);
}

test('writes of one turn share one transaction', async () => {
  await Promise.all(Array.from({ length: 40 }, (_, i) => add(`a${i}`)));
  expect(writer.commands.filter((sql) => sql === 'begin immediate')).toHaveLength(1);
  expect(writer.commands.filter((sql) => sql === 'savepoint w')).toHaveLength(0);
  expect(writer.commands.at(-1)).toBe('commit');
});

test('when one of them throws, it alone is undone, and the others are there once', async () => {
  const bad = group.write(async (db) => {
    await db.insertInto('things').values({ id: 'half', n: 0, text: null, bytes: null }).execute();
    throw new Error('no');
  });
  const all = [add('a'), bad, add('b')];
  expect((await Promise.allSettled(all)).map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await expect(bad).rejects.toThrow('no');
  expect(await count()).toBe(2);
  expect(writer.commands.filter((sql) => sql === 'savepoint w')).toHaveLength(3);
});

test('a write resolves after its transaction is committed, not before', async () => {
  const seen: (string | undefined)[] = [];
  await Promise.all(['a', 'b', 'c'].map((id) => add(id).then(() => seen.push(writer.commands.at(-1)))));
  expect(seen).toEqual(['commit', 'commit', 'commit']);
});

test('a write resolves after what was committed is on the disk, and others begin meanwhile', async () => {
  let ended = (): void => undefined;
  const disk = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const slow = new GroupCommit<Tables>(
    writer,
    () => transactionOver<Tables>(sqliteLanguage, writer),
    quiet,
    () => disk,
  );
  let durable = false;
  const written = slow
    .write(async () => 1)
    .then(() => {
      durable = true;
    });
  await expect.poll(() => writer.commands.at(-1)).toBe('commit');
  const other = new SqliteConnection(`${dir.path}/journal.db`, 0);
  other.exec('begin immediate');
  other.exec('rollback');
  other.close();
  expect(durable).toBe(false);
  ended();
  await written;
  expect(durable).toBe(true);
});

test('a flush that fails leaves it unknown whether the write will last', async () => {
  const failing = new GroupCommit<Tables>(
    writer,
    () => transactionOver<Tables>(sqliteLanguage, writer),
    quiet,
    async () => {
      throw new Error('EIO');
    },
  );
  await expect(failing.write(async () => 1)).rejects.toThrow(CommitUnknown);
});

test('a COMMIT that fails rejects every write of the transaction, and leaves none of them', async () => {
  writer.failing = 'commit';
  const results = await Promise.allSettled([add('a'), add('b')]);
  expect(results.map((r) => r.status === 'rejected' && r.reason instanceof CommitUnknown)).toEqual([true, true]);
  writer.failing = undefined;
  expect(await count()).toBe(0);
});

test('a BEGIN that fails rejects all writes that wait and writes nothing', async () => {
  writer.failing = 'begin immediate';
  const results = await Promise.allSettled([add('a'), add('b')]);
  expect(results.map((r) => r.status === 'rejected' && r.reason instanceof JournalAway)).toEqual([true, true]);
  writer.failing = undefined;
  expect(await count()).toBe(0);
});

test('more writes than one transaction takes all come through, in order', async () => {
  const order: number[] = [];
  await Promise.all(Array.from({ length: 1000 }, (_, i) => add(`a${i}`).then(() => order.push(i))));
  expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(await count()).toBe(1000);
  expect(writer.commands.filter((sql) => sql === 'commit').length).toBeLessThan(10);
});

test('a write that waits for anything but its statements is undone, and the ones behind it go on', async () => {
  const stuck = group.write(async (db) => {
    await db.insertInto('things').values({ id: 'stuck', n: 0, text: null, bytes: null }).execute();
    await new Promise<never>(() => undefined);
  });
  const results = await Promise.allSettled([stuck, add('behind')]);
  expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled']);
  expect(await count()).toBe(1);
});

test('while another connection has the lock a write waits, and the event loop goes on', async () => {
  const other = new SqliteConnection(`${dir.path}/journal.db`, 50);
  other.exec('begin immediate');
  let turns = 0;
  const ticker = setInterval(() => turns++, 1);
  const waiting = add('a');
  await expect.poll(() => turns).toBeGreaterThan(3);
  expect(writer.commands.filter((sql) => sql === 'begin immediate').length).toBeGreaterThan(0);
  clearInterval(ticker);
  other.exec('commit');
  other.close();
  await waiting;
  expect(await count()).toBe(1);
});

test('a lock that is never let go ends in JournalBusy', async () => {
  const hasty = new GroupCommit<Tables>(
    writer,
    () => transactionOver<Tables>(sqliteLanguage, writer),
    quiet,
    flush,
    200,
  );
  const other = new SqliteConnection(`${dir.path}/journal.db`, 50);
  other.exec('begin immediate');
  await expect(hasty.write(async () => 1)).rejects.toThrow(JournalBusy);
  other.exec('rollback');
  other.close();
  await expect(hasty.write(async () => 1)).resolves.toBe(1);
});

test('a connection that is closed says so, instead of ending the process', () => {
  const connection = new SqliteConnection(`${dir.path}/journal.db`, 50);
  connection.close();
  connection.close();
  expect(() => connection.exec('begin')).toThrow('not open');
});
