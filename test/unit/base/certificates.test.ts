import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';

describe('selfSigned', () => {
  it.each(['ec', 'rsa'] as const)(
    'makes an %s certificate for names and addresses that is its own CA',
    async (keyType) => {
      const { cert, key } = await selfSigned({ names: ['m1.example.com', '127.0.1.1', '::1'], days: 10, keyType });
      const read = new X509Certificate(cert);
      expect(read.subjectAltName).toBe('DNS:m1.example.com, IP Address:127.0.1.1, IP Address:0:0:0:0:0:0:0:1');
      expect(read.ca).toBe(true);
      expect(read.verify(read.publicKey)).toBe(true);
      expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(read.checkHost('m2.example.com')).toBeUndefined();
    },
  );

  it('is valid now and for the days asked for, and never the same twice', async () => {
    const made = await Promise.all([1, 2].map(() => selfSigned({ names: ['a.example.com'], days: 30 })));
    const [one, two] = made.map(({ cert }) => new X509Certificate(cert));
    const days = (Date.parse(one?.validTo ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThan(30.1);
    expect(Date.parse(one?.validFrom ?? '')).toBeLessThan(Date.now());
    expect(one?.serialNumber).not.toBe(two?.serialNumber);
  });
});
