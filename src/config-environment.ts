import { configKeys, environmentName } from './config-keys.ts';
import type { Issue } from './errors.ts';

/** Keys as they were read, before they are checked. */
export type Raw = Record<string, unknown>;

/** True for a map of keys. */
export function isGroup(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id of a master that may not have been checked yet. */
export function idOf(master: unknown): unknown {
  return isGroup(master) ? master['id'] : undefined;
}

function setAt(raw: Raw, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    raw[first] = value;
    return;
  }
  const below = raw[first];
  const group = isGroup(below) ? below : {};
  raw[first] = group;
  setAt(group, rest, value);
}

/** The master of that id in the raw list; a new one is added when the environment alone describes it. */
function masterAt(raw: Raw, id: string): Raw {
  const list: unknown[] = Array.isArray(raw['masters']) ? raw['masters'] : [];
  raw['masters'] = list;
  const found = list.find((one) => idOf(one) === id);
  if (isGroup(found)) return found;
  const added: Raw = { id };
  list.push(added);
  return added;
}

const lists = new Set(['masters', 'addressPairs', 'masters.*.id', 'watch.places', 'watch.anchors', 'watch.checks']);
const settable = configKeys.filter((one) => !lists.has(one.path));
const plainNames = new Map(
  settable.filter((one) => !one.path.includes('*')).map((one) => [environmentName(one.path), one.path]),
);
const masterNames = settable.filter((one) => one.path.startsWith('masters.*.'));

/** Puts one variable where it belongs; false when no key is called so. */
function setFromEnvironment(raw: Raw, name: string, value: string): boolean {
  const path = plainNames.get(name);
  if (path !== undefined) {
    setAt(raw, path.split('.'), value);
    return true;
  }
  for (const one of masterNames) {
    const [before = '', after = ''] = environmentName(one.path).split('*');
    const id = name.slice(before.length, name.length - after.length);
    if (name !== `${before}${id}${after}` || !/^[A-Z][A-Z0-9]{0,15}$/.test(id)) continue;
    setAt(masterAt(raw, id.toLowerCase()), one.path.split('.').slice(2), value);
    return true;
  }
  return false;
}

/**
 * Lays the environment over what the file said. Answers an issue for every TANDEM_ variable that names no key;
 * TANDEM_CONFIG and TANDEM_TEST_… are left alone.
 */
export function applyEnvironment(raw: Raw, env: NodeJS.ProcessEnv): Issue[] {
  const ours = Object.entries(env).filter(
    ([name]) => name.startsWith('TANDEM_') && name !== 'TANDEM_CONFIG' && !name.startsWith('TANDEM_TEST_'),
  );
  return ours
    .filter(([name, value]) => value !== undefined && !setFromEnvironment(raw, name, value))
    .map(([name]) => ({ path: name, message: 'no key is called so. Example: TANDEM_TIMING_LEASE_MS=15000' }));
}
