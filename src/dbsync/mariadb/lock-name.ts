/** Names of locks in a server that no customer can know: anybody who signs in can take a lock, and keep it. */
import { randomBytes } from 'node:crypto';
import { DatabaseFailed, ownSchema } from '../model.ts';
import type { Session } from './connect.ts';

/** Neither the schema nor its table is there: the pair is not made yet. */
const notMade = new Set([1049, 1146]);

async function secretOf(session: Session): Promise<string> {
  const [row] = await session.rows('SELECT value FROM ??.local_mark WHERE name = ?', [ownSchema, 'lock']);
  return row?.['value'] ?? '';
}

/** The lock's name on this server; until the pair was made for the first time, the word itself. */
export async function lockName(session: Session, word: string): Promise<string> {
  try {
    const known = await secretOf(session);
    if (known !== '') return `${word} ${known}`;
    // It stays on this server whatever the session logs: the other one passes over such tables.
    await session.rows(
      `INSERT IGNORE INTO ??.local_mark (name, value) SELECT 'lock', ? FROM ??.local_mark
        WHERE name = 'pair' AND JSON_VALUE(value, '$.kind') = 'paired'`,
      [ownSchema, randomBytes(18).toString('base64url'), ownSchema],
    );
    return `${word} ${await secretOf(session)}`.trim();
  } catch (error) {
    const cause = error instanceof DatabaseFailed ? error.cause : undefined;
    if (cause instanceof Error && 'errno' in cause && notMade.has(Number(cause.errno))) return word;
    throw error;
  }
}
