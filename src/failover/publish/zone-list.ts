import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../apply/files.ts';

/** Names that may stand in a configuration file of BIND or PowerDNS. */
const plainName = /^[A-Za-z0-9_.-]+$/;

/** The text of a file with one zone statement a line, for BIND and for PowerDNS' bind backend. */
export function zoneList(dir: string, zones: readonly string[]): string {
  return zones
    .filter((zone) => plainName.test(zone))
    .map((zone) => `zone "${zone}" { type master; file "${join(dir, `${zone}.db`)}"; };\n`)
    .join('');
}

/** Writes the list when it is another one; answers whether it was. */
export async function listFor(file: string, dir: string, zones: readonly string[]): Promise<boolean> {
  const wanted = zoneList(dir, zones);
  const there = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (there === wanted) return false;
  await replaceFile(file, wanted, 0o644);
  return true;
}
