import { randomBytes } from 'node:crypto';
import { encodeTime, ulid } from 'ulid';

const poolBytes = 4096;
let pool = Buffer.alloc(0);
let at = 0;

/** One random byte as 0 ≤ n < 1. The system is asked for thousands at once: ulid asks for sixteen, one by one. */
function random(): number {
  if (at === pool.length) {
    pool = randomBytes(poolBytes);
    at = 0;
  }
  const byte = pool[at] ?? 0;
  at += 1;
  return byte / 256;
}

/** A new ULID: 26 letters and digits that sort by the millisecond in which they were made. */
export function newId(): string {
  return ulid(undefined, random);
}

/** What sorts before every id that was made from this moment on; milliseconds since 1970. */
export function idsFrom(ms: number): string {
  return encodeTime(ms, 10).padEnd(26, '0');
}
