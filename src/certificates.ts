import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';

export interface SelfSignedOptions {
  /** Host names and IP addresses it is for; the first is the common name. */
  readonly names: readonly [string, ...string[]];
  readonly days: number;
  /** Default 'ec' (P-256). cPanel itself ships RSA 2048. */
  readonly keyType?: 'ec' | 'rsa';
  /** A private key of that type to use, PEM. Default: a new one. */
  readonly key?: string;
}

export interface Certificate {
  /** PEM. Also its own CA: give it as `ca` to trust it. */
  readonly cert: string;
  /** PKCS#8, PEM. */
  readonly key: string;
}

/** Makes a key and a certificate signed by itself, with every name as subjectAltName. Valid from five minutes ago. */
export async function selfSigned(options: SelfSignedOptions): Promise<Certificate> {
  const { names, days, keyType = 'ec' } = options;
  const now = Date.now();
  const { generate } = await import('./certificates-made.ts');
  const made = await generate([{ name: 'commonName', value: names[0] }], {
    keyType,
    ...(options.key === undefined ? {} : { keyPair: pairOf(options.key) }),
    algorithm: 'sha256',
    // Clocks of two machines differ a little.
    notBeforeDate: new Date(now - 5 * 60_000),
    notAfterDate: new Date(now + days * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'keyUsage',
        digitalSignature: true,
        keyEncipherment: keyType === 'rsa',
        keyCertSign: true,
        critical: true,
      },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

function pairOf(pem: string): { readonly privateKey: string; readonly publicKey: string } {
  const key = createPrivateKey(pem);
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Makes a private RSA key of 2048 bits, PKCS#1, PEM. A few tenths of a second of the processor, beside the thread. */
export async function newRsaKey(): Promise<string> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return pair.privateKey;
}
