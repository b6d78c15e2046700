import fc from 'fast-check';

/** Legal zones in the ugliest spellings that BIND takes. Everything about them is drawn, so a failure shrinks. */

export const zoneApex = 'cust.example.';
/** Addresses that move, in many spellings, and near misses that must not. */
export const moving = [
  ['192.0.2.11', '198.51.100.11'],
  ['192.0.2.12', '198.51.100.12'],
  ['2001:db8:1::11', '2001:db8:2::11'],
] as const;

const v4 = ['192.0.2.11', '192.0.2.12', '192.0.2.110', '192.0.2.1', '92.0.2.11', '198.51.100.11', '203.0.113.9'];
const v6 = [
  '2001:db8:1::11',
  '2001:0DB8:0001:0000:0000:0000:0000:0011',
  '2001:db8:1:0:0:0:0.0.0.17',
  '2001:db8:1::111',
  '2001:db8:2::11',
  '::1',
];
const texts = [
  '"v=spf1 ip4:192.0.2.11 ip6:2001:db8:1::11 +a ~all"',
  '"a;b 192.0.2.11 \\"q\\" \\\\ back"',
  '( "v=DKIM1; k=rsa; p=AA"\n  "BB;" )',
  'bare',
  'a\\;b',
  '"\\226\\128\\156" "" "("',
  'x"y"z',
  '\\# 5 0474657374',
  '"in A 192.0.2.11"',
];
const owners = ['@', 'www', 'mail', 'shop', 'www.shop', '*', 'www1', 'under_score', 'a', 'in', 'ttl', '60', 'glue'];
const ttls = ['0', '30', '60', '300', '1h', '1H30m', '2w', '14400', '007'];
const gaps = [' ', '\t', '\t\t', '   ', ' \t ', ' ( ', ' (', ' ;no\n'];

interface Line {
  readonly owner: string;
  readonly spelling: number;
  readonly ttl: string | undefined;
  readonly rdclass: string | undefined;
  readonly classFirst: boolean;
  readonly type: string;
  readonly data: readonly string[];
  readonly gap: string;
  readonly comment: string;
}

const hintData = fc
  .tuple(fc.subarray(v4, { minLength: 1 }), fc.boolean(), fc.constantFrom(...v6), fc.boolean())
  .map(([a, quoted, b, both]): readonly string[] => {
    const four = quoted ? `ipv4hint="${a.join(',')}"` : `ipv4hint=${a.join(',')}`;
    return ['1', '.', 'alpn="h2,h3"', four, ...(both ? [`ipv6hint=${b}`] : [])];
  });

const kinds = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.constantFrom('A', 'a', 'TYPE1'),
      fc.constantFrom(...v4).map((x) => [x]),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constantFrom('AAAA', 'aaaa'),
      fc.constantFrom(...v6).map((x) => [x]),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('HTTPS', 'svcb', 'TYPE65'), hintData) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constantFrom('TXT', 'txt'),
      fc.constantFrom(...texts).map((x) => [x]),
    ),
  },
  { weight: 1, arbitrary: fc.constant(['MX', ['0', 'cust.example.']] as const) },
  { weight: 1, arbitrary: fc.constant(['SRV', ['0', '5', '443', 'www']] as const) },
  { weight: 1, arbitrary: fc.constant(['CAA', ['0', 'issue', '"x.example"']] as const) },
  { weight: 1, arbitrary: fc.constant(['TYPE65280', ['\\#', '4', 'C000020B']] as const) },
  { weight: 1, arbitrary: fc.constant(['PTR', ['www1']] as const) },
);

const line: fc.Arbitrary<Line> = fc
  .record({
    owner: fc.constantFrom(...owners),
    spelling: fc.nat(6),
    ttl: fc.option(fc.constantFrom(...ttls), { nil: undefined }),
    rdclass: fc.option(fc.constantFrom('IN', 'in', 'CLASS1'), { nil: undefined }),
    classFirst: fc.boolean(),
    kind: kinds,
    gap: fc.constantFrom(...gaps),
    comment: fc.constantFrom('', '', ' ; 192.0.2.11 "', ';x', '\t'),
  })
  .map(({ kind: [type, data], ...rest }) => ({ ...rest, type, data }));

const directive = fc.constantFrom(
  '$TTL 2h',
  '$ttl 120',
  '$ORIGIN cust.example.',
  '$ORIGIN sub',
  '$origin deep.cust.example.',
  '$ORIGIN ( cust.example.\n )',
  '$GENERATE 1-3 gen$ 300 IN A 192.0.2.$',
  '; only a comment 192.0.2.11',
  '   ',
  '\t; behind a blank',
);

/** Spells an absolute name below a given origin. */
function spell(name: string, origin: string, how: number): string {
  const below = name.endsWith(`.${origin}`) ? name.slice(0, -origin.length - 1) : undefined;
  if (name === origin && how % 2 === 0) return '@';
  if (how === 1 || below === undefined) return name;
  if (how === 2) return below.toUpperCase();
  if (how === 3 && !below.includes('\\')) return below.replace('w', '\\119');
  if (how === 4) return `"${below}"`;
  return below;
}

function render(one: Line, origin: string, previous: string | undefined): readonly [text: string, owner: string] {
  const name = one.owner === '@' ? zoneApex : `${one.owner}.${zoneApex}`;
  const opens = one.gap.includes('(') || one.gap.includes('\n');
  const gap = opens ? ' ' : one.gap;
  const blank = one.spelling === 0 && previous === name;
  const order = one.classFirst ? [one.rdclass, one.ttl] : [one.ttl, one.rdclass];
  const head = [...order, one.type].filter((part) => part !== undefined).join(gap);
  const body = one.data.join(gap);
  const data = one.gap.includes('\n') ? `(${one.gap} ${body} )` : one.gap.includes('(') ? `${one.gap}${body})` : body;
  return [`${blank ? ' ' : spell(name, origin, one.spelling)}${gap}${head}${gap}${data}${one.comment}`, name];
}

function originAfter(text: string, origin: string): string {
  const written = /^\$origin\s+\(?\s*(\S+)/i.exec(text)?.[1];
  if (written === undefined) return origin;
  return written.endsWith('.') ? written : `${written}.${origin}`;
}

/** A zone file as text with one character a byte. `cust.example` always has a SOA and a NS outside, perhaps glue inside. */
export const uglyZone: fc.Arbitrary<string> = fc
  .record({
    top: fc.constantFrom('', '$TTL 14400\n', '$TTL 4h ; default\n', '; cPanel first\n$TTL 1d\n', '\n\n$TTL 60\n'),
    soaTtl: fc.constantFrom('', '86400 '),
    soa: fc.constantFrom(
      'ns1.host.example. root.m1.host.example. (\n\t\t2026110199 ;Serial\n\t\t1h 30m 2w 1d )',
      'ns1.host.example. root.host.example. 4294967295 3600 1800 1209600 86400',
      '(ns1.host.example. root.host.example. 0 3600\n1800 1209600 86400)',
      'ns1.host.example. root.host.example. 2036010203 3600 1800 1209600 300;',
    ),
    glue: fc.boolean(),
    lines: fc.array(fc.oneof({ weight: 8, arbitrary: line }, { weight: 1, arbitrary: directive }), {
      minLength: 4,
      maxLength: 25,
    }),
    end: fc.constantFrom('\n', '\r\n'),
    last: fc.boolean(),
  })
  .map(({ top, soaTtl, soa, glue, lines, end, last }) => {
    const out = [`@ ${soaTtl}IN SOA ${soa}`, '@ IN NS ns1.host.example.'];
    if (glue) out.push('@ IN NS glue', 'glue 300 IN A 192.0.2.11');
    let origin = zoneApex;
    let previous: string | undefined;
    for (const one of lines) {
      if (typeof one === 'string') {
        out.push(one);
        origin = originAfter(one, origin);
        continue;
      }
      const [text, owner] = render(one, origin, previous);
      previous = owner;
      out.push(text);
    }
    // BIND refuses a directive in a last line without its end.
    const isOpen = !last && !/^\$/.test(out.at(-1) ?? '');
    return `${top}${out.join('\n')}${isOpen ? '' : '\n'}`.replaceAll('\n', end);
  });
