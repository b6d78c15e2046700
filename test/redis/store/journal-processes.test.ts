import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type JournalConfig, openJournal } from '../../../src/store/database.ts';
import { buildScript } from '../../support/process-node.ts';
import { type Running, run } from '../../support/processes.ts';
import { makeThings, onBothDatabases, quiet, type Tables } from './databases.ts';

let script: string;
beforeAll(async () => {
  ({ script } = await buildScript('writer-process'));
});

interface Writer {
  readonly program: Running;
  acknowledged(): readonly string[];
}

function startWriter(config: JournalConfig, prefix: string, total: number): Writer {
  const program = run(process.execPath, [script, JSON.stringify(config), prefix, String(total)]);
  const ids: string[] = [];
  let rest = '';
  program.child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    ids.push(...lines);
  });
  return { program, acknowledged: () => ids };
}

onBothDatabases('several processes on one journal', (config) => {
  beforeEach(async () => {
    await makeThings(config());
    const journal = await openJournal<Tables>(config(), { log: quiet });
    await journal.write((db) =>
      db.insertInto('things').values({ id: 'counter', n: 0, text: null, bytes: null }).execute(),
    );
    await journal.close();
  });

  async function state(): Promise<{ ids: ReadonlySet<string>; counter: number }> {
    const journal = await openJournal<Tables>(config(), { log: quiet });
    const rows = await journal.read((db) => db.selectFrom('things').select(['id', 'n']).execute());
    await journal.close();
    const counter = rows.find((row) => row.id === 'counter')?.n ?? -1;
    return { ids: new Set(rows.map((row) => row.id).filter((id) => id !== 'counter')), counter };
  }

  test('two processes write side by side and lose no update', async () => {
    const writers = ['a', 'b'].map((prefix) => startWriter(config(), prefix, 300));
    await Promise.all(writers.map((writer) => writer.program.exited));
    for (const writer of writers) expect(writer.program.child.exitCode, writer.program.output()).toBe(0);
    const { ids, counter } = await state();
    expect(ids.size).toBe(600);
    expect(counter).toBe(600);
  });

  test('kill -9 in the middle loses nothing acknowledged and leaves nothing half done', async () => {
    const writers = ['a', 'b', 'c'].map((prefix) => startWriter(config(), prefix, 1_000_000));
    for (const [index, writer] of writers.entries()) {
      await expect.poll(() => writer.acknowledged().length, { timeout: 20_000 }).toBeGreaterThan(50 + 40 * index);
      await writer.program.end('SIGKILL');
    }
    const { ids, counter } = await state();
    const lost = writers.flatMap((writer) => writer.acknowledged()).filter((id) => !ids.has(id));
    expect(lost).toEqual([]);
    // Each write adds a row and counts it: both or neither.
    expect(counter).toBe(ids.size);
  });
});
