/** Decision 004: a write resolves once it would survive a power loss, although COMMIT itself does not flush. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqliteConnection } from '../../../src/store/dialect-sqlite.ts';
import { buildScript } from '../../support/process-node.ts';
import { missing, run, type TempDir, tempDir } from '../../support/processes.ts';
import { makeThings } from './databases.ts';
import { type Call, callsOf, DiskFile, type Edge, inOrder } from './disk-model.ts';

const absent = missing('strace');
const perProcess = 60;
/** Of the flushes, every so-manieth is followed by a power loss, and the last one. */
const step = 3;

/** The id that a process says is safe. */
function saidAt({ call, ends }: Edge): readonly string[] {
  const said = call.name === 'write' && !ends ? /^ack (\S+)\n$/.exec(call.data.toString('latin1')) : null;
  return said?.[1] === undefined ? [] : [said[1]];
}

describe.skipIf(absent !== undefined)(`power loss ${absent ?? ''}`, () => {
  let dir: TempDir;
  let calls: readonly Call[];
  let file: string;
  let before: Buffer;
  beforeAll(async () => {
    const { script } = await buildScript('power-loss-process');
    dir = tempDir('tandem-power');
    file = join(dir.path, 'journal.db');
    await makeThings({ kind: 'sqlite', file });
    before = readFileSync(file);
    const traceFile = join(dir.path, 'trace');
    const traced = ['pwrite64', 'write', 'fdatasync', 'fsync', 'ftruncate'].join(',');
    const writers = ['a', 'b'].map((prefix) => `"$0" "$1" "$2" ${prefix} ${perProcess} &`).join(' ');
    const child = run('strace', [
      ...['-f', '-y', '-xx', '-s', '5000', '-e', `trace=${traced}`, '-e', 'signal=none', '-o', traceFile],
      ...['sh', '-c', `${writers} wait`, process.execPath, script, file],
    ]);
    await child.exited;
    expect(child.child.exitCode, child.output()).toBe(0);
    calls = callsOf(readFileSync(traceFile, 'latin1'));
  }, 120_000);
  afterAll(() => dir.remove());

  /** The rows in the journal that such a power loss leaves; throws when it cannot be opened. */
  function rowsAfter(disk: ReadonlyMap<string, DiskFile>, alsoKept: () => boolean): ReadonlySet<string> {
    const at = tempDir('tandem-after');
    try {
      for (const [path, one] of disk) {
        const bytes = one.after(alsoKept);
        if (bytes.length > 0) writeFileSync(join(at.path, path.slice(path.lastIndexOf('/') + 1)), bytes);
      }
      const db = new SqliteConnection(join(at.path, 'journal.db'), 1000);
      expect(db.run('pragma integrity_check', []).rows).toEqual([{ integrity_check: 'ok' }]);
      const rows = db.run<{ id: string }>('select id from things', []).rows;
      db.close();
      return new Set(rows.map((row) => row.id));
    } finally {
      at.remove();
    }
  }

  /** Plays the calls, looks at the disk after every few flushes and at the end, and says how often it looked. */
  function play(alsoKept: () => boolean): number {
    const disk = new Map([file, `${file}-wal`].map((path) => [path, new DiskFile()]));
    disk.get(file)?.holds(before);
    const acknowledged: string[] = [];
    let flushes = 0;
    let looks = 0;
    const look = () => {
      looks += 1;
      const rows = rowsAfter(disk, alsoKept);
      expect(acknowledged.filter((id) => !rows.has(id))).toEqual([]);
    };
    for (const edge of inOrder(calls)) {
      acknowledged.push(...saidAt(edge));
      if (disk.get(edge.call.file)?.follow(edge) !== true) continue;
      flushes += 1;
      if (flushes % step === 0) look();
    }
    look();
    expect(acknowledged).toHaveLength(2 * perProcess);
    return looks;
  }

  test('nothing acknowledged is lost when only what was flushed is left', () => {
    expect(play(() => false)).toBeGreaterThan(10);
  });

  test('nor when the disk made some of the other writes, in any order', () => {
    let seed = 7;
    const some = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 2 === 0;
    };
    expect(play(some)).toBeGreaterThan(10);
  });
});
