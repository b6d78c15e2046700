import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledge, advance } from '../../../src/failover/checks/advance.ts';
import { changeShare, isFlapping } from '../../../src/failover/checks/flapping.ts';
import {
  type CheckEvent,
  type CheckRule,
  type CheckState,
  firstState,
  type Result,
  type Surroundings,
} from '../../../src/failover/checks/model.ts';
import { badParents, sightOf } from '../../../src/failover/checks/sight.ts';

const rule: CheckRule = { everyMs: 3000, retryMs: 1000, attempts: 3, jitter: 0 };
const calm: Surroundings = { now: 0, chance: 0, parentIsBad: false, planned: false };
const letters: Readonly<Record<string, Result>> = { o: 'ok', w: 'warning', c: 'critical', u: 'unknown' };

/** Runs results one second apart: 'oocc'. */
function runs(results: string, attempts = 3, around: Partial<Surroundings> = {}, from = firstState(0)) {
  let state: CheckState = from;
  const events: CheckEvent[] = [];
  let told = 0;
  [...results].forEach((letter, second) => {
    const now = (second + 1) * 1000;
    const done = advance(state, letters[letter] ?? 'ok', { ...rule, attempts }, { ...calm, now, ...around });
    state = done.state;
    events.push(...done.events);
    if (done.tell) told++;
  });
  return { state, told, kinds: events.map((event) => ('to' in event ? `${event.kind} ${event.to}` : event.kind)) };
}

describe('soft and hard states', () => {
  it.each([
    ['ooo', 'ok hard 1', []],
    ['oc', 'critical soft 1', []],
    ['occ', 'critical soft 2', []],
    ['occc', 'critical hard 3', ['problem critical']],
    ['occco', 'ok hard 1', ['problem critical', 'recovery ok']],
    ['occo', 'ok hard 1', []],
    ['occocc', 'critical soft 2', []],
    ['owcu', 'unknown hard 3', ['problem unknown']],
    ['cccw', 'warning hard 3', ['problem critical', 'problem warning']],
    ['ccccc', 'critical hard 3', ['problem critical']],
  ])('%s ends as %s', (results, end, kinds) => {
    const { state, kinds: happened } = runs(results);
    expect(`${state.result} ${state.type} ${state.attempt}`).toBe(end);
    expect(happened).toEqual(kinds);
  });

  it('a single attempt is hard at once', () => {
    expect(runs('c', 1).kinds).toEqual(['problem critical']);
  });

  it('knows since when it is what it is', () => {
    expect(runs('ooccccc').state.since).toBe(5000);
    expect(runs('oocc').state.since).toBe(0);
  });

  it('is retried soon until it is believed, and jitter only makes it earlier', () => {
    expect(runs('c').state.nextAt).toBe(2000);
    expect(runs('ccc').state.nextAt).toBe(6000);
    const early = advance(firstState(0), 'ok', { ...rule, jitter: 0.2 }, { ...calm, chance: 0.5 });
    expect(early.state.nextAt).toBe(2700);
  });

  it('events and hard states say the same, whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('o', 'c', 'w', 'u'), maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (all, n) => {
          const { state, kinds } = runs(all, n);
          const last = kinds.filter((kind) => !kind.startsWith('flapping')).at(-1);
          expect(last?.split(' ')[1] ?? 'ok').toBe(state.hard);
          if (state.type === 'hard') expect(state.hard).toBe(state.result);
          expect(state.attempt).toBeLessThanOrEqual(n);
        },
      ),
    );
  });
});

describe('who is told', () => {
  it('everybody, once for each believed change', () => {
    expect(runs('ccccco').told).toBe(2);
  });

  it('nobody in planned downtime, though it is noted', () => {
    expect(runs('ccco', 3, { planned: true })).toMatchObject({ told: 0, kinds: ['problem critical', 'recovery ok'] });
  });

  it('nobody about what is acknowledged, until it was well again', () => {
    const seen = acknowledge(runs('ccc').state);
    expect(runs('w', 3, {}, seen).told).toBe(0);
    const well = runs('oo', 3, {}, seen).state;
    expect(well.acknowledged).toBe(false);
    expect(runs('ccc', 3, {}, well).told).toBe(1);
    expect(acknowledge(well)).toBe(well);
  });

  it('nobody of each turn of something that flaps, but that it began and ended', () => {
    const { kinds, told } = runs('co'.repeat(20), 1);
    expect(kinds).toContain('flapping-began');
    expect(told).toBeLessThan(10);
    expect(runs(`${'co'.repeat(20)}${'o'.repeat(20)}`, 1).kinds.at(-1)).toBe('flapping-ended');
  });
});

describe('a bad parent', () => {
  it('makes failures mean nothing, and does not stop a recovery', () => {
    expect(runs('cccccc', 3, { parentIsBad: true })).toMatchObject({ kinds: [], state: { hard: 'ok', nextAt: 7000 } });
    const bad = runs('ccc').state;
    expect(runs('o', 3, { parentIsBad: true }, bad).kinds).toEqual(['recovery ok']);
  });

  it('is found over several steps, also in a circle', () => {
    const parents = { http: ['gateway'], gateway: ['path'], path: ['http'] };
    expect(badParents('http', parents, (id) => id === 'path')).toEqual(['path']);
    expect(badParents('http', parents, (id) => id === 'http')).toEqual([]);
    expect(badParents('other', parents, () => true)).toEqual([]);
  });
});

describe('flapping', () => {
  it('weighs what is new more', () => {
    const old = Array.from({ length: 21 }, (_, at) => at < 6);
    const fresh = Array.from({ length: 21 }, (_, at) => at >= 15);
    expect(changeShare(fresh)).toBeGreaterThan(changeShare(old));
    expect(changeShare(Array<boolean>(30).fill(true))).toBeCloseTo(1);
    expect(changeShare([])).toBe(0);
  });

  it('begins at 30 % and ends below 20 %', () => {
    const share = (n: number) => Array.from({ length: 21 }, (_, at) => at % 21 < n);
    expect([isFlapping(share(5), false), isFlapping(share(5), true)]).toEqual([false, true]);
    expect([isFlapping(share(8), false), isFlapping(share(4), true)]).toEqual([true, false]);
  });
});

describe('how a master is seen', () => {
  const check = (results: string, vital = true) => ({ state: runs(results).state, vital });
  it.each([
    ['serving', [check('o'), check('o')]],
    ['serving', [check('o'), check('ccc', false)]],
    ['serving', [check('www')]],
    ['suspect', [check('o'), check('ccc')]],
    ['suspect', [check('ccc'), check('cc')]],
    ['suspect', [check('c')]],
    ['suspect', []],
    ['suspect', [check('uuu')]],
    ['suspect', [check('ccc', false)]],
    ['gone', [check('ccc'), check('ccc')]],
    ['gone', [check('ccc'), check('uuu')]],
  ])('%s', (sight, checks) => {
    expect(sightOf(checks)).toBe(sight);
  });
});
