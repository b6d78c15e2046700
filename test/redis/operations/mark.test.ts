import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../../src/config.ts';
import { openAcquaintance } from '../../../src/jobs/acquaint.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle.ts';
import { foreignSentence } from '../../../src/operations/mark.ts';
import type { Actor } from '../../../src/operations/model.ts';
import { openReach } from '../../../src/operations/reach.ts';
import { type Core, openCore } from '../../../src/roles/core.ts';
import { openWorker } from '../../../src/roles/worker.ts';
import type { Simulator } from '../../../src/simulator/index.ts';
import { whmJson } from '../../../src/whm/call.ts';
import { testLog } from '../../support/log.ts';
import { fault, heal, root, startPair, type TestPair } from '../../support/pair.ts';

const within = { timeout: 15_000, interval: 50 };
let pair: TestPair;
const opened: Lifecycle[] = [];

beforeEach(async () => {
  pair = await startPair();
});
afterEach(async () => {
  for (const lifecycle of opened.splice(0)) await lifecycle.closeAll();
  await pair.close();
});

/** Another Tandem, with a journal of its own, on the very same masters. */
async function stranger(): Promise<Core> {
  const settings = parse(readFileSync(pair.configFile, 'utf8'));
  const file = join(pair.dir, 'stranger.yaml');
  writeFileSync(file, stringify({ ...settings, stateDir: join(pair.dir, 'stranger') }), { mode: 0o600 });
  const config = loadConfig({ file, env: {} });
  const { log } = testLog();
  const lifecycle = createLifecycle({ log });
  opened.push(lifecycle);
  const core = await openCore({ config, log, lifecycle, crash: () => {}, redisUrl: undefined });
  await openWorker(core);
  return core;
}

async function masters(core: Core) {
  const status = await core.reads.status();
  return Object.fromEntries(status.masters.map((m) => [m.id, m]));
}

async function journalOf(core: Core): Promise<string> {
  const row = await core.journal.read((db) =>
    db.selectFrom('meta').select('value').where('name', '=', 'journal').executeTakeFirstOrThrow(),
  );
  return row.value;
}

async function marked(): Promise<void> {
  await vi.waitFor(async () => expect(await callsOf('personalization_set')).toBe(2), within);
}

async function callsOf(fn: string): Promise<number> {
  const counts = await Promise.all([pair.m1, pair.m2].map((sim) => countOf(sim, fn)));
  return counts.reduce((sum, n) => sum + n, 0);
}

async function countOf(sim: Simulator, fn: string): Promise<number> {
  const answer: unknown = await (await fetch(`${sim.controlUrl}/_sim/calls`)).json();
  // The control port lists the calls with their functions.
  const { calls } = answer as { calls: readonly { function: string }[] };
  return calls.filter((c) => c.function === fn).length;
}

function make(core: Core, name: string) {
  return core.operations.accept({ action: 'package.add', params: { name }, actor: root, door: 'cli' });
}

describe('a master of another journal', () => {
  it('gets nothing from us, and the alarm names the other journal', async () => {
    await marked();
    const other = await stranger();
    const sentence = `this master belongs to another Tandem journal (${await journalOf(pair.core)})`;
    await vi.waitFor(
      async () =>
        expect(await masters(other)).toMatchObject({
          m1: { state: 'parked', reason: sentence },
          m2: { state: 'parked', reason: sentence },
        }),
      within,
    );
    await expect(make(other, 'gold')).rejects.toThrow();
    expect(await callsOf('addpkg')).toBe(0);
    expect((await masters(pair.core))['m1']?.state).toBe('reachable');
    expect((await pair.core.operations.wait((await make(pair.core, 'gold')).id, 'final', 15_000)).state).toBe('done');
  });

  it('is taken over by a person, and is then refused by the other one', async () => {
    await marked();
    const other = await stranger();
    await vi.waitFor(async () => expect((await masters(other))['m2']?.state).toBe('parked'), within);
    await other.operations.adoptMaster('m1', root);
    await other.operations.adoptMaster('m2', root);
    await vi.waitFor(
      async () =>
        expect(await masters(other)).toMatchObject({ m1: { state: 'reachable' }, m2: { state: 'reachable' } }),
      within,
    );
    expect((await other.operations.wait((await make(other, 'gold')).id, 'final', 15_000)).state).toBe('done');
    expect((await other.auth.auditList({ limit: 10 })).map((e) => [e.event, e.subject])).toEqual([
      ['master.adopt', 'm2'],
      ['master.adopt', 'm1'],
    ]);
    await pair.worker?.close();
    const { core } = await pair.another();
    await vi.waitFor(async () => expect((await masters(core))['m1']?.state).toBe('parked'), within);
  });

  it('is parked again when a person resumes it and the mark is still there', async () => {
    await marked();
    const other = await stranger();
    await vi.waitFor(async () => expect((await masters(other))['m2']?.state).toBe('parked'), within);
    const since = (await masters(other))['m2']?.since ?? '';
    await other.operations.resume('m2', root);
    await vi.waitFor(async () => {
      const now = (await masters(other))['m2'];
      expect(now?.state).toBe('parked');
      expect((now?.since ?? '') > since).toBe(true);
    }, within);
  });
});

describe('a master that keeps no mark', () => {
  it('is worked on all the same', async () => {
    await pair.worker?.close();
    for (const sim of [pair.m1, pair.m2]) {
      await fault(sim, { function: 'personalization_get', kind: 'refuse', reason: 'Unknown app', times: 100 });
    }
    const { core } = await pair.another();
    expect((await core.operations.wait((await make(core, 'gold')).id, 'final', 15_000)).state).toBe('done');
  });

  it('is waited for while it cannot say', async () => {
    await pair.worker?.close();
    await fault(pair.m2, { function: 'personalization_get', kind: 'http-500', times: 1000 });
    const { core } = await pair.another();
    const decided = await core.operations.wait((await make(core, 'gold')).id, 'decided', 15_000);
    expect(decided.legs.map((l) => [l.master, l.state])).toEqual([
      ['m1', 'done'],
      ['m2', 'ready'],
    ]);
    await heal(pair.m2);
    expect((await core.operations.wait(decided.id, 'final', 15_000)).state).toBe('done');
  });
});

describe('a master that is back', () => {
  const down = { function: '*', kind: 'down' };

  it('is not kept waiting by another one that does not say whose it is', async () => {
    await marked();
    for (const sim of [pair.m1, pair.m2]) await fault(sim, down);
    await vi.waitFor(
      async () =>
        expect(await masters(pair.core)).toMatchObject({ m1: { state: 'unreachable' }, m2: { state: 'unreachable' } }),
      within,
    );
    const before = await countOf(pair.m2, 'personalization_get');
    await heal(pair.m2);
    await fault(pair.m2, { function: 'personalization_get', kind: 'hang', times: 1000 });
    await vi.waitFor(async () => expect(await countOf(pair.m2, 'personalization_get')).toBe(before + 1), within);
    await heal(pair.m1);
    await vi.waitFor(async () => expect((await masters(pair.core))['m1']?.state).toBe('reachable'), within);
    const made = await make(pair.core, 'gold');
    expect((await pair.core.operations.wait(made.id, 'decided', 60_000)).legs).toMatchObject([
      { master: 'm1', state: 'done' },
      { master: 'm2', state: 'ready' },
    ]);
    // The very question that it hangs on is still open.
    expect(await countOf(pair.m2, 'personalization_get')).toBe(before + 1);
  });
});

describe('a lead that cannot say whose it is', () => {
  it('is told as unreachable, and another master leads', async () => {
    await pair.worker?.close();
    await fault(pair.m1, { function: 'personalization_get', kind: 'http-500', times: 10_000 });
    const made = await make(pair.core, 'gold');
    expect((await pair.core.operations.get(made.id))?.lead).toBe('m1');
    const { core } = await pair.another();
    const decided = await core.operations.wait(made.id, 'decided', 30_000);
    expect(decided.legs).toMatchObject([
      { master: 'm1', state: 'ready' },
      { master: 'm2', state: 'done' },
    ]);
    expect(await masters(core)).toMatchObject({
      m1: { state: 'unreachable', reason: expect.stringContaining('its mark could not be read') },
      m2: { state: 'reachable' },
    });
    await heal(pair.m1);
    expect((await core.operations.wait(made.id, 'final', 15_000)).state).toBe('done');
    await vi.waitFor(async () => expect((await masters(core))['m1']?.state).toBe('reachable'), within);
  });
});

describe('a parked master', () => {
  const anna: Actor = { kind: 'person', name: 'anna', scope: 'all', role: 'support', address: 'x' };

  it('goes on at the word of a person who may say so', async () => {
    await fault(pair.m2, { function: 'addpkg', kind: 'denied', times: 1 });
    const accepted = await make(pair.core, 'gold');
    await vi.waitFor(async () => expect((await masters(pair.core))['m2']?.state).toBe('parked'), within);
    await expect(pair.core.operations.resume('m2', anna)).rejects.toThrow('Support works on accounts only.');
    await expect(pair.core.operations.resume('m1', root)).rejects.toThrow('M1 is not parked');
    await expect(pair.core.operations.resume('m9', root)).rejects.toThrow('there is no master m9');
    expect((await masters(pair.core))['m2']?.state).toBe('parked');
    await pair.core.operations.resume('m2', root);
    expect((await pair.core.operations.wait(accepted.id, 'final', 15_000)).state).toBe('done');
    expect((await pair.core.auth.auditList({ limit: 1 }))[0]).toMatchObject({ event: 'master.resume', subject: 'm2' });
  });
});

describe('the version of a master', () => {
  it('is in the status', async () => {
    await vi.waitFor(
      async () =>
        expect(await masters(pair.core)).toMatchObject({
          m1: { version: pair.m1.engine.host.version },
          m2: { version: pair.m2.engine.host.version },
        }),
      within,
    );
  });
});

describe('as time goes by', () => {
  it('the version is read every ten minutes, the mark every hour and after each absence', async () => {
    await pair.worker?.close();
    const { deps } = pair.core;
    let now = 0;
    const reach = openReach(deps, () => now);
    const known: string[] = [];
    const acquaintance = openAcquaintance({
      core: deps,
      reach,
      log: testLog().log,
      now: () => now,
      tell: () => {},
      onKnown: (master) => void known.push(master),
    });
    async function asked(): Promise<readonly [versions: number, marks: number]> {
      const before = [await countOf(pair.m1, 'version'), await countOf(pair.m1, 'personalization_get')] as const;
      await Promise.all(['m1', 'm2'].map((master) => acquaintance.turn(master)));
      const after = [await countOf(pair.m1, 'version'), await countOf(pair.m1, 'personalization_get')] as const;
      return [after[0] - before[0], after[1] - before[1]];
    }
    expect(acquaintance.knows('m1')).toBe(false);
    expect(await asked()).toEqual([1, 1]);
    expect([known.sort(), acquaintance.knows('m1')]).toEqual([['m1', 'm2'], true]);
    expect(await asked()).toEqual([0, 0]);
    now = 600_000;
    expect(await asked()).toEqual([1, 0]);
    now = 3_600_000;
    expect(await asked()).toEqual([1, 1]);
    acquaintance.changed('m1', reach.of('m1'));
    expect(acquaintance.knows('m1')).toBe(false);
    expect(await asked()).toEqual([1, 1]);
    expect(acquaintance.knows('m1')).toBe(true);
    await deps.clients
      .get('m1')
      ?.call(whmJson('personalization_set', { store: 'tandem', personalization: { tandem_journal: 'OTHER' } }));
    now += 3_600_000;
    await acquaintance.turn('m1');
    expect(reach.of('m1')).toMatchObject({ state: 'parked', reason: foreignSentence('OTHER') });
    expect(reach.of('m2').state).toBe('reachable');
  });
});
