import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplyPoint } from '../../../src/failover/apply/apply.ts';
import { threadPlanner } from '../../../src/failover/apply/planner.ts';
import type { PublishOrder } from '../../../src/failover/publish/model.ts';
import { parseZone } from '../../../src/failover/zone/parse.ts';
import { type Build, buildScript } from '../../support/process-node.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { uglyZone } from '../../unit/failover/zone-gen.ts';
import {
  addresses,
  cpanelZone,
  moves,
  open,
  order,
  readAll,
  withoutSerials,
  writeZones,
  zoneNames,
} from './directory.ts';

const { signal } = new AbortController();
const zones = zoneNames(250);
let base: TempDir;
let dir: string;
let build: Build;

beforeAll(async () => {
  build = await buildScript('apply-child');
});
beforeEach(() => {
  base = tempDir('apply');
  dir = join(base.path, 'zones');
});
afterEach(() => base.remove());

function child(wanted: PublishOrder, point: ApplyPoint | ''): string | number | null {
  const done = spawnSync(process.execPath, [build.script, base.path, dir, JSON.stringify(wanted), point], {
    encoding: 'utf8',
  });
  if (done.signal === null && done.status !== 0) throw new Error(done.stderr);
  return done.signal ?? done.status;
}

/** Every file is a whole zone, with addresses of one master only. */
function pointing(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [name, text] of readAll(dir)) {
    if (!name.endsWith('.db')) continue;
    const parsed = parseZone(text, name.slice(0, -3));
    if (!parsed.ok) throw new Error(`${name} ${parsed.line}: ${parsed.reason}`);
    const at = parsed.zone.records.filter((one) => one.type === 'A' && !/^(ext|www1)\./.test(one.owner));
    const key = [...new Set(at.map((one) => one.addresses[0]?.text))].join(' and ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describe('killed in the middle of a switch', () => {
  it.each([
    ['planned', { '192.0.2.11': 250 }],
    ['ledger-written', { '192.0.2.11': 250 }],
    ['half-renamed', undefined],
    ['renamed', { '198.51.100.11': 250 }],
  ] as const)('at %s: every file is whole, the next run finishes, and the return is exact', async (point, then) => {
    writeZones(dir, zones);
    const before = withoutSerials(readAll(dir));
    expect(child(order(1, 'm2'), point)).toBe('SIGKILL');
    const half = pointing();
    if (then !== undefined) expect(half).toEqual(then);
    else expect(Object.keys(half).sort()).toEqual([addresses.m1, addresses.m2]);
    // Killed a second time, before anything more is renamed.
    if (point === 'ledger-written') expect(child(order(1, 'm2'), 'ledger-written')).toBe('SIGKILL');
    const publish = await open(base.path, dir, []);
    expect(await publish.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done' });
    expect(pointing()).toEqual({ '198.51.100.11': 250 });
    expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { changed: 250 } });
    expect(withoutSerials(readAll(dir))).toEqual(before);
    await publish.close();
  });

  it('at half-renamed, and the order is undone: nothing of it stays', async () => {
    writeZones(dir, zones);
    const before = withoutSerials(readAll(dir));
    expect(child(order(1, 'm2'), 'half-renamed')).toBe('SIGKILL');
    const publish = await open(base.path, dir, []);
    expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done' });
    expect(withoutSerials(readAll(dir))).toEqual(before);
    await publish.close();
  });
});

describe('a directory', () => {
  it('both watchers write the same bytes', async () => {
    const other = join(base.path, 'other');
    for (const one of [dir, other]) writeZones(one, zones.slice(0, 20));
    const three = await open(join(base.path, 's3'), dir, []);
    const four = await open(join(base.path, 's4'), other, [], { planner: threadPlanner(moves, 2, 1) });
    for (const wanted of [order(1, 'm2'), order(2, 'm1'), order(3, 'm2')]) {
      const done = await Promise.all([three.bring(wanted, signal), four.bring(wanted, signal)]);
      expect(done.map(({ sentence }) => sentence)).toEqual(Array(2).fill(expect.stringContaining('20 zones of 20')));
      expect(readAll(dir)).toEqual(readAll(other));
    }
    await Promise.all([three.close(), four.close()]);
  });

  it('of any ugly zones is switched and returned without a byte lost but the serials', async () => {
    const publish = await open(base.path, dir, []);
    const runs = Number(process.env['TANDEM_TEST_SEEDS'] ?? 2);
    let epoch = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(uglyZone, { minLength: 1, maxLength: 8 }), async (texts) => {
        writeZones(dir, []);
        const names = texts.map((_, at) => `${epoch}-${at}.example`);
        texts.forEach((text, at) => {
          const zone = text.replaceAll('cust.example.', `${names[at]}.`);
          writeFileSync(join(dir, `${names[at]}.db`), Buffer.from(zone, 'latin1'));
        });
        const only = new Set(names);
        const serial = /(SOA\s*\(?\s*ns1\.host\.example\.\s+root(?:\.m1)?\.host\.example\.\s*\(?\s*)\d+/;
        const plain = () => names.map((name) => readFileSync(join(dir, `${name}.db`), 'latin1').replace(serial, '$1N'));
        // A zone whose addresses are all M2's counts as M2's own: after this one every zone is at home or moved.
        await publish.bring(order(++epoch, 'm1'), signal, { only });
        const before = plain();
        await publish.bring(order(++epoch, 'm2'), signal, { only });
        const back = await publish.bring(order(++epoch, 'm1'), signal, { only });
        expect(back.kind).toBe('done');
        expect(plain()).toEqual(before);
      }),
      { numRuns: runs * 5 },
    );
    await publish.close();
  });

  it('is not touched at all when the disk is full before the end', async () => {
    writeZones(dir, zones.slice(0, 5));
    const before = readAll(dir);
    const publish = await open(base.path, dir, [], {
      planner: {
        plan: async (chunk) => ({ items: [], failure: `ENOSPC: no space left on device (${chunk.items.length})` }),
        commit: async () => expect.unreachable(),
        warm: async () => {},
        close: async () => {},
      },
    });
    const done = await publish.bring(order(1, 'm2'), signal);
    expect(done).toMatchObject({ kind: 'failed', sentence: expect.stringContaining('no space left') });
    expect(readAll(dir)).toEqual(before);
    await publish.close();
  });

  it('links, and files that cannot be read, are left alone and named', async () => {
    writeZones(dir, zones.slice(0, 3));
    symlinkSync(join(dir, 'cust00000.example.db'), join(dir, 'linked.example.db'));
    const publish = await open(base.path, dir, []);
    const done = await publish.bring(order(1, 'm2'), signal);
    expect(done.left).toEqual([{ zone: 'linked.example', line: 0, reason: 'it is a link and not a file' }]);
    expect(done.counts.changed).toBe(3);
    await publish.close();
  });

  it('keeps modes, and leaves nothing beside the zones', async () => {
    writeZones(dir, zones.slice(0, 3));
    chmodSync(join(dir, 'cust00001.example.db'), 0o640);
    writeFileSync(join(dir, '.cust00001.example.db.tandem-new'), 'half');
    const publish = await open(base.path, dir, []);
    await publish.bring(order(1, 'm2'), signal);
    expect(readdirSync(dir)).toHaveLength(3);
    const { statSync } = await import('node:fs');
    expect(statSync(join(dir, 'cust00001.example.db')).mode & 0o777).toBe(0o640);
    await publish.close();
  });

  it('what a customer changed during a switch is his, also after the return', async () => {
    writeZones(dir, ['a.example']);
    const publish = await open(base.path, dir, []);
    await publish.bring(order(1, 'm2'), signal);
    const file = join(dir, 'a.example.db');
    writeFileSync(
      file,
      readFileSync(file, 'latin1').replace('ftp	60	IN	A	198.51.100.11', 'ftp	60	IN	A	203.0.113.9'),
    );
    await publish.bring(order(2, 'm1'), signal);
    const text = readFileSync(file, 'latin1');
    expect(text).toContain('203.0.113.9');
    expect(text).toContain('a.example.	14400	IN	A	192.0.2.11');
    await publish.close();
  });

  it('asks before it changes far more or far fewer than the last time', async () => {
    writeZones(dir, zones.slice(0, 100));
    const publish = await open(base.path, dir, []);
    expect(await publish.predict(order(1, 'm2'))).toMatchObject({ counts: { changed: 100 }, expected: undefined });
    for (const zone of zones.slice(0, 100)) {
      const more = Array.from({ length: 9 }, (_, at) => `h${at}	IN	A	${addresses.m1}\n`).join('');
      writeFileSync(join(dir, `${zone}.db`), cpanelZone(zone) + more);
    }
    const before = readAll(dir);
    const asks = await publish.bring(order(1, 'm2'), signal);
    expect(asks).toMatchObject({ kind: 'asks', vetoes: [{ kind: 'far-more' }] });
    expect(readAll(dir)).toEqual(before);
    expect(await publish.bring(order(1, 'm2'), signal, { confirmed: true })).toMatchObject({ kind: 'done' });
    for (const zone of zones.slice(0, 60)) truncateSync(join(dir, `${zone}.db`), 0);
    expect(existsSync(join(dir, 'cust00000.example.db'))).toBe(true);
    expect(await publish.bring(order(2, 'm1'), signal)).toMatchObject({ kind: 'done', counts: { left: 60 } });
    await publish.close();
  });

  it('is worked on by one process at a time', async () => {
    writeZones(dir, []);
    const publish = await open(base.path, dir, []);
    await expect(open(base.path, dir, [])).rejects.toMatchObject({ code: 'watch.folder-taken' });
    await publish.close();
    await (await open(base.path, dir, [])).close();
  });
});
