/** Odd zones: what stands in the file, and what a switch must make of it. Unchanged where `after` is missing. */
export interface Odd {
  readonly fact: string;
  readonly before: string;
  readonly after?: string;
  /** BIND refuses it; the editor still must not harm it. */
  readonly refused?: true;
}

const one = (fact: string, before: string, after?: string): Odd => ({
  fact,
  before,
  ...(after === undefined ? {} : { after }),
});

/** They stand behind `$TTL 60`, a SOA and a NS of cust.example. */
export const oddities: readonly Odd[] = [
  one('a plain record moves', 'www IN A 192.0.2.11\n', 'www IN A 198.51.100.11\n'),
  one('no class', 'www A 192.0.2.11\n', 'www A 198.51.100.11\n'),
  one('TTL before class', 'www 30 IN A 192.0.2.11\n', 'www 30 IN A 198.51.100.11\n'),
  one('class before TTL', 'www IN 30 A 192.0.2.11\n', 'www IN 30 A 198.51.100.11\n'),
  one('lower case', 'www in a 192.0.2.11\n', 'www in a 198.51.100.11\n'),
  one('generic class and type', 'www CLASS1 TYPE1 192.0.2.11\n', 'www CLASS1 TYPE1 198.51.100.11\n'),
  one('generic type with leading zeros', 'www TYPE0001 192.0.2.11\n', 'www TYPE0001 198.51.100.11\n'),
  one('tabs', 'www\t30\tIN\tA\t192.0.2.11\n', 'www\t30\tIN\tA\t198.51.100.11\n'),
  one('no final newline', 'www A 192.0.2.11', 'www A 198.51.100.11'),
  one('CRLF', 'www A 192.0.2.11\r\nftp A 192.0.2.11\r\n', 'www A 198.51.100.11\r\nftp A 198.51.100.11\r\n'),
  one('CR alone ends a line', 'www A 192.0.2.11\rftp A 192.0.2.1\r\n', 'www A 198.51.100.11\rftp A 192.0.2.1\r\n'),
  one('parentheses without blanks', 'www A(192.0.2.11)\n', 'www A(198.51.100.11)\n'),
  one('parentheses over lines', 'www (\n IN\n A\n192.0.2.11 )\n', 'www (\n IN\n A\n198.51.100.11 )\n'),
  one('nested parentheses', 'www ((A) (192.0.2.11))\n', 'www ((A) (198.51.100.11))\n'),
  one('a line that begins with a parenthesis', '(www A 192.0.2.11)\n', '(www A 198.51.100.11)\n'),
  one('comment behind a token', 'www A 192.0.2.11;192.0.2.11\n', 'www A 198.51.100.11;192.0.2.11\n'),
  one(
    'comment inside parentheses',
    'www A ( ; 192.0.2.11 )\n192.0.2.11 )\n',
    'www A ( ; 192.0.2.11 )\n198.51.100.11 )\n',
  ),
  one('a quote in a comment', '; don"t 192.0.2.11\nwww A 192.0.2.11\n', '; don"t 192.0.2.11\nwww A 198.51.100.11\n'),
  one('blank owner', 'www A 192.0.2.1\n A 192.0.2.11\n', 'www A 192.0.2.1\n A 198.51.100.11\n'),
  one(
    'blank owner after a comment line',
    'www A 192.0.2.1\n;x\n\tA 192.0.2.11\n',
    'www A 192.0.2.1\n;x\n\tA 198.51.100.11\n',
  ),
  one('blank owner keeps its name behind $ORIGIN', 'www1 A 192.0.2.1\n$ORIGIN x.cust.example.\n A 192.0.2.11\n'),
  one('apex as @', '@ A 192.0.2.11\n', '@ A 198.51.100.11\n'),
  one('apex in full', 'Cust.Example. A 192.0.2.11\n', 'Cust.Example. A 198.51.100.11\n'),
  one('wildcard', '* A 192.0.2.11\n', '* A 198.51.100.11\n'),
  one('quoted owner', '"www" A 192.0.2.11\n', '"www" A 198.51.100.11\n'),
  one('an owner called IN', 'IN IN A 192.0.2.11\n', 'IN IN A 198.51.100.11\n'),
  one('an owner called A', 'A A 192.0.2.11\n', 'A A 198.51.100.11\n'),
  one('an owner of digits', '60 60 A 192.0.2.11\n', '60 60 A 198.51.100.11\n'),
  one('TTL in units', 'www 1m A 192.0.2.11\n', 'www 1m A 198.51.100.11\n'),
  one('high TTL is lowered', 'www 1h30m A 192.0.2.11\n', 'www 60 A 198.51.100.11\n'),
  one(
    'high default TTL is put in',
    '$TTL 1d\nwww A 192.0.2.11\nx TXT t\n',
    '$TTL 1d\nwww 60 A 198.51.100.11\nx TXT t\n',
  ),
  one('put in before class', '$TTL 1d\nwww IN A 192.0.2.11\n', '$TTL 1d\nwww 60 IN A 198.51.100.11\n'),
  one(
    'put in behind a blank owner',
    'www TXT t\n$TTL 1d\n\tA 192.0.2.11\n',
    'www TXT t\n$TTL 1d\n\t60 A 198.51.100.11\n',
  ),
  one(
    'the whole set is lowered',
    'www 1d A 192.0.2.1\nwww 1d A 192.0.2.11\n',
    'www 60 A 192.0.2.1\nwww 60 A 198.51.100.11\n',
  ),
  one('a TTL of a stranger stays', 'www 1d A 192.0.2.1\n'),
  one('$ORIGIN relative', '$ORIGIN sub\nwww A 192.0.2.11\n', '$ORIGIN sub\nwww A 198.51.100.11\n'),
  one(
    '$ORIGIN of the root',
    '$ORIGIN .\nwww.cust.example A 192.0.2.11\n',
    '$ORIGIN .\nwww.cust.example A 198.51.100.11\n',
  ),
  one('$ttl in small letters', '$ttl 30\nwww A 192.0.2.11\n', '$ttl 30\nwww A 198.51.100.11\n'),
  one('near misses', 'a A 192.0.2.110\nb A 192.0.2.1\nc A 92.0.2.11\nd A 1.192.0.2\n'),
  one('AAAA short', 'www AAAA 2001:db8:1::11\n', 'www AAAA 2001:db8:2::11\n'),
  one('AAAA in full and capitals', 'w AAAA 2001:0DB8:0001:0000:0000:0000:0000:0011\n', 'w AAAA 2001:db8:2::11\n'),
  one('AAAA with dots', 'w AAAA 2001:db8:1::0.0.0.17\n', 'w AAAA 2001:db8:2::11\n'),
  one('AAAA near miss', 'w AAAA 2001:db8:1::111\n'),
  one('an IPv4 inside IPv6 is another address', 'w AAAA ::ffff:192.0.2.11\n'),
  one('HTTPS hint', '@ HTTPS 1 . ipv4hint=192.0.2.11\n', '@ HTTPS 1 . ipv4hint=198.51.100.11\n'),
  one(
    'HTTPS hints of both families',
    '@ HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1,192.0.2.11 ipv6hint=2001:db8:1::11\n',
    '@ HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1,198.51.100.11 ipv6hint=2001:db8:2::11\n',
  ),
  one(
    'quoted hint',
    '_x SVCB 1 t ipv4hint="192.0.2.11,192.0.2.1"\n',
    '_x SVCB 1 t ipv4hint="198.51.100.11,192.0.2.1"\n',
  ),
  one('HTTPS alias mode', '@ HTTPS 0 other.example.\n'),
  one('SPF stays', '@ TXT "v=spf1 ip4:192.0.2.11 ip6:2001:db8:1::11 ~all"\n'),
  one('text stays', 't TXT "192.0.2.11" 192.0.2.11\n'),
  one('a semicolon in a string', 't TXT "a;b" \nwww A 192.0.2.11\n', 't TXT "a;b" \nwww A 198.51.100.11\n'),
  one('an escaped semicolon', 't TXT a\\;b\nwww A 192.0.2.11\n', 't TXT a\\;b\nwww A 198.51.100.11\n'),
  one('an escaped quote', 't TXT "a\\"; b"\nwww A 192.0.2.11\n', 't TXT "a\\"; b"\nwww A 198.51.100.11\n'),
  one(
    'a backslash before the end of a string',
    't TXT "a\\\\"\nwww A 192.0.2.11\n',
    't TXT "a\\\\"\nwww A 198.51.100.11\n',
  ),
  one('a line end escaped in a string', 't TXT "a\\\nwww A 192.0.2.11"\n'),
  one('a parenthesis in a string', 't TXT "("\nwww A 192.0.2.11\n', 't TXT "("\nwww A 198.51.100.11\n'),
  one('a string that looks like a record', 't TXT ( "x"\n "www A 192.0.2.11" )\n'),
  one('split strings', 't TXT ("a"\n"b")\n'),
  one(
    'decimal escapes',
    't TXT "\\226\\128\\156"\nw\\119w A 192.0.2.11\n',
    't TXT "\\226\\128\\156"\nw\\119w A 198.51.100.11\n',
  ),
  one('bytes above 127', 't TXT "\xc3\xa9\xff"\nwww A 192.0.2.11\n', 't TXT "\xc3\xa9\xff"\nwww A 198.51.100.11\n'),
  one('an escaped dot in a name', 'a\\.b A 192.0.2.11\n', 'a\\.b A 198.51.100.11\n'),
  one('glue stays', '@ NS ns1\nns1 A 192.0.2.11\n'),
  one('glue of a delegation stays', 'sub NS ns.sub\nns.sub A 192.0.2.11\n'),
  one('glue spelled otherwise stays', '@ NS NS\\049.cust.example.\nns1 A 192.0.2.11\n'),
  one('www1 stays', 'www1 A 192.0.2.11\n'),
  one('www1 of a subdomain stays', 'WWW1.shop A 192.0.2.11\n'),
  one(
    'a configured whole name stays',
    'direct A 192.0.2.11\nx.direct A 192.0.2.11\n',
    'direct A 192.0.2.11\nx.direct A 198.51.100.11\n',
  ),
  one('a name that only begins so moves', 'www10 A 192.0.2.11\n', 'www10 A 198.51.100.11\n'),
  one('PTR stays', '11.2.0.192.in-addr.arpa.cust.example. PTR www\n'),
  one('raw data stays', 'www A \\# 4 C000020B\n'),
  one('unknown types stay', 'x TYPE65280 \\# 4 C000020B\n'),
  one('$GENERATE stays', '$GENERATE 10-12 h$ A 192.0.2.$\n'),
  one('NAPTR with odd strings', 'x NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:a@b!" .\n'),
  one('CAA', '@ CAA 0 iodef "mailto:a;b@cust.example"\n'),
  one(
    'two equal addresses after the move',
    'r A 192.0.2.11\nr A 198.51.100.11\n',
    'r A 198.51.100.11\nr A 198.51.100.11\n',
  ),
  one('a swap of addresses is one step', 'r A 192.0.2.11\nr A 192.0.2.12\n', 'r A 198.51.100.11\nr A 198.51.100.12\n'),
  one('empty lines and blanks', '\n  \n\t\n ; c\nwww A 192.0.2.11\n\n\n', '\n  \n\t\n ; c\nwww A 198.51.100.11\n\n\n'),
  { ...one('a quote that is not closed', 't TXT "a\nwww A 192.0.2.11\n'), refused: true },
  { ...one('a parenthesis that is not closed', 't TXT (a\nwww A 192.0.2.11\n'), refused: true },
  { ...one('a closing parenthesis too many', 't TXT a)\nwww A 192.0.2.11\n'), refused: true },
  { ...one('an unknown directive', '$FOO 1\nwww A 192.0.2.11\n'), refused: true },
  { ...one('a record without a type', 'www 192.0.2.11\nftp A 192.0.2.11\n'), refused: true },
];

export const frame =
  '$TTL 60\n@ IN SOA ns1.host.example. root.host.example. (\n\t2026110199 ;Serial\n\t1h 30m 2w 1d )\n@ NS ns1.host.example.\n';
