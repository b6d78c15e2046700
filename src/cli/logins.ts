import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { Invalid, messageOf } from '../errors.ts';
import { type Login, loginSchema } from '../failover/commands/logins.ts';

/** What `tandem failover drill --logins FILE` reads: a list of logins in YAML. */

function read(file: string): unknown {
  try {
    // It holds passwords.
    if ((statSync(file).mode & 0o077) !== 0)
      throw new Invalid(`${file}: others may read it.`, [], { hint: `Run: chmod 600 ${file}` });
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw new Invalid(`${file} cannot be read: ${messageOf(error).split('\n')[0]}`, [], {
      hint: 'See docs/watching.md, Which logins survive.',
    });
  }
}

/** The logins of a file. Throws Invalid, with where and why, and without what stands there. */
export function loginsIn(file: string): Login[] {
  const found = z.array(loginSchema).min(1).max(50).safeParse(read(file));
  if (found.success) return found.data;
  const issues = found.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Invalid(`${file} is no list of logins`, issues, { hint: 'See docs/watching.md, Which logins survive.' });
}
