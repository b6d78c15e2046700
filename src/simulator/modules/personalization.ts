import type { Context, Module, Result } from '../handler.ts';
import { ok, Refusal } from '../handler.ts';
import { table } from '../state.ts';

/** Values that a WHM user keeps on the server, which serve its own interface only; the key is 'user/store/name'. */
interface Kept {
  readonly value: string;
}

const kept = table<Kept>('personalization', { silent: true });

const NAME = /^[A-Za-z0-9_.:-]{1,128}$/u;
const LONGEST = 2048;

function keyOf({ caller, params }: Context, name: string): string {
  return `${caller.user}/${params.get('store') ?? ''}/${name}`;
}

/** The object under `personalization`: its values come as text or as what JSON has. */
function wanted({ params }: Context): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(params.require('personalization'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('The “personalization” parameter must be a JSON object.');
  // An object that JSON.parse made has only text keys.
  return value as Readonly<Record<string, unknown>>;
}

function get(context: Context): Result {
  const rows = context.state.of(kept);
  const found = context.params
    .list('names')
    .map((name) => [name, { success: 1, value: rows.get(keyOf(context, name))?.value ?? '', reason: 'OK' }]);
  return ok({ personalization: Object.fromEntries(found) });
}

function set(context: Context): Result {
  const rows = context.state.of(kept);
  const done = Object.entries(wanted(context)).map(([name, given]) => {
    const value = typeof given === 'string' ? given : JSON.stringify(given);
    if (!NAME.test(name)) return [name, { success: 0, value, reason: `“${name}” is not a valid name.` }];
    if (value.length > LONGEST) return [name, { success: 0, value, reason: 'The value is too long.' }];
    rows.set(keyOf(context, name), { value });
    return [name, { success: 1, value, reason: 'OK' }];
  });
  return ok({ personalization: Object.fromEntries(done) });
}

/** Small values that WHM keeps for each of its users, in named stores. */
export const personalization: Module = {
  whm: { personalization_get: get, personalization_set: set },
};
