import { describe, expect, it } from 'vitest';
import { addName } from '../../../src/failover/zone/add-name.ts';
import { mergeJournals } from '../../../src/failover/zone/journal.ts';
import { applyEdits } from '../../../src/failover/zone/model.ts';
import { movesOf } from '../../../src/failover/zone/moves.ts';
import { parseZone } from '../../../src/failover/zone/parse.ts';
import { isAhead, nextSerial } from '../../../src/failover/zone/serial.ts';
import { restoreZone, type SwitchRule, switchZone } from '../../../src/failover/zone/switch-zone.ts';
import { frame } from './corpus.ts';

const instant = Date.UTC(2026, 10, 22);
const there: SwitchRule = {
  moves: movesOf([['192.0.2.11', '198.51.100.11']]),
  stays: [],
  hosts: [],
  ttlAtMost: 60,
  instant,
};
const back: SwitchRule = { ...there, moves: movesOf([['198.51.100.11', '192.0.2.11']]) };

function switched(records: string, rule = there) {
  const done = switchZone(frame + records, 'cust.example', rule);
  if (done.kind !== 'changed') throw new Error(done.kind);
  return { ...done, records: done.text.slice(frame.length) };
}

/** Switches `before`, lets somebody make `meanwhile` of it, and returns. */
function story(before: string, meanwhile: (records: string) => string) {
  const { journal, records } = switched(before);
  const done = restoreZone(frame + meanwhile(records), journal, instant);
  if (done.kind === 'left') throw new Error(done.reason);
  const text = done.kind === 'returned' ? done.text.slice(frame.length) : meanwhile(records);
  return { text, kept: done.kept.map((report) => report.kind) };
}

describe('a return', () => {
  it('leaves an address that belongs to the other master by right', () => {
    const { text, kept } = story('a A 192.0.2.11\nb A 198.51.100.11\n', (now) => now);
    expect([text, kept]).toEqual(['a A 192.0.2.11\nb A 198.51.100.11\n', []]);
  });

  it('tells the two of a set apart by their order', () => {
    const { text } = story('a A 198.51.100.11\na A 192.0.2.11\n', (now) => now);
    expect(text).toBe('a A 198.51.100.11\na A 192.0.2.11\n');
  });

  it('leaves what a customer changed since', () => {
    const { text, kept } = story('a A 192.0.2.11\n', (now) => now.replace('198.51.100.11', '203.0.113.5'));
    expect([text, kept]).toEqual(['a A 203.0.113.5\n', ['changed-since']]);
  });

  it('leaves a record that is gone', () => {
    expect(story('a A 192.0.2.11\nb A 192.0.2.11\n', () => 'b A 198.51.100.11\n')).toEqual({
      text: 'b A 192.0.2.11\n',
      kept: ['changed-since'],
    });
  });

  it('finds records that were moved, spelled anew and joined by others', () => {
    const { text, kept } = story(
      'a A 192.0.2.11\n',
      () => 'z TXT x\na.cust.example. IN A 203.0.113.5\n\tA ( 198.51.100.11 )\n',
    );
    expect([text, kept]).toEqual(['z TXT x\na.cust.example. IN A 203.0.113.5\n\tA ( 192.0.2.11 )\n', []]);
  });

  it('does not guess which of two equal addresses was its own', () => {
    const { kept } = story('a A 192.0.2.11\na A 198.51.100.11\n', (now) => `${now}a A 203.0.113.1\n`);
    expect(kept).toEqual(['unclear']);
  });

  it('takes back a TTL that was put in, and keeps one that was changed since', () => {
    const before = '$TTL 1d\na A 192.0.2.11\nb 2h IN A 192.0.2.11\n';
    expect(story(before, (now) => now).text).toBe(before);
    expect(story(before, (now) => now.replace('a 60', 'a 90'))).toEqual({
      text: '$TTL 1d\na 90 A 192.0.2.11\nb 2h IN A 192.0.2.11\n',
      kept: ['changed-since'],
    });
  });

  it('does nothing to a zone that is broken now', () => {
    const { journal, text } = switched('a A 192.0.2.11\n');
    expect(restoreZone(`${text}t TXT "x\n`, journal, instant).kind).toBe('left');
  });

  it('does nothing and takes no new serial when nothing is left of the switch', () => {
    const { journal } = switched('a A 192.0.2.11\n');
    expect(restoreZone(`${frame}b A 192.0.2.11\n`, journal, instant).kind).toBe('same');
  });

  it('returns what a later sweep found as well', () => {
    const first = switched('a A 192.0.2.11\n');
    const second = switched(`${first.records}a A 192.0.2.11\nb A 192.0.2.11\n`);
    const journal = mergeJournals(first.journal, second.journal);
    const done = restoreZone(second.text, journal, instant);
    expect(done.kind === 'returned' && done.text.slice(frame.length)).toBe(
      'a A 192.0.2.11\na A 192.0.2.11\nb A 192.0.2.11\n',
    );
  });

  it('remembers the first text of what was switched twice, and forgets what is back', () => {
    const first = switched('a 60 A 192.0.2.11\n');
    const on = switched(first.records, { ...there, moves: movesOf([['198.51.100.11', '203.0.113.7']]) });
    expect(mergeJournals(first.journal, on.journal).changes).toMatchObject([{ was: '192.0.2.11', now: '203.0.113.7' }]);
    expect(mergeJournals(first.journal, switched(first.records, back).journal).changes).toEqual([]);
  });
});

describe('serials', () => {
  const day = Date.UTC(2026, 10, 22, 23, 59);
  it.each([
    ['yesterday', [2026112199], 2026112200],
    ['today', [2026112200], 2026112201],
    ['past nn=99', [2026112299], 2026112300],
    ['ahead of its time', [2036010203], 2036010204],
    ['of another kind', [7], 2026112200],
    ['before the end of the circle', [4294967295], 2026112200],
    ['zero', [0], 2026112200],
    ['half a circle away', [(2026112200 + 2 ** 31) >>> 0], ((2026112200 + 2 ** 31) >>> 0) + 1],
    ['behind what a name server answers', [2026112100, 2026112250], 2026112251],
    ['ahead of an older answer', [2026112205, 2026112100], 2026112206],
  ] as const)('%s', (_, known, next) => {
    expect(nextSerial(known, day)).toBe(next);
    for (const serial of known) expect(isAhead(next, serial)).toBe(true);
  });

  it('the end of the circle is followed by 1, never 0', () => {
    expect(nextSerial([4294967295], Date.UTC(2200, 0, 1))).toBe(1);
  });

  it('a switch writes one ahead of what the name servers answer', () => {
    const done = switchZone(`${frame}a A 192.0.2.11\n`, 'cust.example', there, [2026112207]);
    expect(done.kind === 'changed' && done.text).toContain('2026112208 ;Serial');
  });

  it('a SOA with a serial that is none, none at all, or two, leaves the zone alone', () => {
    const soa = '@ 60 SOA a. b. 1 2 3 4 5\n';
    for (const text of ['@ 60 NS a.\n', soa.replace(' 1 ', ' 4294967296 '), soa + soa, soa.replace(' 1 ', ' 1h ')]) {
      expect(switchZone(`${text}a 60 A 192.0.2.11\n`, 'cust.example', there).kind).toBe('left');
    }
  });
});

describe('a name that every zone must have', () => {
  const add = (records: string, address = '192.0.2.11') => {
    const parsed = parseZone(frame + records, 'cust.example');
    if (!parsed.ok) throw new Error(parsed.reason);
    const { edits, reports } = addName(parsed.zone, { name: 'www1.cust.example', address, ttl: 300 });
    return [applyEdits(frame + records, edits).slice(frame.length), reports.map((report) => report.kind)];
  };
  const line = 'www1.cust.example.\t300\tIN\tA\t192.0.2.11\n';

  it.each([
    ['is put at the end', '$ORIGIN x.\n', `$ORIGIN x.\n${line}`, []],
    ['begins its own line', 'a A 1.2.3.4', `a A 1.2.3.4\n${line}`, []],
    ['has the line ends of the file', 'a A 1.2.3.4\r\n', `a A 1.2.3.4\r\n${line.replace('\n', '\r\n')}`, []],
    ['is not added twice', 'WWW1 A 192.0.2.11\n', 'WWW1 A 192.0.2.11\n', []],
    ['stays what a customer made of it', 'www1 A 203.0.113.1\n', 'www1 A 203.0.113.1\n', ['name-taken']],
    ['stays a CNAME', 'www1 CNAME a\n', 'www1 CNAME a\n', ['name-taken']],
  ])('%s', (_, before, after, kinds) => {
    expect(add(before)).toEqual([after, kinds]);
  });

  it('may have one address of each family', () => {
    expect(add('www1 A 192.0.2.11\n', '2001:db8::1')[0]).toContain('AAAA\t2001:db8::1');
    expect(() => add('', 'x')).toThrow(RangeError);
  });
});
