import { describe, expect, it } from 'vitest';
import { editZoneRecords as action } from '../../../src/actions/dns/edit-zone.ts';
import { mastersOf } from '../../../src/masters.ts';

const [one, two] = ['m1', 'm2'].map((id, at) => ({
  id,
  name: id.toUpperCase(),
  site: id,
  hostname: `${id}.example.net`,
  address: `192.0.2.${at + 1}`,
})) as [never, never];
const masters = mastersOf([one, two]);

const b64 = (text: string) => Buffer.from(text).toString('base64');

type Row = readonly [line: number, name: string, type: string, ttl: number, ...data: string[]];

function answer(serial: string, rows: readonly Row[]) {
  const soa: Row = [0, 'bob.example.', 'SOA', 1, 'ns.', 'h.', serial, '1', '1', '1', '1'];
  const payload = [soa, ...rows].map(([line, name, type, ttl, ...data]) => ({
    type: 'record',
    line_index: line,
    dname_b64: b64(name),
    record_type: type,
    ttl,
    data_b64: data.map(b64),
  }));
  return { ok: true, data: { payload } } as const;
}

const a = (name: string, address: string, ttl = 300) => ({ name, type: 'A', ttl, data: [address] });

/** Prepares from M1's zone, plans on a master with its zone; the arguments of the call, or 'settled'. */
function planned(
  input: Record<string, unknown>,
  before: readonly Row[],
  there: readonly Row[],
  master: { id: string } = one,
) {
  const p = action.params.parse({ account: 'bob', zone: 'bob.example', ...input });
  const full = action.prepare?.(p, masters)?.fill([answer('1', before)], String) ?? p;
  const place = { master: masters.get(master.id), masters, sent: true };
  const plan = action.plan(full, action.read(full, [answer('7', there)], place), place);
  return plan.kind === 'apply' ? Object.fromEntries(plan.calls[0].args) : plan.kind;
}

describe('dns.edit-zone', () => {
  const www: Row = [4, 'www.bob.example.', 'A', 300, '192.0.2.9'];

  it('names lines and serial of the master that it is for', () => {
    expect(planned({ remove: [a('www', '192.0.2.9')] }, [www], [[9, ...www.slice(1)] as unknown as Row])).toEqual({
      zone: 'bob.example',
      serial: '7',
      'remove-0': '9',
    });
  });

  it('gives each master its own address', () => {
    const edited = planned({ add: [a('x', '192.0.2.1')] }, [], [], two);
    expect(JSON.parse(String(Object(edited)['add-0']))).toMatchObject({ data: ['192.0.2.2'] });
  });

  it('rewrites the line of an edited record, so that it keeps its place', () => {
    const edited = planned({ edit: [{ from: a('www', '192.0.2.9'), to: a('www', '192.0.2.8') }] }, [www], [www]);
    expect(JSON.parse(String(Object(edited)['edit-0']))).toMatchObject({ line_index: 4, data: ['192.0.2.8'] });
    expect(Object.keys(Object(edited))).toEqual(['zone', 'serial', 'edit-0']);
  });

  it('changes a ttl alone, and is settled when it is changed', () => {
    const change = { edit: [{ from: a('www', '192.0.2.9'), to: a('www', '192.0.2.9', 60) }] };
    expect(planned(change, [www], [www])).toHaveProperty('edit-0');
    expect(planned(change, [www], [[4, 'www.bob.example.', 'A', 60, '192.0.2.9']])).toBe('settled');
  });

  it('adds a second equal record, and only one', () => {
    const again: Row = [5, ...www.slice(1)] as unknown as Row;
    expect(planned({ add: [a('www', '192.0.2.9')] }, [www], [www])).toHaveProperty('add-0');
    expect(planned({ add: [a('www', '192.0.2.9')] }, [www], [www, again])).toBe('settled');
  });

  it('removes one of two equal records, and only one', () => {
    const again: Row = [5, ...www.slice(1)] as unknown as Row;
    const edited = planned({ remove: [a('www', '192.0.2.9')] }, [www, again], [www, again]);
    expect(edited).toEqual({ zone: 'bob.example', serial: '7', 'remove-0': '5' });
    expect(planned({ remove: [a('www', '192.0.2.9')] }, [www, again], [www])).toBe('settled');
  });

  it.each([
    ['a name outside the zone', { add: [a('www.eve.example.', '192.0.2.9')] }],
    ['nothing', {}],
  ])('refuses %s', (_what, input) => {
    expect(action.params.safeParse({ zone: 'bob.example', ...input }).success).toBe(false);
  });
});
