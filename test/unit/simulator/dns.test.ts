import { describe, expect, it } from 'vitest';
import { account } from './server.ts';
import { lineOf, linesOf, pair, records, serial } from './zones.ts';

const www3 = JSON.stringify({ dname: 'www3', ttl: 14400, record_type: 'A', data: ['203.0.113.9'] });

describe('the zone of a new account', () => {
  it('carries each server’s own address, serial and line numbers', () => {
    const [m1, m2] = pair();
    expect(records(m1, 'bob.example')).toContain('bob.example. A 192.0.2.1');
    expect(records(m2, 'bob.example')).toContain('bob.example. A 192.0.2.2');
    expect(records(m2, 'bob.example').join('\n')).not.toContain('192.0.2.1');
    expect(serial(m1, 'bob.example')).not.toBe(serial(m2, 'bob.example'));
    expect(lineOf(m1, 'bob.example', 'www', 'CNAME')).not.toBe(lineOf(m2, 'bob.example', 'www', 'CNAME'));
  });

  it('has mail exchanger, host names, SPF and DKIM', () => {
    const [m1] = pair();
    const all = records(m1, 'bob.example');
    expect(all).toContain('bob.example. MX 0 bob.example.');
    expect(all).toContain('www CNAME bob.example.');
    expect(all).toContain('bob.example. TXT v=spf1 +a +mx +ip4:192.0.2.1 ~all');
    expect(all.some((r) => r.startsWith('default._domainkey TXT v=DKIM1; k=rsa; p='))).toBe(true);
    expect(all).toContain('bob.example. NS ns1.example.net.');
  });

  it('goes with the account, unless its zones are to be kept', () => {
    const [m1, m2] = pair();
    m1.whm('removeacct', { username: 'bob' });
    m2.whm('removeacct', { username: 'bob', keepdns: 1 });
    expect(m1.whm('parse_dns_zone', { zone: 'bob.example' }).ok).toBe(false);
    expect(m2.whm('parse_dns_zone', { zone: 'bob.example' }).ok).toBe(true);
  });

  it('that is left over stops a second creation, unless forced', () => {
    const [m1] = pair();
    m1.whm('removeacct', { username: 'bob', keepdns: 1 });
    const again = { username: 'bob', domain: 'bob.example', password: 'Kf7!qz-Wm2#Tr' };
    expect(m1.whm('createacct', again)).toMatchObject({
      ok: false,
      reason:
        'A DNS entry for “bob.example” already exists. You must remove this DNS entry from all servers in the DNS cluster to proceed.',
    });
    expect(m1.whm('createacct', { ...again, forcedns: 1 }).ok).toBe(true);
  });
});

describe('a mass edit', () => {
  it('with a stale serial writes nothing and says both serials', () => {
    const [m1] = pair();
    const now = serial(m1, 'bob.example');
    const said = m1.whm('mass_edit_dns_zone', { zone: 'bob.example', serial: '2020010101', 'add-0': www3 });
    expect(said).toMatchObject({
      ok: false,
      reason: `The given serial number (2020010101) does not match the DNS zone’s serial number (${now}). Refresh your view of the DNS zone, then resubmit.`,
    });
    expect(records(m1, 'bob.example').join()).not.toContain('www3');
    expect(serial(m1, 'bob.example')).toBe(now);
  });

  it('adds, edits and removes by the line numbers of the zone as it was read', () => {
    const [, m2] = pair();
    const zone = 'bob.example';
    const edit = {
      line_index: lineOf(m2, zone, 'mail', 'CNAME'),
      dname: 'mail',
      ttl: 300,
      record_type: 'A',
      data: ['203.0.113.7'],
    };
    const said = m2.whm('mass_edit_dns_zone', {
      zone,
      serial: serial(m2, zone),
      'add-0': www3,
      'edit-0': JSON.stringify(edit),
      'remove-0': lineOf(m2, zone, 'ftp', 'CNAME'),
    });
    expect(m2.data(said)).toEqual({ new_serial: serial(m2, zone) });
    const all = records(m2, zone);
    expect(all.at(-1)).toBe('www3 A 203.0.113.9');
    expect(all).toContain('mail A 203.0.113.7');
    expect(all.some((r) => r.startsWith('ftp '))).toBe(false);
  });

  it('raises the serial and moves the lines below a removal', () => {
    const [m1] = pair();
    const zone = 'bob.example';
    const [before, ftp] = [Number(serial(m1, zone)), lineOf(m1, zone, 'ftp', 'CNAME')];
    m1.whm('mass_edit_dns_zone', { zone, serial: before, remove: lineOf(m1, zone, 'mail', 'CNAME') });
    expect(Number(serial(m1, zone))).toBeGreaterThan(before);
    expect(lineOf(m1, zone, 'ftp', 'CNAME')).toBe(ftp - 1);
  });

  it.each([
    ['a list in one parameter', { 'add-0': `[${www3}]` }],
    ['text that is no JSON', { add: 'www3' }],
    ['an address that is none', { add: www3.replace('203.0.113.9', '203.0.113.999') }],
    ['an NS record', { add: JSON.stringify({ dname: 'x', ttl: 1, record_type: 'NS', data: ['ns.example.'] }) }],
    [
      'a name that has a CNAME',
      { add: JSON.stringify({ dname: 'www', ttl: 1, record_type: 'A', data: ['203.0.113.9'] }) },
    ],
    ['a line without a record', { remove: 0 }],
  ])('refuses %s and changes nothing', (_what, change) => {
    const [m1] = pair();
    const zone = 'bob.example';
    const before = linesOf(m1, zone);
    expect(m1.whm('mass_edit_dns_zone', { zone, serial: serial(m1, zone), ...change }).ok).toBe(false);
    expect(linesOf(m1, zone)).toEqual(before);
  });

  it('through UAPI says "Stale" in its data, and reaches only own zones', () => {
    const [m1] = pair();
    account('eve', [m1], { uid: 2002, gid: 2002 });
    const given = { zone: 'bob.example', serial: 1, add: www3 };
    expect(m1.uapi('bob', 'DNS::mass_edit_zone', given)).toMatchObject({ ok: false, data: { type: 'Stale' } });
    expect(m1.uapi('eve', 'DNS::parse_zone', { zone: 'bob.example' }).ok).toBe(false);
    expect(m1.uapi('eve', 'DNS::mass_edit_zone', { ...given, serial: serial(m1, 'bob.example') }).ok).toBe(false);
  });
});

describe('single records', () => {
  const add = { domain: 'bob.example', name: 'shop', type: 'A', class: 'IN', ttl: 14400, address: '203.0.113.5' };

  it('added twice are two', () => {
    const [m1] = pair();
    expect(m1.whm('addzonerecord', add)).toMatchObject({
      ok: true,
      reason: 'Bind reloading on m1.example.net using rndc zone: [bob.example]\n',
    });
    m1.whm('addzonerecord', add);
    expect(records(m1, 'bob.example').filter((r) => r === 'shop A 203.0.113.5')).toHaveLength(2);
  });

  it('are edited and removed by lines counted from 1', () => {
    const [m1] = pair();
    m1.whm('addzonerecord', add);
    const line = lineOf(m1, 'bob.example', 'shop', 'A') + 1;
    expect(m1.data(m1.whm('getzonerecord', { domain: 'bob.example', line }))).toMatchObject({
      record: [{ Line: line, name: 'shop.bob.example.', type: 'A', address: '203.0.113.5' }],
    });
    m1.whm('editzonerecord', { domain: 'bob.example', line, ttl: 60, address: '203.0.113.6' });
    expect(records(m1, 'bob.example')).toContain('shop A 203.0.113.6');
    m1.whm('removezonerecord', { zone: 'bob.example', line });
    expect(records(m1, 'bob.example').join()).not.toContain('shop');
    expect(m1.whm('removezonerecord', { zone: 'bob.example', line: 200 })).toMatchObject({
      ok: false,
      reason: 'Unable to find a record on specified line: 200',
    });
  });

  it('are dumped by name, with lines that agree with the parsed zone', () => {
    const [m1] = pair();
    const { zone } = m1.data(m1.whm('dumpzone', { domain: 'bob.example' })) as {
      zone: readonly [{ record: readonly Readonly<Record<string, unknown>>[] }];
    };
    const rows = zone[0].record;
    expect(rows.map((r) => Number(r['Line']) - 1)).toEqual(linesOf(m1, 'bob.example').map((l) => l.line_index));
    expect(rows).toContainEqual(
      expect.objectContaining({ type: 'MX', preference: '0', exchange: 'bob.example', ttl: '14400' }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ type: 'SOA', Lines: 6, serial: serial(m1, 'bob.example') }));
    expect(rows).toContainEqual(expect.objectContaining({ type: '$TTL', ttl: '14400' }));
  });

  it('through ZoneEdit answer one level deeper, also a refusal', () => {
    const [m1] = pair();
    const good = m1.api2('bob', 'ZoneEdit::add_zone_record', {
      domain: 'bob.example',
      name: '_acme-challenge',
      type: 'TXT',
      txtdata: 'abc',
    });
    expect(m1.data(good)).toEqual([{ result: { status: 1, statusmsg: '', newserial: serial(m1, 'bob.example') } }]);
    const bad = m1.api2('bob', 'ZoneEdit::add_zone_record', {
      domain: 'eve.example',
      name: 'x',
      type: 'TXT',
      txtdata: 'abc',
    });
    expect(bad).toMatchObject({ ok: false, quiet: true, data: [{ result: { status: 0, newserial: null } }] });
    const found = m1.api2('bob', 'ZoneEdit::fetchzone_records', {
      domain: 'bob.example',
      name: '_acme-challenge.bob.example.',
    });
    expect(m1.data(found)).toMatchObject([{ type: 'TXT', txtdata: 'abc', record: 'abc' }]);
  });
});
