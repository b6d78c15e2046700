import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSameKey, publicKeyOf } from '../../../src/actions/rsa.ts';
import { carries, withAddresses } from '../../../src/actions/spf.ts';

const key = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const pem = key.privateKey;

describe('keys and SPF', () => {
  it('the public half of a key is what OpenSSL says', () => {
    expect(publicKeyOf(pem)).toBe(key.publicKey.toString('base64'));
  });

  it('a key is the same in PKCS#1 and PKCS#8', () => {
    const pkcs8 = pem;
    const der = Buffer.from(pkcs8.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const inner = der.subarray(26).toString('base64');
    expect(isSameKey(pkcs8, `-----BEGIN RSA PRIVATE KEY-----\n${inner}\n-----END RSA PRIVATE KEY-----\n`)).toBe(true);
  });

  it.each(['', 'secret', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'MIIB'])(
    '%j is no key',
    (text) => {
      expect(publicKeyOf(text)).toBeUndefined();
    },
  );

  it.each([
    ['an address that is forbidden is not carried', 'v=spf1 -ip4:192.0.2.1 ~all', false],
    ['a network around it is not enough', 'v=spf1 ip4:192.0.2.0/24 ~all', false],
    ['a single address with /32 is', 'v=spf1 ip4:192.0.2.1/32 ~all', true],
  ])('%s', (_sentence, record, expected) => {
    expect(carries(record, ['192.0.2.1'])).toBe(expected);
  });

  it('an IPv6 address is compared in its canonical form', () => {
    expect(carries('v=spf1 ip6:2001:0db8:0:0::1 ~all', ['2001:db8::1'])).toBe(true);
    expect(withAddresses('v=spf1 redirect=x.example', ['2001:DB8::1'])).toBe(
      'v=spf1 +ip6:2001:db8::1 redirect=x.example',
    );
  });
});
