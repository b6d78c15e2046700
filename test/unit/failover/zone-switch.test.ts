import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Invalid } from '../../../src/errors.ts';
import { lex, zoneBytes, zoneText } from '../../../src/failover/zone/lexer.ts';
import { movesOf } from '../../../src/failover/zone/moves.ts';
import { restoreZone, type SwitchRule, switchZone } from '../../../src/failover/zone/switch-zone.ts';
import { frame, oddities } from './corpus.ts';
import { moving, uglyZone } from './zone-gen.ts';

const rule: SwitchRule = {
  moves: movesOf(moving),
  stays: ['www1', 'www2', 'direct.cust.example.'],
  hosts: ['m1.host.example'],
  ttlAtMost: 60,
  instant: Date.UTC(2026, 10, 22),
};
const zone = 'cust.example';

describe('odd zones', () => {
  it.each(oddities.filter((odd) => odd.refused !== true))('$fact', ({ before, after }) => {
    const done = switchZone(frame + before, zone, rule);
    const expected = after === undefined ? undefined : frame.replace('2026110199', '2026112200') + after;
    expect(done.kind === 'changed' ? done.text : done.kind).toBe(expected ?? 'same');
  });

  it.each(oddities.filter((odd) => odd.refused === true))('$fact: the zone is left alone', ({ before }) => {
    expect(switchZone(frame + before, zone, rule).kind).toBe('left');
  });

  it.each(oddities.filter((odd) => odd.after !== undefined))(
    '$fact: returned to the byte but for the serial',
    ({ before }) => {
      const done = switchZone(frame + before, zone, rule);
      if (done.kind !== 'changed') throw new Error(done.kind);
      const back = restoreZone(done.text, done.journal, rule.instant);
      expect(back).toMatchObject({ kind: 'returned', kept: [] });
      expect(back.kind === 'returned' && back.text).toBe(frame.replace('2026110199', '2026112201') + before);
    },
  );
});

describe('any ugly zone', () => {
  it('comes back to the byte but for the serial', () => {
    fc.assert(
      fc.property(uglyZone, (text) => {
        const done = switchZone(text, zone, rule);
        if (done.kind === 'left') throw new Error(done.reason);
        if (done.kind === 'same') return;
        const back = restoreZone(done.text, done.journal, rule.instant);
        if (back.kind !== 'returned') throw new Error(back.kind);
        const serial = /(SOA[^0-9]*[^ ]+ [^ ]+ (?:\(\s*)?)\d+/;
        expect(back.text.replace(serial, '$1N')).toBe(text.replace(serial, '$1N'));
      }),
      { numRuns: 400 },
    );
  });

  it('is not changed by a second switch', () => {
    fc.assert(
      fc.property(uglyZone, (text) => {
        const done = switchZone(text, zone, rule);
        if (done.kind !== 'changed') return;
        expect(switchZone(done.text, zone, rule).kind).toBe('same');
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every byte but those of moving addresses and the serial', () => {
    const { ttlAtMost: _, ...onlyAddresses } = rule;
    fc.assert(
      fc.property(uglyZone, (text) => {
        const done = switchZone(text, zone, onlyAddresses);
        if (done.kind !== 'changed') return;
        const [old, now] = [split(text), split(done.text)];
        expect(now.between).toEqual(old.between);
        const words = old.words.filter((word, at) => word !== now.words[at]);
        expect(words).toHaveLength(
          new Set(done.journal.changes.map((one) => `${one.owner}${one.type}${one.nth}`)).size + 1,
        );
        for (const word of words) expect(word).toMatch(/^\d+$|^192\.0\.2\.1[12]$|^2001:0?db8:0*1:/i);
      }),
      { numRuns: 300 },
    );
  });
});

/** Words that may hold an address or number, and everything between them. */
function split(text: string): { readonly words: readonly string[]; readonly between: readonly string[] } {
  const word = /[0-9a-fA-F:.]+/g;
  return { words: text.match(word) ?? [], between: text.split(word) };
}

describe('the lexer', () => {
  it('never loses or doubles a byte, whatever it is given', () => {
    const bytes = fc
      .array(fc.constantFrom(...' \t\r\n;()"\\a1.$@\0\xff'), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(bytes, (text) => {
        const result = lex(text);
        if (!result.ok) {
          expect(result.line).toBeGreaterThan(0);
          return;
        }
        let end = 0;
        for (const token of result.entries.flatMap((entry) => entry.tokens)) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(text.slice(token.start, token.end)).toBe(token.quoted ? `"${token.text}"` : token.text);
          expect(text.slice(end, token.start)).toMatch(/^(?:[ \t\r\n()]|;[^\n]*)*$/);
          end = token.end;
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('takes a string of a megabyte without a deep stack, closed or not', () => {
    const long = 'x\\"'.repeat(400_000);
    expect(lex(`t TXT "${long}"`).ok).toBe(true);
    expect(lex(`t TXT "${long}`)).toMatchObject({ ok: false, line: 1 });
  });

  it('gives every byte back', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect([...zoneBytes(zoneText(all))]).toEqual([...all]);
  });
});

describe('what is only reported', () => {
  const reports = (text: string) => {
    const done = switchZone(frame + text, zone, rule);
    return done.kind === 'left' ? done.reason : done.reports.map(({ kind, line, name }) => [kind, line, name]);
  };

  const messages = (text: string, kind: string) => {
    const done = switchZone(frame + text, zone, rule);
    return done.kind === 'left' ? [] : done.reports.flatMap((one) => (one.kind === kind ? [one.message] : []));
  };

  it.each([
    ['$INCLUDE more.db\n', ['include', 6, 'cust.example.']],
    ['$GENERATE 1-9 h$ A 192.0.2.$\n', ['generate', 6, 'cust.example.']],
    ['w A \\# 4 C000020B\n', ['raw-data', 6, 'w.cust.example.']],
    ['w A 192.0.2.011\n', ['unreadable-address', 6, 'w.cust.example.']],
    ['\nw TXT "see 192.0.2.11."\n', ['address-in-text', 7, 'w.cust.example.']],
    ['@ NS ns9\nns9 A 192.0.2.11\n', ['glue', 7, 'ns9.cust.example.']],
    ['w MX 0 M1.Host.example.\n', ['names-a-master', 6, 'w.cust.example.']],
    ['w CNAME m1.host.example.\n', ['names-a-master', 6, 'w.cust.example.']],
  ])('%j', (text, report) => {
    expect(reports(text)).toEqual([report]);
  });

  it.each([
    ...[
      ['ip4:192.0.2.11 -all', 'receivers refuse mail from it after a switch'],
      ['ip4:192.0.2.0/24 -all', 'receivers refuse mail from it after a switch'],
      ['ip4:192.0.2.11 ~all', 'receivers take mail from it for suspicious after a switch'],
      ['ip4:192.0.2.11 ?all', 'nothing vouches for mail from it after a switch'],
      ['ip4:192.0.2.11', 'nothing vouches for mail from it after a switch'],
      // As cPanel writes it: `a` moves along with the names.
      [
        '+a +mx +ip4:192.0.2.11 ~all',
        'after a switch mail from it is allowed only if one of these leads to it: +a, +mx',
      ],
      [
        'ip4:192.0.2.11 redirect=r.example',
        'after a switch mail from it is allowed only if one of these leads to it: redirect=r.example',
      ],
    ].map(([policy = '', harm = '']): [string, string[]] => [
      `"v=spf1 ${policy}"`,
      [`SPF allows 192.0.2.11 and does not name 198.51.100.11: ${harm}. Repair: ip4:198.51.100.11`],
    ]),
    ['"v=spf1 ip4:192.0.2.11 ip4:198.51.100.0/24 -all"', []],
    ['"v=spf1 ip4:192.0.2.11 +all"', []],
    [
      '"v=spf1 ip4:192.0.2.11 ip4:198.51.100.0/99 -all"',
      [
        'SPF allows 192.0.2.11 and does not name 198.51.100.11: receivers refuse mail from it after a switch. Repair: ip4:198.51.100.11',
      ],
    ],
    ['"v=spf1 ip4:192.0.2.11/32 " "ip4:198.51.100.11 -all"', []],
    ['"v=spf1 a mx -all"', []],
    ['"v=spf1 -ip4:192.0.2.11 +all"', []],
    [
      `"v=spf1 a mx ptr exists:x.example ${[1, 2, 3, 4, 5, 6].map((n) => `include:i${n}.example`).join(' ')} redirect=r.example"`,
      ['SPF asks for 11 look-ups, and receivers stop at 10.'],
    ],
    [
      `"v=spf1 ${'ip4:203.0.113.7 '.repeat(12)}" "${'ip4:203.0.113.8 '.repeat(4)}-all"`,
      ['SPF has 267 octets, more than 255.'],
    ],
    ['"v=spf10 ip4:192.0.2.11"', []],
  ])('SPF %s', (data, said) => {
    const found = messages(`@ TXT ${data}\n`, 'spf');
    expect(found).toEqual(said);
  });

  it('SPF with a moving address is as it should be', () => {
    expect(reports('@ TXT "v=spf1 ip4:192.0.2.11 ip4:198.51.100.11 ~all"\n')).toEqual([]);
  });

  it('a zone signed in its file is left alone', () => {
    const rrsig = 'www RRSIG A 8 2 60 20300101000000 20200101000000 1 cust.example. AAAA\n';
    expect(reports(`www A 192.0.2.11\n${rrsig}`)).toMatch(/signed/);
  });

  it('TTLs stay where strangers inherit them from what cannot be seen', () => {
    const text = '@ 1d SOA a. b. 1 2 3 4 5\n@ NS ns.x.\nwww A 192.0.2.11\n$INCLUDE x\n';
    const done = switchZone(text, zone, rule);
    expect(done.kind === 'changed' && done.text).toContain('www A 198.51.100.11');
    expect(done.kind !== 'left' && done.reports.map((one) => one.kind)).toEqual(['include', 'ttl-left']);
  });

  it('TTLs that others inherit are lowered for one record only', () => {
    const text = '@ 1d SOA a. b. 1 2 3 4 5\n@ NS ns.x.\nwww A 192.0.2.11\nx TXT t\n';
    const done = switchZone(text, zone, rule);
    expect(done.kind === 'changed' && done.text.split('\n').slice(2)).toEqual([
      'www 60 A 198.51.100.11',
      'x 86400 TXT t',
      '',
    ]);
  });
});

describe('address pairs', () => {
  it.each([
    ['192.0.2.1', 'm1'],
    ['192.0.2.1', '::1'],
    ['192.0.2.300', '192.0.2.1'],
    ['1::2::3', '::1'],
    ['1:2:3:4:5:6:7:8:9', '::1'],
    ['1:2:3:4:5:6:7:8::', '::1'],
    ['192.0.2.01', '192.0.2.2'],
  ])('%s → %s is refused', (from, to) => {
    expect(() => movesOf([[from, to]])).toThrow(Invalid);
  });

  it('a pair of equal addresses moves nothing', () => {
    expect(movesOf([['::1', '0:0::1']]).size).toBe(0);
  });
});
