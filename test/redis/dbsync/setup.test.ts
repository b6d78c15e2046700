import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { databaseGate, databasesStatus } from '../../../src/dbsync/status.ts';
import { databaseCommand } from '../../../src/roles/databases/index.ts';
import { freePort } from '../../support/processes.ts';
import { arrives } from './arrives.ts';
import { setUp, startPair, type TestPair } from './pair.ts';

const limits = { lagWarnMs: 30_000, lagGateMs: 5000 };

describe('db setup', () => {
  let pair: TestPair;
  let told: string[] = [];
  beforeAll(async () => {
    pair = await startPair();
  });
  beforeEach(() => {
    told = [];
  });
  afterAll(() => pair.stop());

  const tell = (line: string): void => void told.push(line);

  /** The file that a line of the output names. */
  function fileOf(words: string): string {
    const line = told.find((one) => one.includes(words));
    return line?.slice(line.lastIndexOf(' ') + 1) ?? '';
  }

  it('makes a pair of one full server and another, with TLS and nothing configured before', async () => {
    const [m1, m2] = pair.members;
    await m1.sql('CREATE DATABASE bob_shop');
    await m1.sql('CREATE TABLE bob_shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40))');
    await m1.sql("INSERT INTO bob_shop.orders (what) VALUES ('tea'), ('milk')");
    await m1.sql('CREATE EVENT bob_shop.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM bob_shop.orders WHERE id < 0');
    await m2.sql('CREATE DATABASE eve_blog');
    await m2.sql('CREATE TABLE eve_blog.posts (id INT PRIMARY KEY, text TEXT) ENGINE=MyISAM');
    await m2.sql("INSERT INTO eve_blog.posts VALUES (7, 'CHANGE MASTER TO nobody')");
    // Crash at each point first: the next run takes it up.
    for (const point of [
      'dbsync.seed-marked',
      'dbsync.seed-copied',
      'dbsync.before-position',
      'dbsync.before-connect',
      'dbsync.paired',
    ])
      await expect(setUp(pair, { tell, crash: point })).rejects.toThrow(`crash at ${point}`);
    expect(await setUp(pair, { tell })).toMatchObject({ changed: true });
    await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.orders', 2);
    await arrives(m1, 'SELECT text FROM eve_blog.posts', 'CHANGE MASTER TO nobody');
    await m1.sql("INSERT INTO bob_shop.orders (what) VALUES ('on one')");
    await m2.sql("INSERT INTO bob_shop.orders (what) VALUES ('on two')");
    for (const one of pair.members) await arrives(one, 'SELECT COUNT(*) FROM bob_shop.orders', 4);
    expect(await m2.sql('SELECT id % 2 AS odd FROM bob_shop.orders WHERE id > 2 ORDER BY what')).toEqual([
      { odd: 1 },
      { odd: 0 },
    ]);
    expect(await m2.sql("SELECT status FROM information_schema.events WHERE event_name = 'nightly'")).toEqual([
      { status: 'SLAVESIDE_DISABLED' },
    ]);
  });

  it('has nothing to do when it is done, and what it made is as small as it can be', async () => {
    expect(await setUp(pair, { tell })).toMatchObject({ changed: false });
    expect(told).toEqual([]);
    const [m1] = pair.members;
    const grants = await m1.sql("SHOW GRANTS FOR 'tandem_repl'@'127.0.0.1'");
    expect(JSON.stringify(grants)).toMatch(/GRANT REPLICATION SLAVE ON \*\.\* TO .*REQUIRE SSL/);
    expect(await m1.sql("SHOW STATUS LIKE 'Ssl_version'")).toHaveLength(1);
    const [status] = await m1.sql('SHOW SLAVE STATUS');
    expect(status).toMatchObject({ Master_SSL_Allowed: 'Yes', Using_Gtid: 'Slave_Pos' });
    expect(statSync(`${pair.stateDir}/dbsync/m1/key.pem`).mode & 0o077).toBe(0);
  });

  it('says how things stand, measured', async () => {
    const status = await databasesStatus(pair.servers, { clock: systemClock, limits, measureMs: 2000 });
    expect(status.directions.map((one) => one.verdict.kind)).toEqual(['steady', 'steady']);
    expect(Object.keys(status.latencyMs).sort()).toEqual(['m1', 'm2']);
    expect(status.errant).toEqual({});
    expect(await databaseGate(pair.servers, limits)).toEqual({ open: true, reasons: [] });
  });

  it('users are made on each master and stay there; databases may be made and dropped on both', async () => {
    const [m1, m2] = pair.members;
    for (const statement of [
      'CREATE DATABASE twice',
      "CREATE USER 'twice'@'localhost' IDENTIFIED BY 'x'",
      "GRANT ALL ON twice.* TO 'twice'@'localhost'",
      "ALTER USER 'twice'@'localhost' IDENTIFIED BY 'y'",
      "REVOKE ALL ON twice.* FROM 'twice'@'localhost'",
      "DROP USER 'twice'@'localhost'",
      'FLUSH PRIVILEGES',
      'DROP DATABASE twice',
    ]) {
      // What the panel does on both masters at once: one of them may find it done already.
      const answers = await Promise.allSettled([m1.sql(statement), m2.sql(statement)]);
      expect(answers.some((one) => one.status === 'fulfilled')).toBe(true);
    }
    await m1.sql("CREATE USER 'alone'@'localhost'");
    await m1.sql('CREATE DATABASE after_it');
    await arrives(m2, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'after_it'", 1);
    await arrives(m2, "SELECT COUNT(*) FROM mysql.user WHERE user = 'alone'", 0);
    const status = await databasesStatus(pair.servers, { clock: systemClock, limits, measureMs: 0 });
    expect(status.directions.map((one) => one.verdict.kind)).toEqual(['steady', 'steady']);
  });

  it('an old pair that stopped over a table made on both: a person says whose is right, the other is backed up', async () => {
    const [m1, m2] = pair.members;
    await m1.sql('STOP SLAVE');
    await m2.sql('STOP SLAVE');
    for (const [one, word] of [
      [m1, 'right'],
      [m2, 'wrong'],
    ] as const) {
      await one.sql('CREATE TABLE bob_shop.notes (word VARCHAR(20))');
      await one.sql('INSERT INTO bob_shop.notes VALUES (?)', [word]);
    }
    await m1.sql('START SLAVE');
    await m2.sql('START SLAVE');
    await expect
      .poll(async () => (await m2.sql('SHOW SLAVE STATUS'))[0]?.['Last_SQL_Errno'], { timeout: 20_000 })
      .toBe(1050);
    await expect
      .poll(async () => (await m1.sql('SHOW SLAVE STATUS'))[0]?.['Last_SQL_Errno'], { timeout: 20_000 })
      .toBe(1050);
    expect((await databaseGate(pair.servers, limits)).reasons.join()).toContain('1050');
    await expect(setUp(pair, { tell })).rejects.toThrow('bob_shop is on both masters with different contents');
    await setUp(pair, { tell, wishes: { from: 'm1' } });
    await arrives(m2, 'SELECT word FROM bob_shop.notes', 'right');
    const backup = fileOf('backup of 1 databases');
    expect(gunzipSync(readFileSync(backup)).toString()).toContain('wrong');
    await m2.sql("UPDATE bob_shop.notes SET word = 'and on'");
    await arrives(m1, 'SELECT word FROM bob_shop.notes', 'and on');
    expect(await m2.sql('SELECT @@read_only AS fenced')).toEqual([{ fenced: 0 }]);
  });

  it('a server that lost everything is filled again and goes on counting where the other remembers it', async () => {
    const [m1, m2] = pair.members;
    await m1.sql('STOP SLAVE');
    await m2.sql('STOP SLAVE');
    await m2.sql('RESET SLAVE ALL');
    for (const name of ['bob_shop', 'eve_blog', 'after_it', 'tandemsync']) await m2.sql('DROP DATABASE ??', [name]);
    await m2.sql('RESET MASTER');
    await m2.sql("SET GLOBAL gtid_slave_pos = ''");
    await setUp(pair, { tell });
    await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.orders', 4);
    await m2.sql("INSERT INTO bob_shop.orders (what) VALUES ('born again')");
    await arrives(m1, "SELECT COUNT(*) FROM bob_shop.orders WHERE what = 'born again'", 1);
    expect(existsSync(fileOf('old binary log'))).toBe(true);
  });

  describe('from the command line, without WHM, journal or Redis', () => {
    let config: string;
    beforeAll(async () => {
      config = join(pair.stateDir, 'tandem.yaml');
      // Nothing listens there.
      const dead = await freePort();
      const masters = pair.members.map(({ side }, n) => ({
        ...{ id: side.id, site: 'x', hostname: `${side.id}.example.com`, address: `192.0.2.${n + 1}` },
        ...{ port: dead, connect: '127.0.0.1', credentials: { user: 'root', token: 'T' } },
        tls: { fingerprint: Array.from({ length: 32 }, () => 'AB').join(':') },
        mariadb: {
          ...{ socket: side.access.socket, peerHost: '127.0.0.1', peerPort: side.access.peer.port, from: '127.0.0.1' },
          ...{ configure: side.access.configure, directory: side.access.directory },
        },
      }));
      // JSON is YAML.
      writeFileSync(config, JSON.stringify({ stateDir: pair.stateDir, masters }));
    });

    async function tandemDb(...words: string[]): Promise<{ readonly code: number; readonly text: string }> {
      let text = '';
      const stdin = Object.assign(Readable.from([]), { isTTY: false });
      const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
      const stdout = {
        write(chunk: string) {
          text += chunk;
        },
      };
      const code = await databaseCommand([...words, '--config', config], { stdin, stdout, stderr });
      return { code, text };
    }

    it('says how it stands, for people, programs and Nagios', async () => {
      expect(await tandemDb('status')).toMatchObject({ code: 0, text: expect.stringMatching(/M1 → M2: in step/) });
      const json: unknown = JSON.parse((await tandemDb('status', '--json')).text);
      expect(json).toMatchObject({ directions: [{ verdict: { kind: 'steady' } }, { verdict: { kind: 'steady' } }] });
      const nagios = await tandemDb('status', '--nagios');
      expect(nagios.code).toBe(0);
      expect(nagios.text).toMatch(/^DATABASES OK: [^|]* \| 'lag_m1_m2'=\d+\.\d+s 'waiting_m1_m2'=\d+ [^\n]*\n$/);
    });

    it('lists, and does nothing that nobody agreed to', async () => {
      expect((await tandemDb('setup')).text).toContain('nothing is left to do');
      await pair.members[1].sql('STOP SLAVE');
      expect((await tandemDb('status', '--nagios')).code).toBe(1);
      expect(await tandemDb('setup', '--dry-run')).toMatchObject({
        code: 0,
        text: expect.stringContaining('M2: start receiving'),
      });
      await expect(tandemDb('setup')).rejects.toThrow('Nothing was changed');
      expect((await tandemDb('setup', '--yes')).text).toContain('Done');
      expect((await tandemDb('status', '--nagios')).code).toBe(0);
    });

    it('pauses, fences and lifts both, and refuses what it does not know', async () => {
      expect((await tandemDb('pause', 'M2')).text).toContain('M2 applies nothing');
      expect((await tandemDb('status')).text).toContain('paused');
      expect((await tandemDb('resume', 'm2')).code).toBe(0);
      expect((await tandemDb('fence', 'm2', '--wait')).text).toContain('has all that it wrote');
      expect((await tandemDb('status')).text).toContain('read-only');
      expect((await tandemDb('unfence', 'm2')).code).toBe(0);
      expect((await tandemDb('users')).code).toBe(4);
      expect((await tandemDb('check', 'bob_shop', '--share', '1')).text).toMatch(/^2 tables, .*equal\.\n$/);
      await expect(tandemDb('nonsense')).rejects.toThrow('no command');
      await expect(tandemDb('reseed', 'bob_shop')).rejects.toThrow('--from');
      expect((await tandemDb('reseed', '--all', '--from', 'm1')).text).toContain('Every database is the same');
      await pair.servers[1].session(async (session) => {
        await session.rows('SET SESSION sql_log_bin = 0');
        await session.rows("UPDATE bob_shop.notes SET word = 'only here'");
        await session.rows('DROP DATABASE eve_blog');
      });
      const all = await tandemDb('reseed', '--all', '--from', 'm1', '--yes');
      expect(all.text).toContain('bob_shop, eve_blog on M2 is now what M1 has');
      expect((await tandemDb('check', '--all', '--share', '1')).code).toBe(0);
      await expect(tandemDb('detach', '../x')).rejects.toThrow('account');
    });
  });
});
