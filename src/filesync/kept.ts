import { readdirSync } from 'node:fs';
import type { Branch } from './site.ts';
import { bytes, look } from './tree.ts';

/** Every file below a folder of the spool, as STAMP/TREE/PATH, sorted; at most so many. */
export function keptIn(branch: Branch, where: 'trash' | 'conflicts', most = 10_000): string[] {
  const found: string[] = [];
  const top = `${branch.spool.path}/${where}`;
  const todo = [top];
  for (let folder = todo.pop(); folder !== undefined && found.length < most; folder = todo.pop()) {
    for (const name of readdirSync(bytes(folder), { encoding: 'latin1' })) {
      const path = `${folder}/${name}`;
      if (look(path, 0)?.kind === 'directory') todo.push(path);
      else found.push(path.slice(top.length + 1));
    }
  }
  return found.sort();
}
