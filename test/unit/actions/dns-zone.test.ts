import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhmCall } from '../../../src/whm/call.ts';
import { action, type Entry, masters, placeOf, told, zoneAnswer } from './support.ts';

const zone = 'bob.example';

interface Model {
  serial: number;
  records: Entry[];
}

interface Item {
  readonly dname: string;
  readonly ttl: number;
  readonly record_type: string;
  readonly data: readonly string[];
  readonly line_index: number;
}

function items(call: WhmCall, name: string): readonly Item[] {
  return call.args.filter(([n]) => n.startsWith(`${name}-`)).map(([, v]) => JSON.parse(v));
}

/** A zone that does what mass_edit_dns_zone does; lines begin at 4, after comment, control and SOA. */
function applied(model: Model, call: WhmCall): Model {
  const serial = call.args.find(([n]) => n === 'serial')?.[1];
  if (serial !== String(model.serial)) throw new Error('stale');
  const edits = new Map(items(call, 'edit').map((e) => [e.line_index - 4, e]));
  const removed = new Set(call.args.filter(([n]) => n.startsWith('remove-')).map(([, v]) => Number(v) - 4));
  const kept = model.records.flatMap((record, index) => {
    if (removed.has(index)) return [];
    const e = edits.get(index);
    return [e === undefined ? record : { name: e.dname, type: e.record_type, ttl: e.ttl, data: e.data }];
  });
  const added = items(call, 'add').map((a) => ({ name: a.dname, type: a.record_type, ttl: a.ttl, data: a.data }));
  return { serial: model.serial + 1, records: [...kept, ...added] };
}

function run(
  id: string,
  input: unknown,
  model: Model,
  master: string,
  sent: boolean,
): { readonly told: unknown; readonly model: Model } {
  const a = action(id);
  const p = a.params.parse(input);
  const place = placeOf(master, sent);
  const plan = a.plan(p, a.read(p, [zoneAnswer(zone, model.serial, model.records)], place), place);
  if (plan.kind !== 'apply') return { told: told(plan), model };
  return { told: 'apply', model: plan.calls.reduce(applied, model) };
}

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const stranger: fc.Arbitrary<Entry> = fc.record({
  name: label.map((l) => `other-${l}.bob.example.`),
  type: fc.constantFrom('TXT', 'A'),
  ttl: fc.integer({ min: 60, max: 99_999 }),
  data: fc.ipV4().map((ip) => [ip]),
});
const wanted = fc.record({
  zone: fc.constant(zone),
  name: label,
  type: fc.constant('A'),
  value: fc.oneof(fc.constantFrom('192.0.2.1', '198.51.100.2', '192.0.2.50'), fc.ipV4()),
  ttl: fc.integer({ min: 60, max: 99_999 }),
});

describe('planning on a zone', () => {
  it('adding and removing reaches the wish on both masters, leaves all else, and is settled the second time', () => {
    fc.assert(
      fc.property(fc.array(stranger, { maxLength: 8 }), wanted, fc.nat(1_000_000), (others, input, serial) => {
        for (const master of masters.list.map((m) => m.id)) {
          const start: Model = { serial, records: [...others] };
          const { ttl, ...bare } = input;
          const added = run('dns.add-record', input, start, master, false);
          const record = {
            name: `${input.name}.bob.example.`,
            type: 'A',
            ttl,
            data: [masters.translate(input.value, master)],
          };
          expect(added.model.records).toEqual([...others, record]);
          expect(run('dns.add-record', input, added.model, master, true).told).toBe('settled');
          const removed = run('dns.remove-record', bare, added.model, master, false);
          expect(removed.model.records).toEqual(others);
          expect(run('dns.remove-record', bare, removed.model, master, true).told).toBe('settled');
        }
      }),
    );
  });

  it('editing changes one record on both masters, leaves all else, and is settled the second time', () => {
    fc.assert(
      fc.property(fc.array(stranger, { maxLength: 8 }), wanted, fc.ipV4(), fc.nat(8), (others, input, newValue, at) => {
        for (const master of masters.list.map((m) => m.id)) {
          if (masters.translate(newValue, master) === masters.translate(input.value, master)) return;
          const { ttl, ...bare } = input;
          const old = {
            name: `${input.name}.bob.example.`,
            type: 'A',
            ttl,
            data: [masters.translate(input.value, master)],
          };
          const before = [...others.slice(0, at), old, ...others.slice(at)];
          const edited = run('dns.edit-record', { ...bare, newValue }, { serial: 5, records: before }, master, false);
          const after = { ...old, data: [masters.translate(newValue, master)] };
          expect(edited.model.records).toEqual([...others.slice(0, at), after, ...others.slice(at)]);
          expect(run('dns.edit-record', { ...bare, newValue }, edited.model, master, true).told).toBe('settled');
        }
      }),
    );
  });
});
