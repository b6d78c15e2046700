import type { Json } from './model.ts';

/**
 * The shape of an answer: which types stand where. The elements of a list count together, since which of them are there
 * differs between servers; null counts as nothing seen, since whether a value is set differs too.
 */
export interface Shape {
  /** 'number', 'text', 'truth value', 'list', 'object'. */
  readonly types: ReadonlySet<string>;
  readonly keys: ReadonlyMap<string, Shape>;
  /** Keys that every object seen here had. */
  readonly always: ReadonlySet<string>;
  /** Of lists, and of objects whose keys are names. */
  readonly items: Shape | undefined;
}

const nothing: Shape = { types: new Set(), keys: new Map(), always: new Set(), items: undefined };

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const typeNames: Readonly<Record<string, string>> = { string: 'text', number: 'number', boolean: 'truth value' };

function only(type: string, more: Partial<Shape> = {}): Shape {
  return { ...nothing, types: new Set([type]), ...more };
}

/** `maps`: paths whose keys are names of things, 'data.tokens'. A list adds '[]' to the path. */
export function shapeOf(value: Json, maps: readonly string[] = [], path = ''): Shape {
  if (value === null) return nothing;
  if (isList(value)) return only('list', { items: together(value, maps, `${path}[]`) });
  if (!isObject(value)) return only(typeNames[typeof value] ?? typeof value);
  if (maps.includes(path)) return only('object', { items: together(Object.values(value), maps, `${path}.*`) });
  const inner = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const keys = new Map(Object.entries(value).map(([key, one]) => [key, shapeOf(one, maps, inner(key))]));
  return only('object', { keys, always: new Set(keys.keys()) });
}

function together(values: readonly Json[], maps: readonly string[], path: string): Shape | undefined {
  return values.map((value) => shapeOf(value, maps, path)).reduce<Shape | undefined>(merged, undefined);
}

function merged(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const names = new Set([...a.keys.keys(), ...b.keys.keys()]);
  const keys = [...names].map((key) => [key, merged(a.keys.get(key), b.keys.get(key)) ?? nothing] as const);
  const both = a.types.has('object') && b.types.has('object');
  const always = both ? [...a.always].filter((key) => b.always.has(key)) : [...a.always, ...b.always];
  return {
    types: new Set([...a.types, ...b.types]),
    keys: new Map(keys),
    always: new Set(always),
    items: merged(a.items, b.items),
  };
}

/** Where two answers have another shape, a sentence each, the path first. */
export function compareShapes(master: Shape, simulator: Shape, path = ''): readonly string[] {
  const where = path === '' ? 'the answer' : path;
  if (master.types.size === 0 || simulator.types.size === 0) return [];
  if (spoken(master.types) !== spoken(simulator.types)) {
    return [`${where}: the master sends ${spoken(master.types)}, the simulator ${spoken(simulator.types)}`];
  }
  return [...compareKeys(master, simulator, path), ...compareItems(master, simulator, path)];
}

function compareKeys(master: Shape, simulator: Shape, path: string): readonly string[] {
  const names = [...new Set([...master.keys.keys(), ...simulator.keys.keys()])].sort();
  return names.flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    const [ours, theirs] = [master.keys.get(key), simulator.keys.get(key)];
    if (ours !== undefined && theirs !== undefined) return compareShapes(ours, theirs, at);
    const [who, other] = ours === undefined ? ['simulator', 'master'] : ['master', 'simulator'];
    const sometimes = !(ours === undefined ? simulator : master).always.has(key);
    return [`${at}: only the ${who} sends it${sometimes ? ' (not in every entry)' : ''}, the ${other} never does`];
  });
}

function compareItems(master: Shape, simulator: Shape, path: string): readonly string[] {
  if (master.items === undefined || simulator.items === undefined) return [];
  return compareShapes(master.items, simulator.items, `${path}[]`);
}

function spoken(types: ReadonlySet<string>): string {
  return [...types].sort().join(' or ');
}

/** Equal for values of the same shape, null and absent entries told apart. */
export function signatureOf(value: Json): string {
  if (value === null) return '-';
  if (isList(value)) return `[${[...new Set(value.map(signatureOf))].sort().join()}]`;
  if (!isObject(value)) return typeof value;
  const entries = Object.entries(value).map(([key, one]) => `${key}:${signatureOf(one)}`);
  return `{${entries.sort().join()}}`;
}
