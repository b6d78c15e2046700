import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, found upwards from a module; the same from sources and from dist. Throws when there is none. */
export function projectRoot(moduleUrl: string): string {
  let folder = dirname(fileURLToPath(moduleUrl));
  while (!existsSync(join(folder, 'views'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the views folder is missing from the installation');
    folder = parent;
  }
  return folder;
}
