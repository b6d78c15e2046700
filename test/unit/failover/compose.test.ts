import { describe, expect, it } from 'vitest';
import { composeZone } from '../../../src/failover/compose/compose-zone.ts';
import { differences } from '../../../src/failover/compose/differences.ts';
import { type CompositionInput, planSources, type Signing } from '../../../src/failover/compose/plan-sources.ts';
import { movesOf } from '../../../src/failover/zone/moves.ts';
import { parseZone } from '../../../src/failover/zone/parse.ts';
import type { SwitchRule } from '../../../src/failover/zone/switch-zone.ts';
import { frame } from './corpus.ts';

type Zones = Readonly<Record<string, string>> | undefined;

function plan(
  m1: Zones,
  m2: Zones,
  extra: Partial<CompositionInput> & { active?: Readonly<Record<string, string>> } = {},
) {
  const map = (zones: Zones) => (zones === undefined ? undefined : new Map(Object.entries(zones)));
  const { compose, keep, withdraw, reports } = planSources({
    zones: new Map([
      ['m1', map(m1)],
      ['m2', map(m2)],
    ]),
    activeMaster: (account) => extra.active?.[account] ?? 'm1',
    published: new Set(),
    removed: new Set(),
    signing: new Map(),
    ...extra,
  });
  return {
    compose: [...compose].map((pair) => pair.join(' ← ')),
    keep: [...keep],
    withdraw: [...withdraw],
    reports: reports.map(({ kind, zone }) => `${kind} ${zone}`),
  };
}

const nothing = { compose: [], keep: [], withdraw: [], reports: [] };
const published = new Set(['a.example']);
const signed = (how: Signing) => new Map([['a.example', how]]);
const both = { 'a.example': 'bob' };

describe('where a zone comes from', () => {
  it.each([
    ['its account’s active master', plan(both, both), { compose: ['a.example ← m1'] }],
    [
      'the other master, where the account is active',
      plan(both, both, { active: { bob: 'm2' } }),
      { compose: ['a.example ← m2'] },
    ],
    [
      'nowhere new while the active master cannot be asked',
      plan(undefined, both, { published }),
      { keep: ['a.example'] },
    ],
    ['the active master while the other cannot be asked', plan(both, undefined), { compose: ['a.example ← m1'] }],
    ['nowhere when only the standby has it', plan({}, both), { reports: ['not-on-active a.example'] }],
    [
      'what is published when only the standby has it',
      plan({}, both, { published }),
      { keep: ['a.example'], reports: ['not-on-active a.example'] },
    ],
    [
      'nowhere when two accounts claim it',
      plan(both, { 'a.example': 'eve' }, { published }),
      { keep: ['a.example'], reports: ['two-owners a.example'] },
    ],
    [
      'what is published when it vanished',
      plan({}, {}, { published }),
      { keep: ['a.example'], reports: ['gone a.example'] },
    ],
    [
      'nowhere once an operation removed it',
      plan({}, {}, { published, removed: published }),
      { withdraw: ['a.example'] },
    ],
    [
      'what is published while one master may still have it',
      plan({}, undefined, { published, removed: published }),
      { keep: ['a.example'] },
    ],
    [
      'what is published when it was removed but is there',
      plan(both, {}, { published, removed: published }),
      { keep: ['a.example'], reports: ['removed-but-there a.example'] },
    ],
    [
      'its active master when keys are equal',
      plan(both, both, { signing: signed('equal-keys') }),
      { compose: ['a.example ← m1'] },
    ],
    [
      'what is published when keys differ',
      plan(both, both, { published, signing: signed('unequal-keys') }),
      { keep: ['a.example'], reports: ['keys-differ a.example'] },
    ],
    [
      'what is published when it is signed in its file',
      plan(both, both, { published, signing: signed('pre-signed') }),
      { keep: ['a.example'], reports: ['pre-signed a.example'] },
    ],
  ])('%s', (_, got, wanted) => {
    expect(got).toEqual({ ...nothing, ...wanted });
  });
});

const rule: SwitchRule = { moves: new Map(), stays: [], hosts: [], ttlAtMost: 60, instant: Date.UTC(2026, 10, 22) };
const away: SwitchRule = { ...rule, moves: movesOf([['192.0.2.11', '198.51.100.11']]) };
const zone = 'cust.example';

describe('a composed zone', () => {
  const source = `${frame}a A 192.0.2.11 ; mine\n`;

  it('is its source to the byte when nothing was published', () => {
    expect(composeZone(source, undefined, zone, rule)).toMatchObject({
      kind: 'publish',
      text: source,
      serial: 2026110199,
    });
  });

  it('takes no new serial when it says what is published, whatever the source’s serial', () => {
    const raised = source.replace('2026110199', '2026112215');
    expect(composeZone(source, raised, zone, rule).kind).toBe('same');
  });

  it('is ahead of what is published, of its source, and of what name servers answer', () => {
    const old = source.replace('2026110199', '2026112215').replace('mine', 'old');
    expect(composeZone(source, old, zone, rule)).toMatchObject({ serial: 2026112216 });
    expect(composeZone(source.replace('2026110199', '2026112230'), old, zone, rule)).toMatchObject({
      serial: 2026112231,
    });
    expect(composeZone(source, old, zone, rule, [2026112250])).toMatchObject({ serial: 2026112251 });
    expect(composeZone(source, undefined, zone, rule, [2026112250])).toMatchObject({ serial: 2026112251 });
  });

  it('has the addresses of now, and is the same when it is composed again', () => {
    const once = composeZone(source, source, zone, away);
    if (once.kind !== 'publish') throw new Error(once.kind);
    expect(once.text).toContain('a A 198.51.100.11 ; mine');
    expect(composeZone(source, once.text, zone, away).kind).toBe('same');
  });

  it('replaces what is published and broken', () => {
    expect(composeZone(source, 'x "', zone, rule)).toMatchObject({ kind: 'publish', text: source });
  });

  it('is not made of a broken or signed source', () => {
    expect(composeZone(`${source}"`, source, zone, rule).kind).toBe('left');
    expect(composeZone(`${source}a NSEC b A\n`, source, zone, rule).kind).toBe('left');
  });
});

describe('two masters’ files', () => {
  const compare = (first: string, second: string) => {
    const [a, b] = [parseZone(frame + first, zone), parseZone(frame.replace('199', '777') + second, zone)];
    if (!a.ok || !b.ok) throw new Error('broken');
    return differences(a.zone, b.zone, away.moves).map(({ owner, type, kind }) => `${owner} ${type} ${kind}`);
  };

  it.each([
    ['addresses that stand for each other', 'a A 192.0.2.11\n', 'a 5 IN A 198.51.100.11\n', []],
    ['one spelling and another', 'A AAAA ::1\nt TXT "a" "b\\"c"\n', 'a AAAA 0::1\nt TXT ab\\"c\n', []],
    ['names in full and short', 'm MX 0 a\nw CNAME @\n', 'm MX 0 a.cust.example.\nw CNAME cust.example.\n', []],
    ['hints', 'h HTTPS 1 . ipv4hint=192.0.2.11\n', 'h HTTPS 1 . ipv4hint=198.51.100.11\n', []],
    ['order', 'a A 1.1.1.1\na A 2.2.2.2\n', 'a A 2.2.2.2\na A 1.1.1.1\n', []],
    ['certificate validation', '_acme-challenge TXT x\n', '', []],
    ['an own address that is not translated', 'a A 192.0.2.11\n', 'a A 192.0.2.11\n', ['a.cust.example. A differs']],
    ['a record more', 'a A 1.1.1.1\n', '', ['a.cust.example. A only-first']],
    ['a record less', '', 'a A 1.1.1.1\n', ['a.cust.example. A only-second']],
    ['keys that differ', 'k TXT "v=DKIM1; p=A"\n', 'k TXT "v=DKIM1; p=B"\n', ['k.cust.example. TXT differs']],
  ])('%s', (_, first, second, wanted) => {
    expect(compare(first, second)).toEqual(wanted);
  });
});
