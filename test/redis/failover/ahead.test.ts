import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { inlinePlanner, type Planner } from '../../../src/failover/apply/planner.ts';
import { writeAhead } from '../../../src/failover/publish/ahead.ts';
import { bring } from '../../../src/failover/publish/bring.ts';
import type { Opened } from '../../../src/failover/publish/run.ts';
import { openSigning } from '../../../src/failover/publish/signing.ts';
import { oneByOne } from '../../../src/one-by-one.ts';
import { buildScript } from '../../support/process-node.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { cpanelZone, moves, open, order, readAll, withoutSerials, writeZones, zoneNames } from './directory.ts';
import { openWatcher } from './opened.ts';

const { signal } = new AbortController();
const zones = zoneNames(30);
const now = Date.UTC(2026, 10, 28, 12);
const clock = { ...systemClock, now: () => now, sleep: async () => {} };
let base: TempDir;
let dir: string;

beforeEach(() => {
  base = tempDir('ahead');
  dir = join(base.path, 'zones');
  writeZones(dir, zones);
});
afterEach(() => base.remove());

const readyDir = (): string => join(dir, '.tandem-ready');
const signatures = (): Map<string, string> =>
  new Map(
    zones.map((zone) => {
      const { ino, size, mtimeMs } = statSync(join(dir, `${zone}.db`));
      return [zone, `${ino}:${size}:${mtimeMs}`];
    }),
  );

/** Counts the zones that had to be planned. */
function counting(): { readonly planner: Planner; planned: number } {
  const inline = inlinePlanner(moves);
  const counter = {
    planned: 0,
    planner: {
      ...inline,
      plan: (chunk: Parameters<Planner['plan']>[0]) => {
        counter.planned += chunk.items.length;
        return inline.plan(chunk);
      },
    },
  };
  return counter;
}

async function opened(planner: Planner): Promise<Opened> {
  const at = { dir, stateDir: join(base.path, 'state'), clock };
  const more = { planner, accountsFile: join(base.path, 'userdomains') };
  return { ...(await openWatcher(at, openSigning({ servers: [] }, clock), more)), seen: signatures() };
}

function texts(): ReadonlyMap<string, string> {
  return new Map(zones.map((zone) => [zone, readFileSync(join(dir, `${zone}.db`), 'latin1')]));
}

describe('what a switch would write, written ahead', () => {
  it('gives the same files, serials and return as planning them during the switch', async () => {
    const before = texts();
    const cold = await opened(counting().planner);
    await bring(cold, order(1, 'm2'), signal, {});
    const expected = texts();
    await cold.ledger.close();
    base.remove();
    base = tempDir('ahead');
    dir = join(base.path, 'zones');
    writeZones(dir, zones);

    const counter = counting();
    const warm = await opened(counter.planner);
    expect(await writeAhead(warm, oneByOne(), signal)).toBe(30);
    expect(await writeAhead(warm, oneByOne(), signal)).toBe(0);
    expect(withoutSerials(texts())).toEqual(withoutSerials(before));
    counter.planned = 0;
    expect(await bring(warm, order(1, 'm2'), signal, {})).toMatchObject({ kind: 'done', counts: { changed: 30 } });
    expect(counter.planned).toBe(0);
    expect(texts()).toEqual(expected);
    expect(readdirSync(readyDir())).toEqual([]);
    // The way back is written ahead as well.
    expect(await writeAhead(warm, oneByOne(), signal)).toBe(30);
    counter.planned = 0;
    expect(await bring(warm, order(2, 'm1'), signal, {})).toMatchObject({ kind: 'done', counts: { changed: 30 } });
    expect(counter.planned).toBe(0);
    expect(withoutSerials(texts())).toEqual(withoutSerials(before));
    await warm.ledger.close();
  });

  it.each([
    ['a file that somebody wrote since', `new\t14400\tIN\tA\t192.0.2.11\n`, 2026110100, 2026112800],
    ['a serial that went ahead', '', 2026120100, 2026120101],
  ])('%s is planned anew, and the others are not', async (_, more, before, after) => {
    const counter = counting();
    const warm = await opened(counter.planner);
    await writeAhead(warm, oneByOne(), signal);
    const [first = ''] = zones;
    writeFileSync(join(dir, `${first}.db`), cpanelZone(first, undefined, before) + more);
    counter.planned = 0;
    expect(await bring(warm, order(1, 'm2'), signal, {})).toMatchObject({ kind: 'done', counts: { changed: 30 } });
    expect(counter.planned).toBe(1);
    const text = readFileSync(join(dir, `${first}.db`), 'latin1');
    expect(text.match(/\tA\t192\.0\.2\.11$/gm)).toHaveLength(1);
    expect(text).toContain('www1\t14400\tIN\tA\t192.0.2.11\n');
    expect(text).toContain(`${after} ;Serial`);
    await warm.ledger.close();
  });

  it('is not used on another day, for another master, or for TTL care', async () => {
    const counter = counting();
    const warm = await opened(counter.planner);
    await writeAhead(warm, oneByOne(), signal);
    counter.planned = 0;
    const tomorrow = { ...order(1, 'm2'), instant: Date.UTC(2026, 10, 29) };
    expect(await bring(warm, tomorrow, signal, {})).toMatchObject({ kind: 'done', counts: { changed: 30 } });
    expect(counter.planned).toBe(30);
    expect(texts().get(zones[0] ?? '')).toContain('2026112900');
    await warm.ledger.close();
  });

  it('killed between ledger and renames, and in the middle of them: the next start finishes', async () => {
    const { script } = await buildScript('apply-child');
    const before = texts();
    for (const [epoch, point] of [
      [1, 'ledger-written'],
      [2, 'half-renamed'],
    ] as const) {
      const target = epoch === 1 ? 'm2' : 'm1';
      const args = [base.path, dir, JSON.stringify(order(epoch, target)), point, '0', 'ahead'];
      const child = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
      expect(child.signal, child.stderr).toBe('SIGKILL');
      const again = await opened(counting().planner);
      expect(await bring(again, order(epoch, target), signal, {})).toMatchObject({ kind: 'done' });
      await again.ledger.close();
      expect(readAll(dir).size).toBe(30);
    }
    expect(withoutSerials(texts())).toEqual(withoutSerials(before));
  });

  it('outlasts a restart where it is still right: no file is made anew, and what is not right is', async () => {
    const many = zoneNames(320);
    const [edited = '', foreign = '', gone = '', ...others] = many;
    writeZones(dir, many);
    const before = await opened(counting().planner);
    await writeAhead(before, oneByOne(), signal);
    await before.ledger.close();
    const inodeOf = (folder: string, zone: string): number => statSync(join(folder, `${zone}.db`)).ino;
    const made = new Map(others.map((zone) => [zone, inodeOf(readyDir(), zone)]));
    writeFileSync(join(dir, `${edited}.db`), `${cpanelZone(edited)}new\t60\tIN\tA\t192.0.2.11\n`);
    writeFileSync(join(readyDir(), `${foreign}.db`), cpanelZone(foreign).replace('192.0.2.11', '203.0.113.66'));
    rmSync(join(readyDir(), `${gone}.db`));

    const counter = counting();
    const after = await opened(counter.planner);
    expect(await bring(after, order(1, 'm2'), signal, {})).toMatchObject({ kind: 'done', counts: { changed: 320 } });
    expect(counter.planned).toBe(320);
    expect(new Map(others.map((zone) => [zone, inodeOf(dir, zone)]))).toEqual(made);
    const textOf = (zone: string): string => readFileSync(join(dir, `${zone}.db`), 'latin1');
    expect(textOf(edited)).toContain('new\t60\tIN\tA\t198.51.100.11\n');
    expect(textOf(foreign)).not.toContain('203.0.113.66');
    expect(textOf(foreign)).toBe(textOf(others[0] ?? '').replaceAll(others[0] ?? '', foreign));
    expect(textOf(gone)).toBe(textOf(others[0] ?? '').replaceAll(others[0] ?? '', gone));
    expect(readdirSync(readyDir())).toEqual([]);
    await after.ledger.close();
  });

  it('takes no zone that appears later for one that the guard has published', async () => {
    const at = await opened(counting().planner);
    await writeAhead(at, oneByOne(), signal);
    writeFileSync(join(dir, 'fresh.example.db'), cpanelZone('fresh.example'));
    await writeAhead(at, oneByOne(), signal);
    expect(at.seen.has('fresh.example')).toBe(false);
    expect(at.seen.size).toBe(30);
    await at.ledger.close();
  });

  it('counts no text that a run wrote over before it was put on the disk', async () => {
    const inline = inlinePlanner(moves);
    const ahead: string[] = [];
    let between: (() => Promise<unknown>) | undefined;
    const planner: Planner = {
      ...inline,
      async plan(chunk) {
        const done = await inline.plan(chunk);
        if (chunk.into !== undefined) ahead.push(...chunk.items.map(({ zone }) => zone));
        return done;
      },
    };
    writeZones(dir, zoneNames(320));
    const at = await opened(planner);
    // An order of tomorrow that is stopped once it has written its texts: none of them takes its file's name.
    between = async () => {
      between = undefined;
      const stop = new AbortController();
      const stopping = {
        ...at.deps.planner,
        plan: async (chunk: Parameters<Planner['plan']>[0]) => {
          const done = await inline.plan(chunk);
          stop.abort();
          return done;
        },
      };
      const tomorrow = { ...order(1, 'm2'), instant: Date.UTC(2026, 10, 29) };
      const outcome = await bring({ ...at, deps: { ...at.deps, planner: stopping } }, tomorrow, stop.signal, {});
      expect(outcome.kind).toBe('stopped');
    };
    const sleeping = { ...clock, sleep: async () => void (await between?.()) };
    await writeAhead({ ...at, deps: { ...at.deps, clock: sleeping } }, oneByOne(), signal);
    expect(ahead).toHaveLength(320);
    expect(await bring(at, order(2, 'm2'), signal, {})).toMatchObject({ kind: 'done', counts: { changed: 320 } });
    for (const zone of zoneNames(320))
      expect(readFileSync(join(dir, `${zone}.db`), 'latin1'), zone).toContain('2026112800 ;Serial');
    await at.ledger.close();
  });

  it('is kept by the guard itself, also for a zone that changes or comes later', async () => {
    const counter = counting();
    // On the order's day: what was written ahead on another one has another serial.
    const begun = Date.now();
    const publish = await open(base.path, dir, [], {
      ...{ planner: counter.planner, ahead: ['m1', 'm2'], guardMs: 50 },
      clock: { ...systemClock, now: () => now + Date.now() - begun },
    });
    const stop = new AbortController();
    const guarding = publish.guard(stop.signal);
    const isKept = (count: number) => async () => {
      expect(readdirSync(readyDir())).toHaveLength(count);
      expect(await publish.ahead(signal)).toBe(0);
    };
    await vi.waitFor(isKept(30), { timeout: 30_000, interval: 100 });
    writeFileSync(join(dir, 'late.example.db'), cpanelZone('late.example'));
    await vi.waitFor(isKept(31), { timeout: 30_000, interval: 100 });
    const again = counter.planned;
    expect(await publish.bring(order(1, 'm2'), signal)).toMatchObject({ kind: 'done', counts: { changed: 31 } });
    expect(counter.planned - again).toBeLessThan(31);
    stop.abort();
    await guarding;
    await publish.close();
  });
});
