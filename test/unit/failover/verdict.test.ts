import { describe, expect, it } from 'vitest';
import { faultTable, faultText, singleFaults, verdicts } from '../../../src/failover/verdict/fault-table.ts';
import { isMajority, type Topology, voters, weaknesses } from '../../../src/failover/verdict/topology.ts';
import { judge, sentenceOf, type View } from '../../../src/failover/verdict/verdict.ts';
import { type Fault, isUp } from '../../../src/failover/verdict/world.ts';
import { harm } from './harm.ts';
import { fourSites, m1, m2, s3, s4, threeSites, topologies, twoSites, watcherAway } from './topologies.ts';

function outcomes(topology: Topology, active = 'm1') {
  const rows = faultTable(topology).filter((row) => row.active === active);
  return Object.fromEntries(rows.map((row) => [faultText(row.fault), row.outcome]));
}

describe('which faults switch by themselves', () => {
  it('two sites: a dead master does, a lost site only warns', () => {
    expect(outcomes(twoSites)).toMatchObject({
      'm1 fails': 'switches',
      'm2 fails': 'nothing',
      's3 fails': 'nothing',
      's4 fails': 'nothing',
      'site A loses power': 'warns',
      'site A is cut off from the world': 'warns',
      'site B loses power': 'nothing',
      'sites A and B cannot reach each other': 'warns',
      'm1 and s3 cannot reach each other': 'warns',
      'm1 and s4 cannot reach each other': 'warns',
      's3 and s4 cannot reach each other': 'nothing',
      'site A does not see the outside anchors': 'nothing',
      'customers cannot reach m1, though watchers can': 'nothing',
    });
  });

  it('with a witness at a third site a lost site does too, and a cut between sites does not', () => {
    expect(outcomes(threeSites)).toMatchObject({
      'm1 fails': 'switches',
      'site A loses power': 'switches',
      'site A is cut off from the world': 'switches',
      'sites A and B cannot reach each other': 'warns',
      'sites A and C cannot reach each other': 'nothing',
      'w fails': 'nothing',
      'm1 and w cannot reach each other': 'nothing',
    });
  });

  it('a watcher at a third site makes a lost site switch where the two watchers see it alike', () => {
    expect(outcomes(watcherAway)).toMatchObject({ 'm1 fails': 'switches', 'site A loses power': 'warns' });
    expect(outcomes(watcherAway, 'm2')).toMatchObject({ 'm2 fails': 'switches', 'site B loses power': 'switches' });
    expect(outcomes(fourSites)).toMatchObject({
      'site A loses power': 'switches',
      'site A is cut off from the world': 'switches',
    });
  });

  it('what a person must know of a topology is said', () => {
    expect(weaknesses(twoSites)).toEqual([expect.stringMatching(/third site/)]);
    expect(weaknesses(threeSites)).toEqual([]);
    expect(weaknesses({ places: [m1, s3] })).toHaveLength(3);
    expect(weaknesses({ places: [m1, { ...m2, site: 'A' }, s3, s4] })).toEqual([expect.stringMatching(/one site/)]);
  });

  it.each(topologies)('%s: every row has a sentence, and what hurts unseen says so', (_, topology) => {
    const rows = faultTable(topology);
    expect(rows).toHaveLength(singleFaults(topology).length * 2);
    for (const row of rows) {
      expect(row.sentence).toMatch(/^\S.*\.$/);
      if (row.hurts && row.outcome === 'nothing') expect(row.sentence).toMatch(/outside probe/);
    }
  });
});

describe.each(topologies)('%s', (_, topology) => {
  it('no single fault makes a harmful switch', () => {
    for (const fault of singleFaults(topology)) {
      for (const active of ['m1', 'm2']) expect(harm(topology, [fault], active), faultText(fault)).toBeUndefined();
    }
  });

  it('a lost referee never switches: faults that touch no master, however many', () => {
    const referees = singleFaults(topology).filter((fault) => {
      if (fault.kind === 'host') return !fault.id.startsWith('m');
      if (fault.kind === 'link') return !fault.between.some((id) => id.startsWith('m'));
      return fault.kind === 'anchor';
    });
    expect(referees.length).toBeGreaterThan(4);
    for (let mask = 0; mask < 2 ** referees.length; mask++) {
      const faults = referees.filter((_, bit) => ((mask >> bit) & 1) === 1);
      for (const active of ['m1', 'm2']) {
        expect(verdicts(topology, faults, active).every((verdict) => verdict.kind === 'steady')).toBe(true);
      }
    }
  });

  it('a dead master is switched by somebody', () => {
    for (const id of ['m1', 'm2']) {
      expect(verdicts(topology, [{ kind: 'host', id }], id).some((verdict) => verdict.kind === 'master-dead')).toBe(
        true,
      );
    }
  });

  it('any two majorities share a voter', () => {
    const ids = voters(topology).map((place) => place.id);
    for (let mask = 0; mask < 2 ** ids.length; mask++) {
      const some = new Set(ids.filter((_, bit) => ((mask >> bit) & 1) === 1));
      const rest = new Set(ids.filter((id) => !some.has(id)));
      expect(isMajority(topology, some)).not.toBe(isMajority(topology, rest));
    }
  });
});

describe('two faults at once', () => {
  /** Pairs that switch while customers still reach the old master. */
  function harmful(topology: Topology, active: string): readonly string[] {
    const all = singleFaults(topology).filter((fault) => fault.kind !== 'customers' && fault.kind !== 'uplink');
    return all.flatMap((a, at) =>
      all
        .slice(at + 1)
        .flatMap((b) => (harm(topology, [a, b], active) === undefined ? [] : [`${faultText(a)}; ${faultText(b)}`])),
    );
  }

  it('two sites: none makes a harmful switch', () => {
    expect([harmful(twoSites, 'm1'), harmful(twoSites, 'm2')]).toEqual([[], []]);
  });

  it('three sites: only a site that nobody of ours reaches while customers do, which an outside probe would see', () => {
    const [ab, ac, bc] = ['A and B', 'A and C', 'B and C'].map((pair) => `sites ${pair} cannot reach each other`);
    expect(harmful(threeSites, 'm1')).toContain(`${ab}; ${ac}`);
    expect(harmful(threeSites, 'm2')).toContain(`${ab}; ${bc}`);
    for (const active of ['m1', 'm2']) {
      for (const pair of harmful(threeSites, active)) expect(pair).toMatch(/^sites .*; (sites|m\d and w) /);
    }
  });

  it('with a witness, a dead master is switched also when any one referee is lost', () => {
    for (const id of ['s3', 's4', 'w']) {
      const found = verdicts(
        threeSites,
        [
          { kind: 'host', id: 'm1' },
          { kind: 'host', id },
        ],
        'm1',
      );
      expect(
        found.some((verdict) => verdict.kind === 'master-dead'),
        id,
      ).toBe(true);
    }
  });

  it('of two watchers cut from each other only the first may act, with the other master as its witness', () => {
    const cut: Fault = { kind: 'link', between: ['s3', 's4'] };
    const kinds = (id: string) => verdicts(twoSites, [{ kind: 'host', id }, cut], id).map((verdict) => verdict.kind);
    expect(kinds('m1')).toEqual(['master-dead', 'unsure']);
    expect(kinds('m2')).toEqual(['unsure', 'unsure']);
  });
});

describe('a verdict', () => {
  const dead: View = {
    observer: 's3',
    sights: { m1: 'gone', m2: 'serving' },
    anchor: true,
    statements: [{ from: 's4', sees: { m1: false, m2: true } }],
  };
  const cases: readonly (readonly [string, Partial<View>, string])[] = [
    ['takes over', {}, 'master-dead'],
    ['is steady while it is seen', { sights: { m1: 'serving', m2: 'gone' } }, 'steady'],
    ['waits for the hard state', { sights: { m1: 'suspect', m2: 'serving' } }, 'suspect'],
    ['does not know what it never checked', { sights: {} }, 'suspect'],
    ['trusts one who sees it', { statements: [...dead.statements, { from: 'm2', sees: { m1: true } }] }, 'cut'],
    [
      'trusts one who sees it also without an anchor',
      { anchor: false, statements: [{ from: 's4', sees: { m1: true } }] },
      'cut',
    ],
    ['fears to be cut off itself', { anchor: false }, 'no-anchor'],
    ['needs a target', { sights: { m1: 'gone', m2: 'gone' } }, 'target-not-serving'],
    ['is not sure of a target that fails', { sights: { m1: 'gone', m2: 'suspect' } }, 'target-not-serving'],
    ['does not act alone', { statements: [] }, 'no-confirmation'],
    ['does not take silence for agreement', { statements: [{ from: 's4', sees: {} }] }, 'no-confirmation'],
    [
      'does not count one who sees nothing',
      { statements: [{ from: 's4', sees: { m1: false, m2: false } }] },
      'no-confirmation',
    ],
    ['does not ask itself', { statements: [{ from: 's3', sees: { m1: true } }, ...dead.statements] }, 'master-dead'],
    ['does not ask the dead', { statements: [{ from: 'm1', sees: { m1: true } }, ...dead.statements] }, 'master-dead'],
  ];

  it.each(cases)('%s', (_, change, kind) => {
    const verdict = judge(twoSites, { ...dead, ...change }, 'm1', 'm2');
    expect(verdict.kind === 'unsure' ? verdict.why : verdict.kind).toBe(kind);
    expect(sentenceOf(verdict)).toMatch(/^m1 .*\.$/);
  });

  it('the same site is no confirmation', () => {
    const view = {
      ...dead,
      statements: [{ from: 'm1', sees: { m2: false } }],
      sights: { m1: 'serving', m2: 'gone' },
    } as const;
    expect(judge(twoSites, view, 'm2', 'm1')).toMatchObject({ kind: 'unsure', why: 'no-confirmation' });
  });

  it('without another master there is nothing to switch to', () => {
    expect(judge(twoSites, dead, 'm1', undefined)).toMatchObject({ kind: 'unsure', why: 'no-target' });
  });

  it('a place that is down sees nothing', () => {
    expect(isUp(twoSites, [{ kind: 'site', site: 'A' }], 's3')).toBe(false);
    expect(() => isUp(twoSites, [], 'x')).toThrow(RangeError);
  });
});
