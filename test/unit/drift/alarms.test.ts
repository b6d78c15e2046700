import { describe, expect, it } from 'vitest';
import { type DriftSeen, driftAlarms } from '../../../src/drift/alarms.ts';
import { bounds } from '../../../src/notify/model.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 28, 12);
const calm: DriftSeen = { certificates: { ending: [] }, standing: [], compared: now - day / 2, nightly: true, now };
const ends = (days: number, name = 'bob.example') => ({ master: 'm1', name, until: now + days * day });

describe('what a person hears of differences', () => {
  it.each<[string, Partial<DriftSeen>, readonly string[], string]>([
    ['nothing, when all is in step', {}, [], ''],
    [
      'a certificate that ends in 20 days',
      { certificates: { ending: [ends(20)] } },
      ['certificates:ending'],
      '20 days',
    ],
    ['not yet one that ends in 22 days', { certificates: { ending: [ends(22)] } }, [], ''],
    [
      'urgently one that ends in a day',
      { certificates: { ending: [ends(1.5)] } },
      ['certificates:ending', 'certificates:ending-now'],
      'one day',
    ],
    [
      'urgently one that has ended',
      { certificates: { ending: [ends(-1)] } },
      ['certificates:ending', 'certificates:ending-now'],
      'has ended',
    ],
    [
      'how many more end soon',
      { certificates: { ending: [ends(9), ends(10, 'a.example'), ends(11, 'b.example')] } },
      ['certificates:ending'],
      'and 2 more soon',
    ],
    [
      'nothing of a certificate that is just being copied',
      { standing: [{ kind: 'certificate', count: 1, since: now - 300_000 }] },
      [],
      '',
    ],
    [
      'certificates that still differ after half an hour',
      { standing: [{ kind: 'certificate', count: 2, since: now - 1_900_000 }] },
      ['certificates:differ'],
      '2 certificates are not the same',
    ],
    [
      'how many things differ',
      {
        standing: [
          { kind: 'mailbox', count: 2, since: 5 },
          { kind: 'zone', count: 1, since: 3 },
        ],
      },
      ['drift:open'],
      'differ in 3 things',
    ],
    [
      'nothing of a version that differs while one master is updated before the other',
      { standing: [{ kind: 'server', count: 1, since: now - day + 60_000 }] },
      [],
      '',
    ],
    [
      'a version or setting that differs for a day, and what differs besides',
      {
        standing: [
          { kind: 'server', count: 1, since: now - day },
          { kind: 'zone', count: 1, since: now - 60_000 },
        ],
      },
      ['masters:differ', 'drift:open'],
      'A version or setting is not the same on the masters for more than a day',
    ],
    ['that nothing was compared for two nights', { compared: now - 2 * day }, ['drift:late'], '48 hours'],
    ['nothing of nights when none was asked for', { compared: now - 9 * day, nightly: false }, [], ''],
    ['nothing before the first comparison', { compared: undefined }, [], ''],
  ])('%s', (_what, seen, keys, text) => {
    const alarms = driftAlarms({ ...calm, ...seen });
    expect(alarms.map(({ key }) => key)).toEqual(keys);
    expect(alarms.map(({ sentence }) => sentence).join()).toContain(text);
    for (const { key, sentence, command } of alarms) {
      expect(key).toMatch(bounds.key);
      expect(sentence.length).toBeLessThanOrEqual(bounds.sentence);
      expect(command).toMatch(/^tandem /);
    }
  });

  it('tells of the oldest when it began', () => {
    const standing = [
      { kind: 'mailbox', count: 2, since: 50 },
      { kind: 'zone', count: 1, since: 30 },
    ];
    expect(driftAlarms({ ...calm, standing })[0]).toMatchObject({ at: 30, evidence: 'mailbox 2, zone 1' });
  });
});
