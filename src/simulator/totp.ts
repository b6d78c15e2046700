/** One-time codes of the second factor: RFC 6238 with SHA-1, six digits, thirty seconds. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** Bytes of a base-32 text; marks that do not belong to it are skipped. */
function bytesOf(base32: string): Buffer {
  let bits = '';
  for (const letter of base32.toUpperCase()) {
    const value = ALPHABET.indexOf(letter);
    if (value >= 0) bits += value.toString(2).padStart(5, '0');
  }
  const whole = bits.match(/.{8}/gu) ?? [];
  return Buffer.from(whole.map((byte) => Number.parseInt(byte, 2)));
}

/** The code of a secret at a moment, milliseconds since 1970. */
export function codeAt(secret: string, at: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / STEP_MS)));
  const hash = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const from = (hash.at(-1) ?? 0) & 0x0f;
  const number = hash.readUInt32BE(from) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Whether a code is right now, one step ago or one ahead: clocks differ. */
export function codeIsRight(secret: string, code: string, at: number): boolean {
  const given = Buffer.from(code);
  return [-STEP_MS, 0, STEP_MS].some((shift) => {
    const wanted = Buffer.from(codeAt(secret, at + shift));
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });
}

/** A new secret from letters that `pick` gives, each from 0 to 1. */
export function newSecret(pick: () => number): string {
  return Array.from({ length: 16 }, () => ALPHABET[Math.floor(pick() * ALPHABET.length)] ?? 'A').join('');
}
