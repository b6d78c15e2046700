import { describe, expect, it } from 'vitest';
import { planZone, type ZonePlan } from '../../../src/failover/apply/plan-zone.ts';
import { rulesOf } from '../../../src/failover/apply/rules.ts';
import { lineOfState, stateOfLine, type ZoneState } from '../../../src/failover/apply/state-line.ts';
import type { Note } from '../../../src/failover/state/notes.ts';
import { careOf } from '../../../src/failover/watch/care.ts';
import { frame, oddities } from './corpus.ts';

const now = Date.UTC(2026, 10, 28, 12);
const rules = rulesOf({
  masters: [
    { id: 'm1', hostname: 'm1.example.net' },
    { id: 'm2', hostname: 'm2.example.net' },
  ],
  pairs: [{ m1: '192.0.2.11', m2: '198.51.100.11' }],
  stays: ['www1', 'www2'],
  ttlAtMost: 60,
  home: 'm1',
});
const text = `$TTL 14400
@ IN SOA ns1.example.net. root.m1.example.net. 2026112801 3600 1800 1209600 86400
@ IN NS ns1.example.net.
@ IN A 192.0.2.11
www 3600 IN A 192.0.2.11
ext 7200 IN A 203.0.113.9
www1 900 IN A 192.0.2.11
@ IN MX 0 @
`;

/** One run after the other, each with what the ledger has. */
class World {
  text: string;
  states: ZoneState[] = [];
  constructor(given: string) {
    this.text = given;
  }
  run(active: string, care?: 'lower' | 'raise'): ZonePlan['kind'] {
    const wish = { zone: 'cust.example', active, instant: now };
    const plan = planZone(this.text, wish, this.states.slice(0, 2), rules, { care });
    if (plan.kind === 'write') {
      this.text = plan.text;
      this.states.unshift(stateOfLine(lineOfState(plan.state)));
    }
    return plan.kind;
  }
}

const bare = (given: string): string => given.replace(/20261128\d\d/, 'SERIAL');

describe('TTL care', () => {
  it('lowers what a switch would move, and nothing else; raised, every byte is back but the serial', () => {
    const world = new World(text);
    expect(world.run('m1', 'lower')).toBe('write');
    expect(bare(world.text)).toBe(bare(text).replace('@ IN A 192', '@ 60 IN A 192').replace('www 3600', 'www 60'));
    expect(world.run('m1', 'lower')).toBe('same');
    expect(world.run('m1', 'raise')).toBe('write');
    expect(bare(world.text)).toBe(bare(text));
    expect(world.run('m1', 'raise')).toBe('same');
  });

  it.each(oddities.map(({ fact, before }) => [fact, before]))(
    'lowered and raised, an odd zone is as it was: %s',
    (_fact, records) => {
      const world = new World(frame.replace('$TTL 60', '$TTL 14400') + records);
      const before = world.text;
      if (world.run('m1', 'lower') !== 'write') return expect(world.text).toBe(before);
      const [state] = world.states;
      expect(world.run('m1', 'raise')).toBe('write');
      const serials = [state?.before, state?.after, world.states[0]?.after].map(String);
      const without = (one: string) => serials.reduce((all, serial) => all.replace(serial, 'SERIAL'), one);
      expect(without(world.text)).toBe(without(before));
    },
  );

  it('a switch and a return in between take nothing of it back; away from home TTLs stay low', () => {
    const world = new World(text);
    world.run('m1', 'lower');
    const low = bare(world.text);
    expect(world.run('m2')).toBe('write');
    expect(world.run('m2', 'raise')).toBe('same');
    expect(world.run('m1')).toBe('write');
    expect(bare(world.text)).toBe(low);
    expect(world.run('m1', 'raise')).toBe('write');
    expect(bare(world.text)).toBe(bare(text));
  });

  it('lowered while away, raised at home: the return’s own TTLs and the care’s are told apart', () => {
    const world = new World(text);
    world.run('m2');
    expect(world.run('m2', 'lower')).toBe('same');
    world.run('m1');
    expect(bare(world.text)).toBe(bare(text));
  });

  it('what a customer changed since stays as it is', () => {
    const world = new World(text);
    world.run('m1', 'lower');
    world.text = world.text.replace('www 60', 'www 300');
    world.run('m1', 'raise');
    expect(bare(world.text)).toBe(bare(text).replace('www 3600', 'www 300'));
  });
});

describe('what is due', () => {
  const note = (key: string, value: object): Note => ({ key, version: 1, node: 's3', value: value as Note['value'] });
  const lower = { kind: 'care', by: 'ann', care: 'lower', at: 1000 };

  it('lowered for a time is raised when it is over, at the same moment for both watchers', () => {
    const notes = [note('ttl', { ...lower, until: 5000 })];
    expect(careOf(notes, 4999)).toEqual([{ key: 'ttl', care: 'lower', at: 1000, zone: undefined }]);
    expect(careOf(notes, 9000)).toEqual([{ key: 'ttl', care: 'raise', at: 5000, zone: undefined }]);
  });

  it('comes in the order in which it was said, and other notes are none of it', () => {
    const zone = note('ttl/a.example', { ...lower, at: 500, zone: 'a.example' });
    const hold = note('hold', { kind: 'hold', by: 'ann', reason: 'x', at: 1 });
    expect(careOf([note('ttl', lower), hold, zone], 2000).map(({ key }) => key)).toEqual(['ttl/a.example', 'ttl']);
  });
});
