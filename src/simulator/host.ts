import { randomInt } from 'node:crypto';
import type { HostFiles } from './files.ts';
import type { Host } from './handler.ts';
import { makeRsaKey } from './modules/rsa-keys.ts';

export interface HostOptions {
  readonly id: string;
  readonly hostname: string;
  readonly version: string;
  readonly addresses: readonly string[];
  readonly files?: HostFiles;
  readonly now?: () => number;
  readonly random?: () => number;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Compares dotted versions number by number. */
function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((v) => v.split('.').map(Number));
  for (const [index, part] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

/** The machine that handlers run on. */
export function createHost(options: HostOptions): Host {
  const random = options.random ?? (() => randomInt(2 ** 32) / 2 ** 32);
  return {
    id: options.id,
    hostname: options.hostname,
    version: options.version,
    addresses: options.addresses,
    ...(options.files === undefined ? {} : { files: options.files }),
    now: options.now ?? Date.now,
    random,
    randomText: (length) => Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join(''),
    rsaKey: makeRsaKey,
    atLeast: (version) => isAtLeast(options.version, version),
  };
}
