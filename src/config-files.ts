import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Issue, messageOf } from './errors.ts';

/** Files that the configuration names. Everything unreadable is listed before anything is thrown. */
export interface Files {
  readonly issues: Issue[];
  path(value: string): string;
  /** Contents, without the last line break; '' when it cannot be read, with an issue. */
  text(key: string, file: string): string;
  pem(key: string, file: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): string;
}

/** Relative paths are taken from `directory`. */
export function filesFrom(directory: string): Files {
  const issues: Issue[] = [];
  const path = (value: string): string => resolve(directory, value);
  function text(key: string, file: string): string {
    try {
      const found = readFileSync(path(file), 'utf8').trimEnd();
      if (found === '') issues.push({ path: key, message: `${path(file)} is empty` });
      return found;
    } catch (error) {
      issues.push({ path: key, message: `cannot be read: ${messageOf(error)}. Example: /etc/tandem/m1-ca.pem` });
      return '';
    }
  }
  function pem(key: string, file: string, kind: string): string {
    const found = text(key, file);
    const right = new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(found);
    if (found !== '' && !right) issues.push({ path: key, message: `${path(file)} holds no PEM "BEGIN ${kind}"` });
    return found;
  }
  return { issues, path, text, pem };
}
