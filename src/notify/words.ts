/** Words for the role that owns a folder of warnings, left by another process: each is a file that appears whole. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../log.ts';

const wordSchema = z.discriminatedUnion('kind', [
  /** Somebody has it. */
  z.object({ kind: z.literal('acknowledged'), key: z.string().max(200), by: z.string().max(100) }),
  /** The gateway that took a message lost it. */
  z.object({ kind: z.literal('lost'), providerId: z.string().max(200), status: z.string().max(50) }),
]);
export type Word = z.output<typeof wordSchema>;

const placeOf = (folder: string): string => join(folder, 'words');

/** Leaves a word. Throws when the folder cannot be written. */
export async function leaveWord(folder: string, word: Word): Promise<void> {
  await mkdir(placeOf(folder), { recursive: true, mode: 0o700 });
  const file = join(placeOf(folder), `${randomBytes(8).toString('hex')}.json`);
  await writeFile(`${file}.new`, JSON.stringify(word), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Hands over every word that was left, and then forgets it; what cannot be read is logged and dropped. */
export async function takeWords(folder: string, take: (word: Word) => Promise<void>, log: Logger): Promise<void> {
  const names = await readdir(placeOf(folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = join(placeOf(folder), name);
    const parsed = wordSchema.safeParse(jsonOf(await readFile(file, 'utf8')));
    if (parsed.success) await take(parsed.data);
    else log.warn({ file: name }, 'a word for the warnings cannot be read and is dropped');
    await rm(file);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says that it cannot be read.
  }
}
