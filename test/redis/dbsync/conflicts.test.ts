import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConflicts } from '../../../src/dbsync/conflicts/store.ts';
import { note } from '../../../src/dbsync/mariadb/watch.ts';
import { type Apart, startApart } from './apart.ts';

describe('rows that both masters changed during a cut', () => {
  let pair: Apart['pair'];
  let writers: Apart['writers'];
  let resolve: Apart['resolve'];
  let both: Apart['both'];
  let settled: Apart['settled'];
  let equal: Apart['equal'];
  let apart: Apart['apart'];
  beforeAll(async () => {
    ({ pair, writers, resolve, both, settled, equal, apart } = await startApart());
  });
  afterAll(() => pair.stop());

  it('update against update: the later one stays on both, and every other row of its transaction too', async () => {
    const [m1] = pair.members;
    await m1.sql(
      `INSERT INTO bob_shop.goods VALUES (1, 'eins', 1.5, 0.1, x'00ff27', b'101', 'b', '2026-01-02 03:04:05.678', '2026-01-02 03:04:05.678901', 'Ä'), (2, 'zwei', -2.25, 1e10, NULL, NULL, NULL, NULL, NULL, NULL)`,
    );
    await settled();
    await apart(
      [
        "UPDATE bob_shop.goods SET name = CONCAT(name, ' one') WHERE id IN (1, 2)",
        "INSERT INTO bob_shop.goods (id, name) VALUES (11, 'only one')",
      ],
      [
        "UPDATE bob_shop.goods SET name = 'two', price = 7 WHERE id = 1",
        "INSERT INTO bob_shop.goods (id, name) VALUES (12, 'only two')",
      ],
    );
    const { decisions } = await resolve();
    expect(decisions).toMatchObject([
      {
        ...{ database: 'bob_shop', table: 'goods', key: ['1'], kind: 'update/update', winner: 'm2', by: 'later' },
        images: {
          m1: { name: 'eins one', price: '1.50', code: 'Ä' },
          m2: { name: 'two', price: '7.00', photo: '0x00ff27' },
        },
      },
    ]);
    await equal();
    const [rows] = await both('SELECT id, name FROM bob_shop.goods ORDER BY id');
    expect(rows).toEqual([
      { id: 1, name: 'two' },
      { id: 2, name: 'zwei one' },
      { id: 11, name: 'only one' },
      { id: 12, name: 'only two' },
    ]);
    expect(await readConflicts(pair.servers[1], 10)).toMatchObject([{ state: 'done', decision: { winner: 'm2' } }]);
  });

  it('update against delete, both ways', async () => {
    await both('SELECT 1');
    const [m1] = pair.members;
    await m1.sql("INSERT INTO bob_shop.goods (id, name) VALUES (20, 'a'), (21, 'b'), (22, 'c')");
    await settled();
    await apart(
      ["UPDATE bob_shop.goods SET name = 'changed' WHERE id = 20", 'DELETE FROM bob_shop.goods WHERE id = 21'],
      ['DELETE FROM bob_shop.goods WHERE id IN (20, 22)', "UPDATE bob_shop.goods SET name = 'later' WHERE id = 21"],
    );
    expect((await resolve()).decisions).toMatchObject([
      { key: ['20'], kind: 'update/delete', winner: 'm2', images: { m1: { name: 'changed' }, m2: null } },
      { key: ['21'], kind: 'delete/update', winner: 'm2', images: { m1: null, m2: { name: 'later' } } },
    ]);
    await equal();
    const found = await both('SELECT id, name FROM bob_shop.goods WHERE id BETWEEN 20 AND 22');
    expect(found).toEqual([[{ id: 21, name: 'later' }], [{ id: 21, name: 'later' }]]);
  });

  it('insert against insert, delete against delete, also where a collation takes two spellings for one key', async () => {
    const [m1] = pair.members;
    await m1.sql("INSERT INTO bob_shop.mails VALUES ('gone@x', 1)");
    await settled();
    await apart(
      [
        "INSERT INTO bob_shop.mails VALUES ('Bob@x', 1), ('eve@x', 1)",
        "DELETE FROM bob_shop.mails WHERE mail = 'gone@x'",
      ],
      [
        "INSERT INTO bob_shop.mails VALUES ('bob@X', 2), ('ann@x', 2)",
        "DELETE FROM bob_shop.mails WHERE mail = 'gone@x'",
      ],
    );
    const { decisions } = await resolve();
    expect(decisions.map((one) => [one.kind, one.winner, one.by])).toEqual([
      ['insert/insert', 'm2', 'later'],
      ['delete/delete', 'm1', 'same'],
    ]);
    await equal();
    const [rows] = await both("SELECT mail FROM bob_shop.mails WHERE mail LIKE '%@x' ORDER BY mail");
    expect(rows).toEqual([{ mail: 'ann@x' }, { mail: 'bob@X' }, { mail: 'eve@x' }]);
  });

  it('one unique value under two keys, one that wandered, and a key that was changed', async () => {
    const [m1] = pair.members;
    await m1.sql("INSERT INTO bob_shop.users VALUES (1, 'ann'), (2, 'eve'), (3, 'joe')");
    await settled();
    await apart(
      [
        "INSERT INTO bob_shop.users VALUES (11, 'new')",
        "UPDATE bob_shop.users SET login = 'old ann' WHERE id = 1",
        "INSERT INTO bob_shop.users VALUES (13, 'ann')",
        'UPDATE bob_shop.users SET id = 30 WHERE id = 3',
      ],
      [
        "INSERT INTO bob_shop.users VALUES (12, 'new')",
        "UPDATE bob_shop.users SET login = 'ANN' WHERE id = 1",
        "UPDATE bob_shop.users SET login = 'joseph' WHERE id = 3",
      ],
    );
    await resolve();
    await equal();
    const [rows] = await both('SELECT id, login FROM bob_shop.users ORDER BY id');
    expect(rows).toEqual([
      { id: 1, login: 'ANN' },
      { id: 2, login: 'eve' },
      { id: 3, login: 'joseph' },
      { id: 12, login: 'new' },
    ]);
  });

  it("in a one-writer account the writer's row wins although the other wrote later; both images are kept", async () => {
    writers.set('bob_shop', 'm1');
    await apart(
      ["UPDATE bob_shop.goods SET name = 'by the writer' WHERE id = 1"],
      ["UPDATE bob_shop.goods SET name = 'by a straggler' WHERE id = 1", 'DELETE FROM bob_shop.goods WHERE id = 2'],
    );
    const { decisions } = await resolve();
    writers.clear();
    expect(decisions).toMatchObject([
      { winner: 'm1', by: 'writer', images: { m1: { name: 'by the writer' }, m2: { name: 'by a straggler' } } },
    ]);
    await equal();
    expect(await both('SELECT name FROM bob_shop.goods WHERE id IN (1, 2)')).toEqual([
      [{ name: 'by the writer' }],
      [{ name: 'by the writer' }],
    ]);
  });

  it('a table without a key is not judged, and said to be so; its rows cross as they are', async () => {
    await apart(['INSERT INTO bob_shop.visits VALUES (1)'], ['INSERT INTO bob_shop.visits VALUES (2)'], 0);
    expect(await resolve()).toMatchObject({
      decisions: [],
      unjudged: [{ database: 'bob_shop', table: 'visits', reason: expect.stringContaining('no key') }],
    });
    await equal();
    expect(await both('SELECT COUNT(*) AS n FROM bob_shop.visits')).toEqual([[{ n: 2 }], [{ n: 2 }]]);
  });

  it('nor is one with a unique index over the beginning of a text', async () => {
    const [m1] = pair.members;
    await m1.sql('CREATE TABLE bob_shop.links (id INT PRIMARY KEY, url TEXT, UNIQUE KEY (url(5)))');
    await settled();
    await apart(["INSERT INTO bob_shop.links VALUES (1, 'a')"], ["INSERT INTO bob_shop.links VALUES (2, 'b')"], 0);
    expect(await resolve()).toMatchObject({
      decisions: [],
      unjudged: [{ table: 'links', reason: expect.stringContaining('beginning of a text') }],
    });
    await equal();
  });

  it("customers' triggers do not run a second time, and generated columns are no hindrance", async () => {
    const [m1] = pair.members;
    await m1.sql(`CREATE TABLE bob_shop.sums (id INT PRIMARY KEY, a INT, twice INT AS (a * 2) VIRTUAL,
      kept INT AS (a + 1) STORED, b VARCHAR(9))`);
    await m1.sql('CREATE TABLE bob_shop.log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20))');
    await m1.sql(`CREATE TRIGGER bob_shop.sums_u AFTER UPDATE ON bob_shop.sums FOR EACH ROW
      INSERT INTO bob_shop.log (what) VALUES (CONCAT(NEW.id, NEW.b))`);
    await m1.sql("INSERT INTO bob_shop.sums (id, a, b) VALUES (1, 10, 'x')");
    await settled();
    await apart(
      ["UPDATE bob_shop.sums SET b = 'one' WHERE id = 1"],
      ["UPDATE bob_shop.sums SET b = 'two' WHERE id = 1"],
    );
    expect((await resolve()).decisions).toMatchObject([{ kind: 'update/update', winner: 'm2' }]);
    await equal();
    expect(await both('SELECT COUNT(*) AS n FROM bob_shop.log')).toEqual([[{ n: 2 }], [{ n: 2 }]]);
    expect(await both('SELECT a, twice, kept, b FROM bob_shop.sums')).toEqual([
      [{ a: 10, twice: 20, kept: 11, b: 'two' }],
      [{ a: 10, twice: 20, kept: 11, b: 'two' }],
    ]);
  });

  it('what a person paused is left alone', async () => {
    await note(pair.servers[1], 'hold', JSON.stringify({ reason: 'paused by hand' }));
    await expect(resolve()).rejects.toThrow('M2 is paused');
    await note(pair.servers[1], 'hold', undefined);
    await resolve();
  });

  it('rows that are written all the while on both sides end equal', async () => {
    const [m1, m2] = pair.members;
    await apart(
      ["UPDATE bob_shop.goods SET name = 'h1' WHERE id = 1"],
      ["UPDATE bob_shop.goods SET name = 'h2' WHERE id = 1"],
      0,
    );
    let writing = true;
    let n = 0;
    const writer = (async () => {
      while (writing) await m1.sql('UPDATE bob_shop.goods SET price = ? WHERE id = 1', [n++]);
    })();
    const other = (async () => {
      while (writing) await m2.sql('UPDATE bob_shop.mails SET n = n + 1 LIMIT 1');
    })();
    const { decisions } = await resolve();
    writing = false;
    await Promise.all([writer, other]);
    expect(decisions.length).toBeGreaterThan(0);
    await equal();
  });

  it('every type of column is shown as the server writes it', async () => {
    const [m1] = pair.members;
    await m1.sql(`CREATE TABLE bob_shop.types (id INT PRIMARY KEY, t TINYINT, tu TINYINT UNSIGNED, m MEDIUMINT, b BIGINT,
      bu BIGINT UNSIGNED, d1 DECIMAL(20,6), d2 DECIMAL(9,0), f DOUBLE, y YEAR, da DATE, ti TIME(2), dt DATETIME(6),
      ts TIMESTAMP NULL, v VARCHAR(300), c CHAR(20) CHARACTER SET latin1, e ENUM('x','y'), s SET('p','q','r'), tx MEDIUMTEXT, bl TINYBLOB, bi BIT(12), va VARBINARY(9), n INT)`);
    const values = `-5, 250, -70000, -9000000000000000000, 18000000000000000000, -12345678901234.000001, 123456789,
      0.1, 2026, '1999-12-31', '-12:34:56.78', '2026-02-03 04:05:06.000007', '2026-02-03 04:05:06', 'Zürich', 'Ö', 'y', 'p,r', 'text', x'00ff', b'100000000001', x'0a', NULL`;
    const shown = 'id, t, tu, m, b, bu, d1, d2, f, y, da, ti, dt, v, c, tx, n';
    await apart(
      [`INSERT INTO bob_shop.types VALUES (1, ${values})`],
      [`INSERT INTO bob_shop.types VALUES (1, ${values})`],
    );
    const { decisions } = await resolve();
    expect(decisions).toMatchObject([{ kind: 'insert/insert', by: 'same', label: 'id=1' }]);
    const [row] = await pair.servers[0].rows(`SELECT ${shown} FROM bob_shop.types`);
    const image = decisions[0]?.images['m1'] ?? {};
    expect(Object.fromEntries(shown.split(', ').map((name) => [name, image[name]]))).toEqual(row);
    expect(image).toMatchObject({ e: '2', s: '5', bl: '0x00ff', bi: '2049', va: '0x0a', ts: '2026-02-03 04:05:06' });
    await equal();
  });
});
