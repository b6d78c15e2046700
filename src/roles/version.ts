import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../routes/shared/root.ts';

/** The version in package.json, from sources and from dist. */
export async function projectVersion(): Promise<string> {
  const text = await readFile(join(projectRoot(import.meta.url), 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
