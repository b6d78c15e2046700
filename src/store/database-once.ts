import { isDuplicate } from './database-errors.ts';

const mostTries = 5;

/**
 * Runs a write that looks for a row and makes it where it is absent. Two processes may make the same row at one moment
 * (on MariaDB neither sees the other's before its commit): the one that comes second begins again, and sees it.
 */
export async function seeingOthers<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= mostTries || !isDuplicate(error)) throw error;
    }
  }
}
