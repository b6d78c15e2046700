import { generateKeyPair, generateKeyPairSync, randomInt } from 'node:crypto';
import type { Host } from './handler.ts';

export interface HostOptions {
  readonly id: string;
  readonly hostname: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly now?: () => number;
  readonly random?: () => number;
  /** How many different RSA keys are made before they come round again; making one costs a tenth of a second. */
  readonly rsaKeys?: number;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KEY = {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
} as const;

/** Compares dotted versions number by number. */
function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((v) => v.split('.').map(Number));
  for (const [index, part] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

/** Hands out RSA keys; the next one is made in the background while the last one is used. */
function keyPool(limit: number): () => string {
  const made: string[] = [];
  let ready: string | undefined;
  let next = 0;
  function refill(): void {
    generateKeyPair('rsa', KEY, (error, _public, key) => {
      if (error === null) ready ??= key;
    });
  }
  return () => {
    if (made.length >= limit) {
      next += 1;
      return made[(next - 1) % limit] ?? '';
    }
    const key = ready ?? generateKeyPairSync('rsa', KEY).privateKey;
    ready = undefined;
    made.push(key);
    if (made.length < limit) refill();
    return key;
  };
}

/** The machine that handlers run on. */
export function createHost(options: HostOptions): Host {
  const random = options.random ?? (() => randomInt(2 ** 32) / 2 ** 32);
  return {
    id: options.id,
    hostname: options.hostname,
    version: options.version,
    addresses: options.addresses,
    now: options.now ?? Date.now,
    random,
    randomText: (length) => Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join(''),
    rsaKey: keyPool(options.rsaKeys ?? 1000),
    atLeast: (version) => isAtLeast(options.version, version),
  };
}
