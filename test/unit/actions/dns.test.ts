import { describe, expect, it } from 'vitest';
import { action, both, type Entry, masters, no, placeOf, type Row, zoneAnswer } from './support.ts';

const zone = 'bob.example';
const www: Entry = { name: 'www.bob.example.', type: 'CNAME', ttl: 14400, data: ['bob.example.'] };
const mx: Entry = { name: 'bob.example.', type: 'MX', ttl: 14400, data: ['0', 'bob.example.'] };

function own(master: string): Entry {
  return { name: 'shop', type: 'A', ttl: 300, data: [masters.get(master).address] };
}

function edit(serial: number, part: string): readonly string[] {
  return [`mass_edit_dns_zone zone=${zone} serial=${serial} ${part}`];
}

const shop = { zone, account: 'bob', name: 'shop', type: 'A', value: '192.0.2.1', ttl: 300 };
const seen = (serial: number, ...records: Entry[]) => [zoneAnswer(zone, serial, [mx, www, ...records])];

describe('dns.add-record', () => {
  const rows: readonly Row[] = [
    [
      'a master’s address becomes each master’s own, sent with that master’s serial',
      shop,
      (p) => seen(p.master.id === 'm1' ? 7 : 900),
      false,
      (p) =>
        edit(
          p.master.id === 'm1' ? 7 : 900,
          `add-0={"dname":"shop.bob.example.","ttl":300,"record_type":"A","data":["${p.master.address}"]}`,
        ),
    ],
    [
      'a record that is there before a send is somebody else’s',
      shop,
      (p) => seen(7, own(p.master.id)),
      false,
      (p) => `refused: The record shop.bob.example. A ${p.master.address} already exists.`,
    ],
    ['a record that is there after our send is ours', shop, (p) => seen(7, own(p.master.id)), true, 'settled'],
    [
      'after our send, another TTL is a conflict',
      { ...shop, ttl: 600 },
      (p) => seen(7, own(p.master.id)),
      true,
      (p) => `refused: The record shop.bob.example. A ${p.master.address} already exists with another TTL.`,
    ],
    [
      'nothing stands beside a CNAME',
      { ...shop, name: 'www' },
      seen(7),
      false,
      'refused: www.bob.example. is a CNAME and can have no other record.',
    ],
    [
      'a CNAME stands beside nothing',
      { ...shop, name: '@', type: 'CNAME', value: 'x.example.' },
      seen(7),
      false,
      'refused: bob.example. has other records and cannot be a CNAME.',
    ],
    [
      'a name written in full is the same name',
      { ...shop, name: 'shop.bob.example.' },
      (p) => seen(7, own(p.master.id)),
      true,
      'settled',
    ],
    [
      'a target without a dot at the end is meant in full',
      { ...shop, name: 'mail', type: 'MX', value: 'mx.example.org', priority: 10 },
      seen(7),
      false,
      edit(7, 'add-0={"dname":"mail.bob.example.","ttl":300,"record_type":"MX","data":["10","mx.example.org."]}'),
    ],
    [
      'a zone that is not there refuses in WHM’s words',
      shop,
      [no('The zone “bob.example” does not exist.')],
      false,
      'refused: The zone “bob.example” does not exist.',
    ],
  ];
  it.each(rows)('%s', (...row) => {
    const { got, wanted } = both('dns.add-record', row);
    expect(got).toEqual(wanted);
  });

  it('a long text is cut into strings of 255', () => {
    const a = action('dns.add-record');
    const p = a.params.parse({ zone, name: 'k', type: 'TXT', value: 'x'.repeat(600) });
    const plan = a.plan(p, a.read(p, seen(7), placeOf('m1', false)), placeOf('m1', false));
    const json = plan.kind === 'apply' ? plan.calls[0].args.find(([n]) => n === 'add-0')?.[1] : undefined;
    expect(JSON.parse(json ?? '{}').data.map((s: string) => s.length)).toEqual([255, 255, 90]);
  });

  it('a stale serial asks for a new plan, another refusal does not', () => {
    const stale =
      'The given serial number (7) does not match the DNS zone’s serial number (8). Refresh your view of the DNS zone, then resubmit.';
    expect(action('dns.add-record').stale?.(stale)).toBe(true);
    expect(action('dns.add-record').stale?.('Permission denied')).toBe(false);
  });

  it.each([
    ['an MX without priority', { type: 'MX', value: 'mx.example' }],
    ['an A with a host name', { type: 'A', value: 'x.example' }],
    ['an A with a priority', { type: 'A', value: '192.0.2.9', priority: 1 }],
    ['a name outside the zone', { name: 'www.other.example.', type: 'A', value: '192.0.2.9' }],
    ['a line break in a text', { type: 'TXT', value: 'a\nb' }],
    ['an unknown type', { type: 'SOA', value: 'x' }],
  ])('%s is refused before it reaches a master', (_sentence, input) => {
    expect(action('dns.add-record').params.safeParse({ zone, name: 'x', ...input }).success).toBe(false);
  });
});

describe('dns.remove-record', () => {
  const { ttl: _ttl, ...gone } = shop;
  const rows: readonly Row[] = [
    [
      'it goes by what it says, on the line where this master has it',
      gone,
      (p) => (p.master.id === 'm1' ? seen(7, own('m1')) : [zoneAnswer(zone, 900, [own('m2')])]),
      false,
      (p) => (p.master.id === 'm1' ? edit(7, 'remove-0=6') : edit(900, 'remove-0=4')),
    ],
    [
      'doubles go together',
      gone,
      (p) => seen(7, own(p.master.id), own(p.master.id)),
      false,
      edit(7, 'remove-0=6 remove-1=7'),
    ],
    [
      'what was absent before a send was not removed by us',
      gone,
      seen(7),
      false,
      (p) => `refused: There is no record shop.bob.example. A ${p.master.address}.`,
    ],
    ['what is absent after our send is removed', gone, seen(7), true, 'settled'],
  ];
  it.each(rows)('%s', (...row) => {
    const { got, wanted } = both('dns.remove-record', row);
    expect(got).toEqual(wanted);
  });
});

describe('dns.edit-record', () => {
  const input = { zone, name: 'shop', type: 'A', value: '192.0.2.1', newValue: '192.0.2.50' };
  const renewed = (master: string): Entry => ({ ...own(master), data: [masters.translate('192.0.2.50', master)] });
  const rows: readonly Row[] = [
    [
      'both values are each master’s own, and the TTL stays',
      input,
      (p) => seen(7, own(p.master.id)),
      false,
      (p) =>
        edit(
          7,
          `edit-0={"line_index":6,"dname":"shop.bob.example.","ttl":300,"record_type":"A","data":["${masters.translate('192.0.2.50', p.master.id)}"]}`,
        ),
    ],
    [
      'only a TTL changes in place',
      { zone, name: 'shop', type: 'A', value: '192.0.2.1', newTtl: 60 },
      (p) => seen(7, own(p.master.id)),
      false,
      (p) =>
        edit(
          7,
          `edit-0={"line_index":6,"dname":"shop.bob.example.","ttl":60,"record_type":"A","data":["${p.master.address}"]}`,
        ),
    ],
    [
      'a TTL that is there is settled',
      { zone, name: 'shop', type: 'A', value: '192.0.2.1', newTtl: 300 },
      (p) => seen(7, own(p.master.id)),
      false,
      'settled',
    ],
    ['the new one after our send is settled', input, (p) => seen(7, renewed(p.master.id)), true, 'settled'],
    [
      'without the old one there is nothing to edit',
      input,
      (p) => seen(7, renewed(p.master.id)),
      false,
      (p) => `refused: There is no record shop.bob.example. A ${p.master.address}.`,
    ],
    [
      'the new one beside the old one is a conflict',
      input,
      (p) => seen(7, own(p.master.id), renewed(p.master.id)),
      true,
      (p) => `refused: The record shop.bob.example. A ${masters.translate('192.0.2.50', p.master.id)} already exists.`,
    ],
  ];
  it.each(rows)('%s', (...row) => {
    const { got, wanted } = both('dns.edit-record', row);
    expect(got).toEqual(wanted);
  });

  it('an edit that changes nothing is refused', () => {
    expect(
      action('dns.edit-record').params.safeParse({ zone, name: 'shop', type: 'A', value: '192.0.2.1' }).success,
    ).toBe(false);
  });
});
