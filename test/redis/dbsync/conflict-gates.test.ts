import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { closeGate, closeGateBehind, openGate } from '../../../src/dbsync/conflicts/gates.ts';
import { goOnWithout } from '../../../src/dbsync/conflicts/resolve.ts';
import { countConflicts } from '../../../src/dbsync/conflicts/store.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import { attachAccount, detachAccount } from '../../../src/dbsync/repair/detach.ts';
import { type Apart, startApart } from './apart.ts';
import { arrives } from './arrives.ts';
import type { PairMember } from './pair.ts';

const count = 'SELECT COUNT(*) FROM bob_shop.visits';

describe('gates', () => {
  let apart: Apart;
  beforeAll(async () => {
    apart = await startApart();
  });
  afterAll(() => apart.pair.stop());

  async function rowsOn({ sql }: PairMember): Promise<unknown> {
    return Object.values((await sql(count))[0] ?? {})[0];
  }

  async function applying({ sql }: PairMember): Promise<unknown> {
    return (await sql('SHOW SLAVE STATUS'))[0]?.['Slave_SQL_Running'];
  }

  /** M1 writes more, M2 fetches it and applies nothing of it. Answers how many rows there are then. */
  async function fetchedOnly(): Promise<number> {
    const [m1, m2] = apart.pair.members;
    await m2.sql('STOP SLAVE SQL_THREAD');
    for (let n = 0; n < 20; n++) await m1.sql('INSERT INTO bob_shop.visits VALUES (?)', [n]);
    const [own] = await m1.sql("SELECT REGEXP_SUBSTR(@@GLOBAL.gtid_binlog_pos, '1-1-[0-9]+') AS p");
    const fetched = async () => String((await m2.sql('SHOW SLAVE STATUS'))[0]?.['Gtid_IO_Pos']).split(',');
    await expect.poll(fetched, { timeout: 20_000 }).toContain(own?.['p']);
    return Number(await rowsOn(m1));
  }

  it('at a cut what was fetched is still applied, though the master that wrote it never returns', async () => {
    const [m1, m2] = apart.pair.members;
    await apart.settled();
    const wanted = await fetchedOnly();
    await m1.kill();
    expect(await closeGateBehind(m2.server)).toBe(true);
    await arrives(m2, count, wanted);
    await m1.start();
    await m1.sql('START SLAVE');
    // It sees that it is at its end when more arrives, and that waits.
    await m1.sql('INSERT INTO bob_shop.visits VALUES (99)');
    await expect.poll(() => applying(m2), { timeout: 20_000 }).toBe('No');
    expect(await rowsOn(m2)).toBe(wanted);
    await apart.resolve();
    await arrives(m2, count, wanted + 1);
  });

  it('a gate that opens while the other master is away loses nothing of what was fetched', async () => {
    const [m1, m2] = apart.pair.members;
    const wanted = await fetchedOnly();
    await closeGate(m2.server);
    await m1.kill();
    await openGate({ clock: systemClock }, m2.server);
    await arrives(m2, count, wanted);
    await m1.start();
    await m1.sql('START SLAVE');
    await apart.settled();
  });

  it('an account that is carried again opens no gate that is shut', async () => {
    const { pair } = apart;
    const deps = {
      servers: pair.servers,
      folder: folderIn(pair.stateDir, Date.now),
      clock: systemClock,
      tell: () => {},
    };
    await detachAccount(deps, 'eve');
    await closeGate(pair.servers[1]);
    await attachAccount(deps, 'eve');
    expect(await Promise.all(pair.members.map(applying))).toEqual(['Yes', 'No']);
    await apart.resolve();
    await apart.settled();
  });

  it('what goes on without a look goes on behind what a look had carried, and that is noted on both', async () => {
    const { pair } = apart;
    await apart.apart(
      [
        "REPLACE INTO bob_shop.goods (id, name) VALUES (1, 'one'), (2, 'one')",
        'INSERT INTO bob_shop.visits VALUES (5)',
      ],
      ["REPLACE INTO bob_shop.goods (id, name) VALUES (1, 'two')"],
    );
    await expect(apart.resolve('dbsync.conflict-carried')).rejects.toThrow('crash');
    const deps = { servers: pair.servers, folder: join(pair.stateDir, 'logs'), clock: systemClock };
    await goOnWithout({ ...deps, writerOf: () => undefined, crash: () => {} }, 'no room');
    await apart.settled();
    await apart.resolve();
    await apart.equal();
    for (const one of pair.members) expect((await one.sql('SHOW SLAVE STATUS'))[0]?.['Last_SQL_Errno']).toBe(0);
    for (const server of pair.servers)
      expect((await countConflicts(server)).left).toContainEqual(
        expect.objectContaining({ database: '', reason: expect.stringContaining('no room') }),
      );
  });
});
