import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Journal, type MariadbConfig, openJournal } from '../../../src/store/database.ts';
import { CommitUnknown, JournalAway, JournalBusy } from '../../../src/store/database-errors.ts';
import { startMariadb, type TestMariadb } from '../../support/mariadb.ts';
import { missing } from '../../support/processes.ts';
import { configOf, makeThings, quiet, type Tables } from './databases.ts';

/** A line to the server that cuts every connection when `cutAt` goes by, after or before passing it on. */
class Line {
  cutAt: { readonly text: string; readonly passOn: boolean } | undefined;
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    }
    server.on('data', (chunk) => client.write(chunk)).on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    client.on('data', (chunk) => this.#pass(chunk, client, server));
  }

  #pass(chunk: Buffer, client: Socket, server: Socket): void {
    const cut = this.cutAt;
    if (cut === undefined || !chunk.includes(cut.text)) {
      server.write(chunk);
      return;
    }
    this.cutAt = undefined;
    this.cuts++;
    if (!cut.passOn) {
      client.destroy();
      return;
    }
    // The server's answer is what is lost: its first byte after this cuts the client off.
    server.removeAllListeners('data').once('data', () => client.destroy());
    server.write(chunk);
  }
}

describe.skipIf(missing('mariadbd') !== undefined)('a journal on MariaDB', () => {
  let server: TestMariadb;
  let line: Line;
  let journal: Journal<Tables>;
  let direct: MariadbConfig;

  beforeAll(async () => {
    server = await startMariadb();
    direct = configOf(server);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await makeThings(direct);
    line = new Line(server.port);
    journal = await openJournal<Tables>({ ...direct, port: await line.open() }, { log: quiet });
  });
  afterEach(async () => {
    await journal.close();
    await line.close();
  });

  function add(id: string): Promise<unknown> {
    return journal.write((db) => db.insertInto('things').values({ id, n: 0, text: null, bytes: null }).execute());
  }
  async function ids(): Promise<readonly string[]> {
    const rows = await journal.read((db) => db.selectFrom('things').select('id').orderBy('id').execute());
    return rows.map((row) => row.id);
  }

  test('connections that the server ended while nobody worked are made anew, as a standby’s are that begins to work', async () => {
    const connection = await createConnection({
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
    });
    const open = async (): Promise<number> => {
      const [rows] = await connection.query(
        'SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()',
        [direct.database],
      );
      return (rows as { n: number }[])[0]?.n ?? -1;
    };
    const [[was]] = (await connection.query('SELECT @@GLOBAL.wait_timeout AS s')) as unknown as [{ s: number }[]];
    await connection.query('SET GLOBAL wait_timeout = 1');
    try {
      // A connection keeps the limit that stood when it began.
      await journal.close();
      journal = await openJournal<Tables>(direct, { log: quiet });
      await Promise.all(['a', 'b', 'c', 'd'].flatMap((id) => [add(id), ids()]));
      expect(await open()).toBeGreaterThan(1);
      await expect.poll(open, { timeout: 20_000 }).toBe(0);
      await Promise.all(['e', 'f', 'g', 'h'].flatMap((id) => [add(id), ids()]));
      expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    } finally {
      await connection.query('SET GLOBAL wait_timeout = ?', [was?.s]);
      await connection.end();
    }
  });

  test('a deadlock is made again from the start, and both writes happen once', async () => {
    await add('a');
    await add('b');
    const runs = { ab: 0, ba: 0 };
    // Both hold their first row before either asks for its second: one of them must be the victim.
    let arrived = 0;
    let meet = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    function bump(name: 'ab' | 'ba', first: string, second: string): Promise<void> {
      return journal.write(async (db) => {
        runs[name]++;
        const up = (id: string) =>
          db
            .updateTable('things')
            .set((eb) => ({ n: eb('n', '+', 1) }))
            .where('id', '=', id)
            .execute();
        await up(first);
        if (++arrived === 2) meet();
        await met;
        await up(second);
      });
    }
    await Promise.all([bump('ab', 'a', 'b'), bump('ba', 'b', 'a')]);
    expect(runs.ab + runs.ba).toBe(3);
    const rows = await journal.read((db) => db.selectFrom('things').select('n').execute());
    expect(rows.map((row) => row.n)).toEqual([2, 2]);
  });

  test('a conflict that never ends becomes JournalBusy', async () => {
    const conflict = Object.assign(new Error('Deadlock found'), { errno: 1213 });
    let runs = 0;
    const write = journal.write(async () => {
      runs++;
      throw conflict;
    });
    await expect(write).rejects.toThrow(JournalBusy);
    expect(runs).toBe(12);
  });

  test('an error of the work itself is not repeated', async () => {
    let runs = 0;
    const write = journal.write(async () => {
      runs++;
      throw new RangeError('mine');
    });
    await expect(write).rejects.toThrow(RangeError);
    expect(runs).toBe(1);
  });

  test('a connection lost before COMMIT is made again, and the row is there once', async () => {
    line.cutAt = { text: 'insert into', passOn: true };
    await add('a');
    expect(line.cuts).toBe(1);
    expect(await ids()).toEqual(['a']);
  });

  test('the answer to COMMIT lost: CommitUnknown, and the row is there', async () => {
    line.cutAt = { text: 'commit', passOn: true };
    await expect(add('a')).rejects.toThrow(CommitUnknown);
    await expect.poll(ids).toEqual(['a']);
  });

  test('COMMIT lost on its way: CommitUnknown, and the row is not there', async () => {
    line.cutAt = { text: 'commit', passOn: false };
    await expect(add('a')).rejects.toThrow(CommitUnknown);
    expect(await ids()).toEqual([]);
    await add('a');
    expect(await ids()).toEqual(['a']);
  });

  test('a read on a connection that broke is made again', async () => {
    await add('a');
    line.cutAt = { text: 'select `id`', passOn: false };
    expect(await ids()).toEqual(['a']);
    expect(line.cuts).toBe(1);
  });

  test('after a restart of the server work goes on with the committed rows', async () => {
    await add('a');
    await server.restart();
    await add('b');
    expect(await ids()).toEqual(['a', 'b']);
  });

  test('a server that is away is JournalAway at opening, with what to do', async () => {
    const port = await line.open().catch(() => 1);
    expect(port).toBe(1);
    const opened = openJournal({ ...direct, port: 1 }, { log: quiet });
    await expect(opened).rejects.toThrow(JournalAway);
    await expect(opened).rejects.toMatchObject({ hint: expect.stringContaining('Check that MariaDB runs') });
  });

  test('a wrong password is JournalAway at opening and is not in the message', async () => {
    const opened = openJournal({ ...direct, password: 'wr0ng-secret' }, { log: quiet });
    await expect(opened).rejects.toThrow(JournalAway);
    await expect(opened).rejects.not.toThrow('wr0ng-secret');
  });
});
