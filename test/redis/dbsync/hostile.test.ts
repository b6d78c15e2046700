/** A master in strange hands, as Tandem's own programs meet it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDump, saveLog } from '../../../src/dbsync/mariadb/programs.ts';
import type { Side } from '../../../src/dbsync/model.ts';
import { ok, sayText, startHostile } from './hostile-server.ts';

/** The first event of a log, as MariaDB 10.11 writes it. */
const format = Buffer.from(
  'e94Naw8BAAAA/AAAAAABAAABAAQAMTAuMTEuMTktTWFyaWFEQi0wK2RlYjEydTEtbG9nAAAAAAAAAAAAAAAAAAAAAAAAAAB73g1rEzgNAAgAEgAEBAQEEgAA5AAEGggAAAAICAgCAAAACgoKAAAAAAAACgoKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEEwQADQgICAoKCgHzmSn3',
  'base64',
);

/** Says in which file what follows stands. */
function rotate(name: string): Buffer {
  const body = Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(name)]);
  const head = Buffer.alloc(19);
  head[4] = 4;
  head.writeUInt32LE(1, 5);
  head.writeUInt32LE(head.length + body.length, 9);
  head.writeUInt16LE(0x20, 17);
  return Buffer.concat([head, body]);
}

describe('a master in strange hands', () => {
  let dir = '';
  let side: Side;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-hostile-'));
    const access = { host: '', port: 0, user: 'root', peer: { host: '', port: 0 }, from: '', directory: '' };
    side = { id: 'm1', name: 'M1', number: 1, hosts: [], access: { ...access, socket: join(dir, 'sock') } };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  async function withLogCalled<T>(name: string, work: () => Promise<T>): Promise<T> {
    const server = await startHostile(join(dir, 'sock'), (command, words, say) => {
      if (command === 18) {
        say(Buffer.concat([Buffer.from([0]), rotate(name)]));
        say(Buffer.concat([Buffer.from([0]), format]));
        say(Buffer.from([0xfe, 0, 0, 2, 0]));
      } else if (/^select/i.test(words.toString())) sayText(say, '10.11.19-MariaDB');
      else say(ok);
    });
    try {
      return await work();
    } finally {
      await server.stop();
    }
  }

  it('writes no file outside the folder for its log', async () => {
    const folder = join(dir, 'logs');
    mkdirSync(folder);
    await withLogCalled('tandem-bin.000001', () => saveLog(side, 'tandem-bin.000001', folder));
    expect(readdirSync(folder)).toHaveLength(1);
    for (const name of ['../authorized_keys', '../logs/../authorized_keys', join(dir, 'authorized_keys')])
      await withLogCalled(name, () => saveLog(side, 'tandem-bin.000001', folder).catch(() => undefined));
    expect(existsSync(join(dir, 'authorized_keys'))).toBe(false);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('gets no file of this machine instead of an answer', async () => {
    const secret = join(dir, 'secret');
    writeFileSync(secret, 'the key of the other master');
    const copy = join(dir, 'copy.sql.gz');
    writeFileSync(copy, gzipSync('SELECT 1;\nSELECT 2;\n'));
    let heard = '';
    const server = await startHostile(join(dir, 'sock'), (_command, words, say) => {
      heard += words.toString();
      say(Buffer.concat([Buffer.from([0xfb]), Buffer.from(secret)]));
    });
    await loadDump(side, copy).catch(() => undefined);
    await saveLog(side, 'tandem-bin.000001', join(dir, 'logs')).catch(() => undefined);
    await server.stop();
    expect(heard).toContain('SELECT');
    expect(heard).not.toContain('key of the other');
  });
});
