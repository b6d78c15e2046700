import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { movesOf } from '../../../src/failover/zone/moves.ts';
import { parseZone } from '../../../src/failover/zone/parse.ts';
import { isAhead } from '../../../src/failover/zone/serial.ts';
import { restoreZone, type SwitchRule, switchZone } from '../../../src/failover/zone/switch-zone.ts';
import { missing, type TempDir, tempDir } from '../../support/processes.ts';
import { frame, oddities } from '../../unit/failover/corpus.ts';
import { moving, uglyZone } from '../../unit/failover/zone-gen.ts';
import { type Canonical, compiled } from './bind.ts';

const lacking = missing('named-compilezone');
const rule: SwitchRule = {
  moves: movesOf(moving),
  stays: ['www1', 'www2', 'direct.cust.example.'],
  hosts: [],
  ttlAtMost: 60,
  instant: Date.UTC(2026, 10, 22, 3, 4, 5),
};
const runs = { numRuns: Number(process.env['TANDEM_TEST_RUNS'] ?? 60) };
let dir: TempDir;

beforeAll(() => {
  dir = tempDir('zones');
});
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(() => dir.remove());

const addressTypes = ['A', 'AAAA', 'HTTPS', 'SVCB'];

/** The switch as it must look in BIND's own words, computed without our parser. */
function expected(records: readonly Canonical[], isTtlLeft: boolean): readonly Canonical[] {
  const glue = new Set(records.filter((r) => r.type === 'NS').map((r) => r.data));
  const stays = (r: Canonical) =>
    glue.has(r.owner) || r.owner.startsWith('www1.') || r.owner === 'direct.cust.example.' || r.owner.startsWith('gen');
  const hit = (r: Canonical) =>
    addressTypes.includes(r.type) &&
    !stays(r) &&
    r.data.split(/[ =,]/).some((word) => moving.some(([a]) => a === word));
  const sets = new Set(records.filter(hit).map((r) => `${r.owner} ${r.type}`));
  return records.map((r) => {
    if (!sets.has(`${r.owner} ${r.type}`)) return r;
    const move = (word: string) => moving.find(([a]) => a === word)?.[1] ?? word;
    const data = r.data.replace(/[0-9a-f:.]{3,}/g, move);
    return { ...r, data, ttl: isTtlLeft ? r.ttl : Math.min(r.ttl, 60) };
  });
}

function asSet(records: readonly Canonical[]): readonly string[] {
  const text = (r: Canonical) =>
    `${r.owner} ${r.ttl} ${r.type} ${r.type === 'SOA' ? r.data.replace(/ \d+/, '') : r.data}`;
  return [...new Set(records.map(text))].sort();
}

function serialOf(text: string): number {
  const parsed = parseZone(text, 'cust.example');
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.zone.serial;
}

it('BIND sees exactly the wanted changes, and none after the return', () => {
  fc.assert(
    fc.property(uglyZone, (text) => {
      const before = compiled(dir.path, 'cust.example', text);
      const switched = switchZone(text, 'cust.example', rule);
      if (switched.kind === 'left') throw new Error(`${switched.line}: ${switched.reason}\n${text}`);
      const isTtlLeft = switched.reports.some((report) => report.kind === 'ttl-left');
      const wanted = asSet(expected(before, isTtlLeft));
      if (switched.kind === 'same') {
        expect(wanted).toEqual(asSet(before));
        return;
      }
      expect(asSet(compiled(dir.path, 'cust.example', switched.text))).toEqual(wanted);
      expect(isAhead(serialOf(switched.text), serialOf(text))).toBe(true);
      const back = restoreZone(switched.text, switched.journal, rule.instant);
      if (back.kind !== 'returned') throw new Error(`not returned: ${JSON.stringify(back)}`);
      expect(back.kept).toEqual([]);
      expect(asSet(compiled(dir.path, 'cust.example', back.text))).toEqual(asSet(before));
      expect(isAhead(serialOf(back.text), serialOf(switched.text))).toBe(true);
    }),
    runs,
  );
});

it.each(oddities)('BIND agrees about a zone with $fact', ({ before, after, refused }) => {
  const load = (text: string) => compiled(dir.path, 'cust.example', text);
  if (refused) {
    expect(() => load(frame + before)).toThrow(/refuses/);
  } else {
    const records = load(frame + before);
    if (after !== undefined) expect(asSet(load(frame + after))).toEqual(asSet(expected(records, false)));
  }
});
