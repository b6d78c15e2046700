import { describe, expect, it } from 'vitest';
import type { WatcherSeen } from '../../../src/failover/portal/desk.ts';
import { type Seen, seenSchema } from '../../../src/failover/portal/seen.ts';
import { brighter, namesLight } from '../../../src/routes/portal/present/names-light.ts';
import { inShownNames, namedDesk } from '../../../src/routes/portal/present/shown-names.ts';
import { activeMarks, lanesOf, pieces, sparkOf } from '../../../src/routes/portal/switchover/lanes.ts';

import { reader, say } from './views.ts';

const now = Date.parse('2026-11-28T14:00:00Z');
const hour = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

function order(kind: 'switch' | 'return', from: string, to: string, at: number, account?: string) {
  return { id: `${at}.s3`, kind, from, to, at: iso(at), by: 'verdict', evidence: [], ...(account ? { account } : {}) };
}

function seenOf(over: Record<string, unknown> = {}): Seen {
  const master = (id: string) => ({
    id,
    site: 'A',
    sight: 'serving',
    state: 'steady',
    sentence: `${id} is seen serving.`,
  });
  return seenSchema.parse({
    node: 's3',
    at: iso(now),
    light: 'redundant',
    sentence: 'All serve.',
    masters: [master('m1'), master('m2')],
    active: { pair: 'm1', accounts: {} },
    conflict: [],
    orders: [],
    checks: [],
    warnings: [],
    history: [],
    ...over,
  });
}

function watcher(id: string, seen: Seen | undefined, why?: string): WatcherSeen {
  return {
    id,
    seen,
    seenAt: seen === undefined ? undefined : now,
    why,
    turns: [{ at: now - hour, answers: why === undefined }],
  };
}

describe('the names of masters in what watchers say', () => {
  const names = (id: string): string => id.toUpperCase();
  it.each([
    ['m1 is confirmed dead; names move from m1 to m2.', 'M1 is confirmed dead; names move from M1 to M2.'],
    ['s3 does not see m1.', 's3 does not see M1.'],
    ['m1: gone', 'M1: gone'],
    ['m1/imap fails at m1.host.example, m1-old and am1 too', 'm1/imap fails at m1.host.example, m1-old and am1 too'],
    [
      'Type: tandem failover switch m1 --confirmed. Then look at m1.',
      'Type: tandem failover switch m1 --confirmed. Then look at M1.',
    ],
    ['order 5.s3 by m2', 'order 5.s3 by M2'],
  ])('%s', (said, shown) => {
    expect(inShownNames(said, ['m1', 'm2'], names)).toBe(shown);
  });

  it('stand in every sentence that the page takes from a desk, and in the light', async () => {
    const seen = seenOf({
      sentence: 'm1 is down.',
      masters: [
        { id: 'm1', site: 'A', sight: 'gone', state: 'unsure', sentence: 'm1 is gone.', evidence: ['s4: m1 gone'] },
      ],
      warnings: ['nobody vouches for m1'],
      history: [{ at: now, kind: 'verdict', subject: 'm1', sentence: 'm1 is gone.', evidence: ['s4 sees m1: no'] }],
      publish: {
        last: {
          order: '1.s3',
          at: iso(now),
          outcome: { kind: 'done', sentence: 'moved to m1', counts: { zones: 1, changed: 1, left: 0 } },
        },
      },
    });
    const result = { exit: 'done', sentence: 'Ready for m1.', lines: ['m1: serving'], data: { from: 'm1' } } as const;
    const desk = namedDesk(
      {
        problem: undefined,
        watchers: () => [watcher('s3', seen)],
        look: () => ({ kind: 'answered', result: { ...result, lines: [...result.lines] }, from: 's3', at: now }),
        tell: async () => ({ ...result, lines: [...result.lines] }),
      },
      ['m1', 'm2'],
      names,
    );
    const looked = desk.look('switch', 'm1', 'ana');
    const told = await desk.tell({ command: 'release', by: 'ana' });
    const shown = desk.watchers()[0]?.seen;
    const texts = JSON.stringify([
      shown?.sentence,
      shown?.masters.map(({ sentence, evidence }) => [sentence, evidence]),
      shown?.warnings,
      shown?.history.map(({ sentence, evidence }) => [sentence, evidence]),
      shown?.publish?.last?.outcome.sentence,
      looked.kind === 'answered' ? [looked.result.sentence, looked.result.lines] : looked,
      [told.sentence, told.lines],
      namesLight([watcher('s3', seen)], 0, reader)?.sentence,
    ]);
    expect(texts.match(/m1/g)).toBeNull();
    expect(texts.match(/M1/g)).toHaveLength(12);
    expect(shown?.masters[0]?.id).toBe('m1');
    expect(told.data).toEqual({ from: 'm1' });
    expect(desk.watchers()[0]?.seen).toBe(shown);
  });
});

describe('where names pointed, from the orders', () => {
  const marks = (...orders: readonly ReturnType<typeof order>[]) =>
    activeMarks(seenOf({ orders })).map(({ value }) => value);
  it.each([
    ['nothing was ordered', [], ['m1']],
    [
      'a switch and a return',
      [order('switch', 'm1', 'm2', 1000), order('return', 'm2', 'm1', 2000)],
      ['m1', 'm2', 'm1'],
    ],
    ['the switch itself is no longer told', [order('return', 'm2', 'm1', 2000)], ['m2', 'm1']],
    ['an account alone moves no lane', [order('switch', 'm1', 'm2', 1000, 'bob')], ['m1']],
    ['a switch away from a master where nothing is', [order('switch', 'm2', 'm1', 1000)], ['m1', 'm1']],
  ])('%s', (_what, orders, expected) => expect(marks(...orders)).toEqual(expected));
});

describe('lanes', () => {
  const span = { from: now - hour, to: now };

  it('what began before the span is cut to it, and what is unknown is not drawn', () => {
    expect(
      pieces(
        [
          { at: 0, value: 'a' },
          { at: 50, value: 'b' },
          { at: 300, value: 'c' },
        ],
        { from: 20, to: 200 },
      ),
    ).toEqual([
      { from: 20, to: 50, value: 'a' },
      { from: 50, to: 200, value: 'b' },
    ]);
    expect(pieces([{ at: 150, value: 'b' }], { from: 20, to: 200 })).toEqual([{ from: 150, to: 200, value: 'b' }]);
  });

  it('names move from one lane to the other at the order, and a dead time stands out', () => {
    const half = now - hour / 2;
    const dead = {
      at: half - 60_000,
      kind: 'verdict',
      subject: 'm1',
      sentence: 'dead',
      state: 'master-dead',
      evidence: [],
    };
    const well = { ...dead, at: half + 60_000, state: 'failed-over' };
    const seen = seenOf({ orders: [order('switch', 'm1', 'm2', half)], history: [dead, well] });
    const [m1, m2, s3] = lanesOf(seen, [watcher('s3', seen)], span, say);
    expect(m1?.boxes.map(({ look, x, width }) => [look, x, width])).toEqual([
      ['active', 0, 500],
      ['standby', 500, 500],
      ['bad', 483.3, 33.4],
      ['good', 516.7, 483.3],
      ['order', 500, 2],
    ]);
    expect(m2?.boxes.map(({ look }) => look)).toEqual(['standby', 'active', 'order']);
    expect(s3?.words).toBe('answers now; silent 0 times in this time');
  });

  it('a sparkline is as high as the run was long, and full where it failed', () => {
    expect(sparkOf(['ok', 'critical', 'ok'], [10, 5, 100]).map(({ look, height }) => [look, height])).toEqual([
      ['good', 2],
      ['bad', 24 - 2],
      ['good', 22],
    ]);
  });
});

describe('the light', () => {
  const light = (watchers: readonly WatcherSeen[], begun = 0) =>
    namesLight(watchers, begun, { ...reader, now })?.sentence;
  const moved = seenOf({
    light: 'failed-over',
    active: { pair: 'm2', accounts: {} },
    orders: [order('switch', 'm1', 'm2', now - 16 * 60_000)],
  });
  const suspect = { id: 'm1', site: 'A', sight: 'suspect', state: 'suspect', sentence: 'm1 fails some checks.' };
  const sick = seenOf({ light: 'degraded', masters: [suspect] });

  it.each([
    ['all is well', [watcher('s3', seenOf()), watcher('s4', seenOf())], undefined],
    ['names are away', [watcher('s3', seenOf()), watcher('s4', moved)], 'Running on M2 since 13:44'],
    [
      'orders contradict',
      [watcher('s3', seenOf({ conflict: ['3.s3', '3.s4'] }))],
      'Degraded: the watchers have contradicting orders',
    ],
    ['a master is not well', [watcher('s3', sick)], 'Degraded: M1 fails some checks.'],
    [
      'one watcher is silent',
      [watcher('s3', seenOf()), watcher('s4', undefined, 'cut')],
      'Degraded: watcher s4 does not answer',
    ],
    [
      'all are silent, whatever they said last',
      [watcher('s3', moved, 'cut')],
      'No watcher answers: nobody switches by itself',
    ],
    ['there are none', [], undefined],
  ])('%s', (_what, watchers, expected) => expect(light(watchers)).toBe(expected));

  it('says nothing while the portal has only just begun to ask', () => {
    expect(light([watcher('s3', undefined, 'not asked yet')], now - 1000)).toBeUndefined();
  });

  it('both masters away is worse than names that moved; a degraded pair hides a silent watcher', () => {
    const own = (tone: string) => ({ tone, symbol: '', sentence: tone, href: '/masters' });
    const theirs = (tone: string) => ({ ...own(tone), href: '/switchover' });
    expect(brighter(own('down'), theirs('failed-over')).tone).toBe('down');
    expect(brighter(own('degraded'), theirs('failed-over')).tone).toBe('failed-over');
    expect(brighter(own('degraded'), theirs('unknown')).tone).toBe('degraded');
    expect(brighter(own('behind'), theirs('degraded')).tone).toBe('degraded');
    expect(brighter(own('redundant'), undefined).tone).toBe('redundant');
  });
});
