import { describe, expect, it } from 'vitest';
import { LEG_MOVES, mayMove, OPEN_LEG, OPERATION_MOVES, RUNNABLE_LEG } from '../../../src/operations/states.ts';

const pairs = (moves: readonly { from: string; to: string }[]) => moves.map((m) => `${m.from}→${m.to}`);

describe('the state table', () => {
  it('names each move once', () => {
    for (const moves of [LEG_MOVES, OPERATION_MOVES]) expect(new Set(pairs(moves)).size).toBe(moves.length);
  });

  it('leads from every open state of a leg to an end', () => {
    const ends = ['done', 'refused', 'skipped', 'withdrawn'];
    for (const from of OPEN_LEG) expect(LEG_MOVES.some((m) => m.from === from && ends.includes(m.to))).toBe(true);
  });

  it('lets an operation that is over stay over', () => {
    for (const over of ['done', 'refused', 'withdrawn'] as const)
      expect(OPERATION_MOVES.filter((m) => m.from === over)).toEqual([]);
  });

  it('lets nobody but a person move a leg on hold, unless nobody has it', () => {
    const byOthers = LEG_MOVES.filter((m) => m.from === 'held' && m.by.some((who) => who !== 'person'));
    expect(pairs(byOthers)).toEqual(['held→withdrawn']);
    expect(RUNNABLE_LEG.some((state: string) => state === 'held')).toBe(false);
  });

  it.each([
    ['ready', 'sent', true],
    ['done', 'sent', false],
    ['doubt', 'ready', false],
    ['withdrawn', 'ready', false],
  ] as const)('%s to %s: %s', (from, to, may) => {
    expect(mayMove(LEG_MOVES, from, to)).toBe(may);
  });
});
