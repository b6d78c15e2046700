import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Inside the project, so that what is compiled there finds node_modules. */
const runs = fileURLToPath(new URL('../../.cache/tests', import.meta.url));

/**
 * A folder whose contents are made once for all files of a run: their processes have one parent, and whoever comes
 * second waits for the first. Nobody may change what is in it.
 */
export async function oncePerRun(name: string, make: (dir: string) => Promise<void>): Promise<string> {
  const dir = resolve(runs, String(process.ppid), name);
  if (begun(dir)) {
    try {
      await make(dir);
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
    writeFileSync(resolve(dir, 'done'), '');
  }
  while (!existsSync(resolve(dir, 'done'))) {
    if (!existsSync(dir)) throw new Error(`${name} could not be made, as another test file says`);
    await delay(50);
  }
  return dir;
}

/** True for the first that comes. What runs before this one have left is swept away. */
function begun(dir: string): boolean {
  mkdirSync(dirname(dir), { recursive: true });
  for (const pid of readdirSync(runs)) {
    if (!existsSync(`/proc/${pid}`)) rmSync(resolve(runs, pid), { recursive: true, force: true });
  }
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
