import { createPrivateKey, generatePrimeSync } from 'node:crypto';

const exponent = 65537n;

function base64url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
  }
  return t0 < 0n ? t0 + modulus : t0;
}

function pemOf(p: bigint, q: bigint): string {
  const d = inverse(exponent, (p - 1n) * (q - 1n));
  const parts = { n: p * q, e: exponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, base64url(value)]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
    .export({ type: 'pkcs1', format: 'pem' })
    .toString();
}

const primes: bigint[] = [];
let last = 0;
let partner = 0;

function prime(): bigint {
  for (;;) {
    // The two top bits set, so that any product has 2048 bits.
    const found = generatePrimeSync(1024, { bigint: true });
    if ((found - 1n) % exponent !== 0n && found >> 1022n === 3n && !primes.includes(found)) return found;
  }
}

/**
 * Makes a well-formed RSA 2048 key, PKCS#1, PEM, that no other simulator of this process has, in a millisecond or two:
 * every new prime gives a key with each of the primes before it. Such keys are worth nothing as secrets; they only have
 * to look and parse like real ones.
 */
export function makeRsaKey(): string {
  if (partner >= last) {
    if (primes.length === 0) primes.push(prime());
    primes.push(prime());
    last = primes.length - 1;
    partner = 0;
  }
  const [p, q] = [primes[last], primes[partner]];
  partner += 1;
  if (p === undefined || q === undefined) throw new RangeError('no primes');
  return pemOf(p, q);
}
