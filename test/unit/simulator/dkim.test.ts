import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeRsaKey } from '../../../src/simulator/modules/rsa-keys.ts';
import { account, type TestServer, testServer } from './server.ts';

interface Key {
  readonly domain: string;
  readonly pem: string;
}

function pair(): readonly [TestServer, TestServer] {
  const servers = [testServer('m1', '192.0.2.1'), testServer('m2', '192.0.2.2')] as const;
  account('bob', servers);
  return servers;
}

function keyOf(server: TestServer): string {
  const said = server.whm('fetch_dkim_private_keys', { domain: 'bob.example' });
  return (server.data(said) as { payload: readonly [Key] }).payload[0].pem;
}

function published(server: TestServer): readonly unknown[] {
  const { zone } = server.data(server.whm('dumpzone', { domain: 'bob.example' })) as {
    zone: readonly [{ record: readonly Readonly<Record<string, unknown>>[] }];
  };
  return zone[0].record.filter((r) => r['name'] === 'default._domainkey.bob.example.').map((r) => r['txtdata']);
}

function state(server: TestServer, fn: string): unknown {
  return (server.data(server.whm(fn, { domain: 'bob.example' })) as { payload: readonly [{ state: string }] })
    .payload[0].state;
}

describe('DKIM keys', () => {
  it('are well-formed RSA 2048, all different, and there at once', () => {
    const keys = Array.from({ length: 15 }, makeRsaKey);
    expect(new Set(keys).size).toBe(15);
    for (const pem of keys) {
      expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(2048);
    }
  });

  it('differ between the servers until one is installed on the other', () => {
    const [m1, m2] = pair();
    expect(keyOf(m1)).not.toBe(keyOf(m2));
    expect(published(m1)).not.toEqual(published(m2));
    const said = m2.whm('install_dkim_private_keys', { domain: 'bob.example', key: keyOf(m1) });
    expect(m2.data(said)).toMatchObject({ payload: [{ domain: 'bob.example', status: 1 }] });
    expect(keyOf(m2)).toBe(keyOf(m1));
    expect(published(m2)).toEqual(published(m1));
    expect(published(m2)).toHaveLength(1);
  });

  it('that are none are refused, and the old one stays', () => {
    const [m1] = pair();
    const before = keyOf(m1);
    const said = m1.whm('install_dkim_private_keys', { domain: 'bob.example', key: 'nonsense' });
    expect(m1.data(said)).toMatchObject({ payload: [{ status: 0 }] });
    expect(keyOf(m1)).toBe(before);
  });

  it('are taken out of the zone and put back', () => {
    const [m1] = pair();
    m1.whm('disable_dkim', { domain: 'bob.example' });
    expect(published(m1)).toEqual([]);
    expect(state(m1, 'validate_current_dkims')).toBe('MISSING');
    m1.whm('enable_dkim', { domain: 'bob.example' });
    expect(published(m1)).toHaveLength(1);
    expect(state(m1, 'validate_current_dkims')).toBe('VALID');
  });

  it('reach the account through UAPI, its own domains only', () => {
    const [m1] = pair();
    account('eve', [m1], { uid: 2002, gid: 2002 });
    expect(m1.data(m1.uapi('bob', 'EmailAuth::fetch_dkim_private_keys', { domain: 'bob.example' }))).toEqual([
      { domain: 'bob.example', pem: keyOf(m1) },
    ]);
    expect(m1.uapi('eve', 'EmailAuth::fetch_dkim_private_keys', { domain: 'bob.example' }).ok).toBe(false);
  });
});

describe('SPF', () => {
  const record = 'v=spf1 +a +mx +ip4:192.0.2.1 +ip4:192.0.2.2 ~all';

  it('is replaced in place, one per domain, several domains in one call', () => {
    const [m1, m2] = pair();
    for (const server of [m1, m2]) {
      server.data(server.api2('bob', 'Park::park', { domain: 'alias.example' }));
      const said = server.whm('install_spf_records', {
        domain: ['bob.example', 'alias.example'],
        record: [record, record],
      });
      expect(server.data(said)).toMatchObject({ payload: [{ status: 1 }, { status: 1 }] });
      const checks = server.data(server.whm('validate_current_spfs', { domain: ['bob.example', 'alias.example'] }));
      expect(checks).toMatchObject({
        payload: [
          { domain: 'bob.example', state: 'VALID', records: [{ current: record, state: 'PASS' }] },
          { domain: 'alias.example', state: 'VALID', records: [{ current: record, state: 'PASS' }] },
        ],
      });
    }
  });

  it('names the address that the account was moved to', () => {
    const [m1] = pair();
    expect(state(m1, 'validate_current_spfs')).toBe('VALID');
    m1.whm('install_spf_records', { domain: 'bob.example', record: 'v=spf1 ip4:198.51.100.1 ~all' });
    expect(state(m1, 'validate_current_spfs')).toBe('MISMATCH');
  });
});
