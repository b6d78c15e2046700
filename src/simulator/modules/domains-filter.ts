import { Refusal } from '../params.ts';

/** The `regex` parameter of list functions: whether a name is wanted. Refuses a pattern that is none. */
export function nameFilter(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true;
  try {
    const found = new RegExp(pattern, 'iu');
    return (name) => found.test(name);
  } catch {
    throw new Refusal(`“${pattern}” is not a valid regular expression.`);
  }
}
