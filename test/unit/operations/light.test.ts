import { describe, expect, it } from 'vitest';
import type { MasterStatus } from '../../../src/operations/model.ts';
import { lightOf } from '../../../src/operations/status.ts';

function master(id: string, more: Partial<MasterStatus> = {}): MasterStatus {
  const name = id.toUpperCase();
  const since = '2026-01-02T13:41:00.000Z';
  return { id, name, site: 's', hostname: `${id}.example`, state: 'reachable', since, backlog: 0, held: 0, ...more };
}

describe('the light', () => {
  it.each([
    ['redundant', [master('m1'), master('m2')], 1, 'Redundant'],
    ['behind', [master('m1'), master('m2', { backlog: 1 })], 1, 'M2 is 1 change behind'],
    ['behind', [master('m1', { backlog: 3 }), master('m2', { backlog: 1 })], 1, 'M1 is 3 changes behind'],
    ['degraded', [master('m1', { state: 'unreachable' }), master('m2')], 1, 'Degraded: M1 unreachable since 13:41 UTC'],
    ['degraded', [master('m1'), master('m2', { state: 'parked' })], 2, 'Degraded: M2 parked since 13:41 UTC'],
    ['degraded', [master('m1'), master('m2')], 0, 'Degraded: no worker runs, so changes wait'],
    [
      'down',
      [master('m1', { state: 'parked' }), master('m2', { state: 'unreachable' })],
      1,
      'No master can be reached',
    ],
  ] as const)('is %s: %#', (light, masters, workers, sentence) => {
    const shown = lightOf(masters, workers);
    expect(shown.light).toBe(light);
    expect(shown.sentence).toContain(sentence);
  });
});
