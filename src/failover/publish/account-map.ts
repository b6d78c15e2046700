import { readFile } from 'node:fs/promises';

/** Which account a zone belongs to: 'domain: account' lines, as in cPanel's /etc/userdomains. */

/** Reads such a text; what is no such line is skipped. Names without closing dot, small letters. */
export function accountsOf(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^\s*([^\s:#]+)\s*:\s*([a-z0-9_-]+)\s*$/i.exec(line);
    if (found !== null) map.set((found[1] ?? '').toLowerCase().replace(/\.$/, ''), found[2] ?? '');
  }
  return map;
}

/** The map in a file; an empty one when there is no file yet, so that everything follows the pair. */
export async function readAccounts(file: string): Promise<ReadonlyMap<string, string>> {
  try {
    return accountsOf(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
}
