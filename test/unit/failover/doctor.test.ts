import { describe, expect, it } from 'vitest';
import { judgeCluster, judgeFaults } from '../../../src/roles/doctor-topology.ts';
import { threeSites, twoSites } from './topologies.ts';

describe('who pushes to whom', () => {
  const judged = (outcome: Parameters<typeof judgeCluster>[3]) => judgeCluster('dns cluster', 'ns1', 'M1', outcome);
  it.each([
    ['it shares records', { kind: 'done', data: { has_trust: 1 }, warnings: [], messages: [] }, 'failed'],
    ['it does not', { kind: 'done', data: { has_trust: '0' }, warnings: [], messages: [] }, 'ok'],
    ['an answer that nobody expected', { kind: 'done', data: {}, warnings: [], messages: [] }, 'warning'],
    ['an old version', { kind: 'refused', reason: 'Unknown app' }, 'warning'],
  ] as const)('%s', (_what, outcome, state) => {
    // Cast: the outcomes' further fields say nothing here.
    expect(judged(outcome as unknown as Parameters<typeof judgeCluster>[3]).state).toBe(state);
  });
});

describe('which faults switch by themselves', () => {
  it('with a witness at a third site the loss of a site does, and nothing is weak', () => {
    const [first, ...rest] = judgeFaults(threeSites);
    expect(first).toMatchObject({ state: 'ok', sentence: expect.stringContaining('m1 fails; site A loses power') });
    expect(rest.map(({ sentence }) => sentence).join(' ')).not.toContain('third site');
  });

  it('without one it only warns, and says what is missing', () => {
    const [first, warns, weak] = judgeFaults(twoSites);
    expect(first?.sentence).toBe('Switches by itself: m1 fails.');
    expect(warns).toMatchObject({ state: 'warning', sentence: expect.stringContaining('site A loses power') });
    expect(weak?.sentence).toContain('No watcher or witness stands at a third site');
  });

  it('a lone master has nowhere to switch to', () => {
    const lone = { places: twoSites.places.filter(({ id }) => id !== 'm2') };
    expect(judgeFaults(lone)[0]).toMatchObject({ state: 'failed', sentence: 'No fault switches by itself.' });
  });
});
