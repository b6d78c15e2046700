/** What one role knows, in a file for others that read it: written whole, and worth nothing when it is of another version. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

export interface StateFile<T> {
  /** Replaces what was there. Throws when the folder cannot be written. */
  write(folder: string, state: T): Promise<void>;
  /** undefined: nobody has written it, or another version has. Throws when it cannot be read. */
  read(folder: string): Promise<T | undefined>;
}

const fileName = 'state.json';

/** `state.json` in the folder that each call names; for its owner alone. */
export function stateFile<T>(schema: z.ZodType<T>): StateFile<T> {
  return {
    async write(folder, state) {
      const part = join(folder, `${fileName}.part`);
      await writeFile(part, JSON.stringify(state), { mode: 0o600 });
      await rename(part, join(folder, fileName));
    },
    async read(folder) {
      try {
        const parsed = schema.safeParse(JSON.parse(await readFile(join(folder, fileName), 'utf8')));
        return parsed.success ? parsed.data : undefined;
      } catch (error) {
        if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
          return undefined;
        throw error;
      }
    },
  };
}
