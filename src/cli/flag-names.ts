import type { Issue } from '../errors.ts';

/** 'quotaMb' → 'quota-mb'. */
export function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** An issue's path in the caller's own words: the flag. */
export function flagIssue(issue: Issue): Issue {
  const [field = '', ...rest] = issue.path.split('.');
  return field === '' ? issue : { path: [`--${kebab(field)}`, ...rest].join('.'), message: issue.message };
}
