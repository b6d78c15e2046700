/** Statements that are longer than the server lets applications send. */
import { DatabaseFailed } from '../model.ts';
import type { Session, Size } from './connect.ts';
import { lockName } from './lock-name.ts';

/** The most that MariaDB can be set to, in bytes. */
const most = 1_073_741_824;
/** Shorter statements fit any server that applications can use. */
const usual = 500_000;
const waitSeconds = 20;

/** What a statement with so many letters needs. Throws DatabaseFailed when no server takes it. */
export function sizeOf(letters: number): Size {
  // Room for what stands around the text, and for what must be quoted in it.
  if (letters * 1.1 + 1000 > most)
    throw new DatabaseFailed(
      `A changed row needs a statement of ${letters} letters, and MariaDB takes ${most} at most.`,
    );
  return letters > usual ? 'long' : 'usual';
}

/**
 * Opens something while connections may send as much as MariaDB can take. A connection keeps the limit that stood when it
 * began (max_allowed_packet), so it is lifted for that moment only. A kill in between leaves it lifted until the server
 * restarts, which harms nobody.
 */
export async function whileLong<T>(session: Session, open: () => Promise<T>): Promise<T> {
  const name = await lockName(session, 'tandem packet');
  const [row] = await session.rows('SELECT GET_LOCK(?, ?) AS mine', [name, waitSeconds]);
  if (row?.['mine'] !== '1') throw new DatabaseFailed('Another Tandem is lifting max_allowed_packet. Try again.');
  try {
    // Read under the lock: what stood while somebody else had lifted it is not what is to come back.
    const [now] = await session.rows('SELECT @@GLOBAL.max_allowed_packet AS was');
    await session.rows('SET GLOBAL max_allowed_packet = ?', [most]);
    try {
      return await open();
    } finally {
      await session.rows('SET GLOBAL max_allowed_packet = ?', [Number(now?.['was'])]);
    }
  } finally {
    await session.rows('DO RELEASE_LOCK(?)', [name]);
  }
}
