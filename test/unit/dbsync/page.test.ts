import { describe, expect, it } from 'vitest';
import type { DatabasesState } from '../../../src/dbsync/state-file.ts';
import { databasesSheet, linePath } from '../../../src/roles/databases/page.ts';
import { say } from '../portal/views.ts';

const state: DatabasesState = {
  at: 1_000_000,
  directions: [
    { from: 'm1', to: 'm2', kind: 'steady', lagMs: 0, waiting: 0, sentence: 'in step' },
    { from: 'm2', to: 'm1', kind: 'cut', lagMs: 9000, waiting: 4, sentence: 'M2 → M1: cut' },
  ],
  servers: [
    { id: 'm1', name: 'M1', up: true, databases: 9, binlogBytes: 2_000_000, readOnly: true },
    { id: 'm2', name: 'M2', up: false, databases: 0, binlogBytes: 0, readOnly: false },
  ],
  errant: 0,
  warnings: [{ code: 'db.cut.m2.m1', sentence: 'M2 → M1: cut' }],
  history: [{ at: 1, lagMs: [0, 100] }],
  conflicts: 0,
};

function texts(given: DatabasesState | undefined, now: number): string {
  return JSON.stringify(databasesSheet(given, { say, now }));
}

describe('the page on databases', () => {
  it('shows directions, servers and warnings', () => {
    const page = texts(state, 1_001_000);
    for (const words of ['M2 → M1', 'cut', '9.0 s', 'read-only', 'does not answer', '2.0 MB'])
      expect(page).toContain(words);
    expect(page).not.toContain('no longer runs');
  });
  it('says when what it shows is old, and when nobody looks', () => {
    expect(texts(state, 1_100_000)).toContain('no longer runs');
    expect(texts(undefined, 0)).toContain('tandem dbsync');
  });
  it.each([
    ['a line', [0, 500, 1000], 'M0.0 79.0L300.0 40.0L600.0 1.0'],
    ['a gap where nothing is known', [0, null, 0], 'M0.0 79.0M600.0 79.0'],
    ['nothing', [], ''],
  ])('draws %s', (_sentence, values, path) => {
    expect(linePath(values, 1000)).toBe(path);
  });
});
