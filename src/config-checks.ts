import type { z } from 'zod';
import { idOf, isGroup } from './config-environment.ts';
import { configKey, keysBelow } from './config-keys.ts';
import type { FileConfig } from './config-schema.ts';
import type { Issue } from './errors.ts';

/** 'masters.m1.port' for ['masters', 0, 'port'], so that nobody has to count; places and checks of `watch` likewise. */
function nameOf(path: readonly PropertyKey[], raw: unknown): string {
  let at = raw;
  return path
    .map((part) => {
      at = Array.isArray(at) && typeof part === 'number' ? at[part] : isGroup(at) ? at[String(part)] : undefined;
      const id = typeof part === 'number' ? idOf(at) : undefined;
      return typeof id === 'string' ? id : String(part);
    })
    .join('.');
}

function withExample(path: readonly PropertyKey[], sentence: string): string {
  const example = configKey(path)?.example;
  return example === undefined ? sentence : `${sentence}. Example: ${example}`;
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text (in quotes if it looks like a number)',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
};

/** One plain sentence about a zod issue; never the value, which may be a secret. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return 'must be one of the kinds that are documented';
    default:
      return issue.message;
  }
}

/** zod's findings as issues that name the key, what is wrong and an example. */
export function issuesOf(error: z.ZodError, raw: unknown): Issue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ path: nameOf(issue.path, raw), message: withExample(issue.path, sentenceOf(issue)) }];
    }
    const known = keysBelow(issue.path).join(', ');
    return issue.keys.map((name) => ({
      path: nameOf([...issue.path, name], raw),
      message: `is not a key that Tandem knows here. Known: ${known}`,
    }));
  });
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}

function pairIssues(config: FileConfig): Issue[] {
  const ids = config.masters.map((master) => master.id);
  const issues = config.addressPairs.flatMap((pair, at) => {
    const named = Object.keys(pair.addresses);
    const unknown = named.filter((id) => !ids.includes(id)).map((id) => `names ${id}, which is no master`);
    const absent = ids.filter((id) => !named.includes(id)).map((id) => `has no address for master ${id}`);
    return [...unknown, ...absent].map((what) => ({
      path: `addressPairs.${at}.addresses`,
      message: `${what}. Example: addresses: { ${ids.map((id, n) => `${id}: 192.0.2.${n + 11}`).join(', ')} }`,
    }));
  });
  const all = [
    ...config.masters.map((master) => master.address),
    ...config.addressPairs.flatMap((pair) => Object.values(pair.addresses)),
  ];
  const twice = repeated(all).map((address) => ({
    path: 'addressPairs',
    message: `${address} stands in two places; an address has exactly one counterpart on each master`,
  }));
  return [...issues, ...twice];
}

/** What no single key can tell: ids and addresses that clash, and a journal that cannot be shared. */
export function crossChecks(config: FileConfig): Issue[] {
  const ids = repeated(config.masters.map((master) => master.id)).map((id) => ({
    path: 'masters',
    message: `${id} is the id of two masters; each needs its own. Example: id: m2`,
  }));
  const shared: Issue = {
    path: 'journal.kind',
    message: 'SQLite cannot be shared by several control nodes. Example: kind: mariadb (or nodes: 1)',
  };
  return [...ids, ...pairIssues(config), ...(config.nodes > 1 && config.journal.kind === 'sqlite' ? [shared] : [])];
}
