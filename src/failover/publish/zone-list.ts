import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../apply/files.ts';
import type { SigningLines } from './bind-keys.ts';

/** Names that may stand in a configuration file of BIND or PowerDNS. */
const plainName = /^[A-Za-z0-9_.-]+$/;

const unsigned: SigningLines = { head: '', of: () => '' };

/** The text of a file with one zone statement a line, for BIND and for PowerDNS' bind backend. */
export function zoneList(dir: string, zones: readonly string[], signing: SigningLines = unsigned): string {
  const lines = zones
    .filter((zone) => plainName.test(zone))
    .map((zone) => `zone "${zone}" { type master; file "${join(dir, `${zone}.db`)}";${signing.of(zone)} };\n`);
  return `${signing.head}${lines.join('')}`;
}

/** Writes the list when it is another one; answers whether it was. */
export async function listFor(
  file: string,
  dir: string,
  zones: readonly string[],
  signing?: SigningLines,
): Promise<boolean> {
  const wanted = zoneList(dir, zones, signing);
  const there = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (there === wanted) return false;
  await replaceFile(file, wanted, 0o644);
  return true;
}
