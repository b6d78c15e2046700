import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Kysely } from 'kysely';
import type { AuthTables } from '../store/auth-tables.ts';
import type { AuthDeps } from './journal.ts';

interface Bucket {
  readonly name: string;
  /** Wrong passwords before the first wait. */
  readonly free: number;
}

const firstWaitMs = 2_000;
const longestWaitMs = 15 * 60_000;
const forgetMs = 60 * 60_000;

/** How long to wait after so many wrong passwords in a row: nothing at first, then doubling up to 15 minutes. */
export function waitMs(failures: number, free: number): number {
  if (failures <= free) return 0;
  return Math.min(firstWaitMs * 2 ** Math.min(failures - free - 1, 20), longestWaitMs);
}

/** An address as it is counted: IPv6 by its /64, since one customer has a whole one. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/**
 * What is counted: guesses of a password; of a code of six digits, of which a guesser finds one far sooner; and letters
 * with a link that somebody else may have asked for.
 */
export type Guessed = 'password' | 'code' | 'link';

const freeOf = {
  password: { both: 5, person: 50 },
  code: { both: 4, person: 10 },
  link: { both: 2, person: 3 },
} as const;

/** Person at an address, the address, the person: so that one attacker cannot lock a person out from everywhere at once. */
function bucketsOf(name: string, address: string, guessed: Guessed): readonly Bucket[] {
  const network = networkOf(address);
  // Codes are counted apart: a right password must not forgive wrong codes.
  const whose = guessed === 'password' ? name : `${guessed} of ${name}`;
  const person = createHash('sha256').update(whose).digest('hex').slice(0, 32);
  return [
    { name: `address:${network}`, free: 20 },
    { name: `both:${person}:${network}`, free: freeOf[guessed].both },
    { name: `person:${person}`, free: freeOf[guessed].person },
  ];
}

/**
 * Counts an attempt before the password is looked at, so that parallel guesses are counted too.
 * Answers how many milliseconds to wait; 0 lets this attempt go on.
 */
export async function throttleTake(
  deps: AuthDeps,
  name: string,
  address: string,
  guessed: Guessed = 'password',
): Promise<number> {
  const now = deps.clock();
  return deps.journal.write(async (db) => {
    const rows: Counted[] = [];
    // In the order of their names, so that two attempts never wait for each other.
    for (const bucket of bucketsOf(name, address, guessed)) rows.push(await locked(db, bucket, now));
    const blockedUntil = Math.max(...rows.map((row) => row.blockedUntil));
    if (blockedUntil > now) return blockedUntil - now;
    for (const row of rows) await count(db, row, now);
    return 0;
  });
}

interface Counted {
  readonly bucket: Bucket;
  readonly failures: number;
  readonly blockedUntil: number;
}

/** A bucket's row, made when missing, and nobody else's until this transaction ends: the UPDATE locks it. */
async function locked(db: Kysely<AuthTables>, bucket: Bucket, now: number): Promise<Counted> {
  const fresh = { bucket: bucket.name, failures: 0, blocked_until: 0, last_at: now };
  const lock = db
    .updateTable('throttles')
    .set((eb) => ({ failures: eb.ref('failures') }))
    .where('bucket', '=', bucket.name);
  if ((await lock.executeTakeFirst()).numUpdatedRows === 0n) {
    // Fails when another attempt made it meanwhile; the row is then locked and read like any other.
    await db
      .insertInto('throttles')
      .values(fresh)
      .execute()
      .catch(() => lock.execute());
  }
  const row = await db.selectFrom('throttles').selectAll().where('bucket', '=', bucket.name).executeTakeFirstOrThrow();
  const isOld = now - Number(row.last_at) > forgetMs;
  return { bucket, failures: isOld ? 0 : row.failures, blockedUntil: Number(row.blocked_until) };
}

async function count(db: Kysely<AuthTables>, row: Counted, now: number): Promise<void> {
  const failures = row.failures + 1;
  await db
    .updateTable('throttles')
    .set({ failures, last_at: now, blocked_until: now + waitMs(failures, row.bucket.free) })
    .where('bucket', '=', row.bucket.name)
    .execute();
}

/** Takes the attempt back after a right password: this person from this address starts anew. */
export async function throttleClear(
  deps: AuthDeps,
  name: string,
  address: string,
  guessed: Guessed = 'password',
): Promise<void> {
  await deps.journal.write(async (db) => {
    for (const bucket of bucketsOf(name, address, guessed)) {
      const table = db.updateTable('throttles').where('bucket', '=', bucket.name);
      if (bucket.name.startsWith('both:')) await table.set({ failures: 0, blocked_until: 0 }).execute();
      else
        await table
          .where('failures', '>', 0)
          .set((eb) => ({ failures: eb('failures', '-', 1), blocked_until: 0 }))
          .execute();
    }
  });
}
