import { describe, expect, it } from 'vitest';
import { lineOf, pair, records, serial, text } from './zones.ts';

describe('whole zones', () => {
  it('are reset to this server’s addresses, keeping texts and a growing serial', () => {
    const [, m2] = pair();
    const before = Number(serial(m2, 'bob.example'));
    m2.whm('addzonerecord', { domain: 'bob.example', name: 'x', type: 'TXT', class: 'IN', txtdata: 'keep me' });
    m2.whm('addzonerecord', { domain: 'bob.example', name: 'y', type: 'A', class: 'IN', address: '203.0.113.1' });
    expect(m2.whm('resetzone', { domain: 'bob.example' }).ok).toBe(true);
    const all = records(m2, 'bob.example');
    expect(all).toContain('x TXT keep me');
    expect(all.join()).not.toContain('203.0.113.1');
    expect(all).toContain('bob.example. A 192.0.2.2');
    expect(Number(serial(m2, 'bob.example'))).toBeGreaterThan(before);
  });

  it('of an account in use cannot be killed; others can, once', () => {
    const [m1] = pair();
    expect(m1.whm('killdns', { domain: 'bob.example' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('still configured for HTTP use'),
    });
    expect(m1.whm('adddns', { domain: 'extra.example', ip: '192.0.2.1', trueowner: 'bob' })).toMatchObject({
      ok: true,
      reason: 'Added extra.example ok belonging to user bob',
    });
    expect(m1.whm('killdns', { domain: 'extra.example' })).toMatchObject({ ok: true, reason: 'Zones Removed' });
    expect(m1.whm('killdns', { domain: 'extra.example' })).toMatchObject({
      ok: false,
      reason: 'Unable to remove zone that does not exist.',
    });
    expect(m1.whm('createacct', { username: 'ext', domain: 'extra.example', password: 'Kf7!qz-Wm2#Tr' }).ok).toBe(
      false,
    );
  });

  it('are exported as text, and listed', () => {
    const [m1] = pair();
    const { payload } = m1.data(m1.whm('export_zone_files', { zone: 'bob.example' })) as {
      payload: readonly { text_b64: string }[];
    };
    const file = text(payload[0]?.text_b64);
    expect(file.startsWith('; cPanel first:11.134.0.20')).toBe(true);
    expect(file.split('\n')[lineOf(m1, 'bob.example', 'www', 'CNAME')]).toBe('www\t14400\tIN\tCNAME\tbob.example.');
    expect(m1.data(m1.whm('listzones'))).toEqual({ zone: [{ domain: 'bob.example', zonefile: 'bob.example.db' }] });
    expect(m1.data(m1.whm('has_local_authority', { domain: ['www.bob.example', 'far.example'] }))).toEqual({
      records: [
        {
          domain: 'www.bob.example',
          local_authority: 1,
          nameservers: ['ns1.example.net', 'ns2.example.net'],
          zone: 'bob.example',
        },
        { domain: 'far.example', local_authority: 0, nameservers: [] },
      ],
    });
  });

  it('follow the account’s main domain', () => {
    const [m1] = pair();
    m1.data(m1.whm('modifyacct', { user: 'bob', domain: 'robert.example' }));
    expect(records(m1, 'robert.example')).toContain('robert.example. A 192.0.2.1');
    expect(m1.whm('parse_dns_zone', { zone: 'bob.example' }).ok).toBe(false);
  });

  it('of another reseller’s customer do not exist for a reseller', () => {
    const [m1] = pair();
    const reseller = { kind: 'reseller', user: 'ann', acls: new Set(['all']) } as const;
    expect(m1.whm('parse_dns_zone', { zone: 'bob.example' }, reseller).ok).toBe(false);
    expect(m1.data(m1.whm('listzones', {}, reseller))).toEqual({ zone: [] });
  });

  it('of all the account’s domains take its new address, also inside SPF', () => {
    const [, m2] = pair();
    m2.data(m2.api2('bob', 'Park::park', { domain: 'alias.example' }));
    m2.data(m2.whm('setsiteip', { user: 'bob', ip: '203.0.113.50' }));
    for (const zone of ['bob.example', 'alias.example']) {
      expect(records(m2, zone)).toContain(`${zone}. TXT v=spf1 +a +mx +ip4:203.0.113.50 ~all`);
      expect(records(m2, zone)).toContain('webmail A 203.0.113.50');
      expect(records(m2, zone).join('\n')).not.toContain('192.0.2.2');
    }
  });

  it('get a further mail exchanger without losing the first', () => {
    const [m1] = pair();
    m1.data(
      m1.whm('savemxs', { domain: 'bob.example', name: 'bob.example', exchange: 'mx.far.example', preference: 20 }),
    );
    const mx = records(m1, 'bob.example').filter((r) => r.includes(' MX '));
    expect(mx).toEqual(['bob.example. MX 0 bob.example.', 'bob.example. MX 20 mx.far.example.']);
  });
});
