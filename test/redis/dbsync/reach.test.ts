import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { openServer, type Server } from '../../../src/dbsync/mariadb/connect.ts';
import { DatabaseAway } from '../../../src/dbsync/model.ts';
import { lookForStrangers, newStrangersMemory, strangerWarnings } from '../../../src/dbsync/strangers.ts';
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts';
import { setUp, startPair, type TestPair } from './pair.ts';

describe('reaching a server over a line that swallows everything', () => {
  let pair: TestPair;
  let line: DelayProxy;
  let far: Server;
  beforeAll(async () => {
    pair = await startPair({ configured: true });
    const [m1] = pair.members;
    await m1.sql("CREATE USER far@127.0.0.1 IDENTIFIED BY 'x' REQUIRE SSL");
    await m1.sql('GRANT ALL ON *.* TO far@127.0.0.1');
    line = await startDelayProxy(m1.side.access.port, 0);
    const { socket: _socket, ...access } = m1.side.access;
    const ca = readFileSync(join(m1.dir, 'conf', 'ca.pem'), 'utf8');
    const side = { ...m1.side, access: { ...access, port: line.port, user: 'far', password: 'x', ca } };
    far = openServer(side, { askEveryMs: 50 });
  });
  afterAll(async () => {
    await far?.close();
    await line?.close();
    await pair.stop();
  });

  it('a long statement is waited for while the server answers others', async () => {
    expect(await far.rows('SELECT SLEEP(1) AS s')).toEqual([{ s: '0' }]);
  });

  it('an idle session is not ended by a short wait_timeout', async () => {
    const [m1] = pair.members;
    await m1.sql('SET GLOBAL wait_timeout = 1');
    expect(await far.rows('SELECT @@SESSION.wait_timeout AS w')).toEqual([{ w: '86400' }]);
    await m1.sql('SET GLOBAL wait_timeout = 28800');
  });

  it('one whose answer never comes ends as soon as the server cannot be reached', async () => {
    const answer = far.rows('SELECT SLEEP(3600)');
    const ended = expect(answer).rejects.toBeInstanceOf(DatabaseAway);
    await far.rows('SELECT 1');
    line.cut();
    await ended;
  });
});

describe('who writes where, after a log was begun anew', () => {
  let pair: TestPair;
  beforeAll(async () => {
    pair = await startPair({ configured: true });
    await pair.members[0].sql('CREATE DATABASE bob_shop');
    await pair.members[0].sql('CREATE TABLE bob_shop.visits (who INT)');
    await setUp(pair);
  });
  afterAll(() => pair.stop());

  it('reading goes on in the new one', async () => {
    const [, m2] = pair.members;
    let now = systemClock.now();
    const deps = {
      ...{ servers: pair.servers, folder: join(pair.stateDir, 'logs'), writerOf: () => 'm1' },
      clock: { ...systemClock, now: () => now },
    };
    const memory = newStrangersMemory();
    for (let n = 0; n < 40; n++) await m2.sql('INSERT INTO bob_shop.visits VALUES (1)');
    await m2.sql('FLUSH BINARY LOGS');
    await lookForStrangers(deps, memory);
    await m2.sql('RESET MASTER');
    await m2.sql('INSERT INTO bob_shop.visits VALUES (2)');
    now += 61_000;
    expect(await lookForStrangers(deps, memory)).toBe(true);
    expect(strangerWarnings(memory, (id) => id)).toMatchObject([{ code: 'db.writer.bob.m2' }]);
  });
});
