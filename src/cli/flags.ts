import { type ParseArgsConfig, parseArgs } from 'node:util';
import { z } from 'zod';
import type { Action } from '../actions/define.ts';
import { type Field, fieldsOf } from '../actions/index.ts';
import { Invalid, messageOf } from '../errors.ts';
import { kebab } from './flag-names.ts';

/** One parameter of an action as the command line offers it. */
export interface Flag {
  readonly field: string;
  /** Without the two dashes: 'quota-mb'. */
  readonly name: string;
  readonly kind: 'text' | 'switch' | 'list' | 'pairs';
  readonly secret: boolean;
  readonly required: boolean;
  readonly label: string;
  readonly help?: string;
  readonly choices?: readonly string[];
}

export type Options = NonNullable<ParseArgsConfig['options']>;

/** Flags that every command has. */
export const commonOptions = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

/** Flags that every command which changes something has. */
export const waitOptions = {
  wait: { type: 'string' },
  'no-wait': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  queue: { type: 'boolean' },
  'idempotency-key': { type: 'string' },
} as const satisfies Options;

const listOfPairs = z.object({ items: z.object({ type: z.literal('array') }) });

function kindOf(field: Field, action: Action): Flag['kind'] {
  if (field.input === 'checkbox') return 'switch';
  const schema = z.toJSONSchema(action.params, { io: 'input', unrepresentable: 'any' });
  if (listOfPairs.safeParse(schema.properties?.[field.name]).success) return 'pairs';
  return field.input === 'list' ? 'list' : 'text';
}

/** The flags of an action, from its fields; those that Tandem chooses itself are not offered. */
export function flagsOf(action: Action): readonly Flag[] {
  return fieldsOf(action)
    .filter((field) => field.input !== 'hidden')
    .map((field) => ({
      field: field.name,
      name: kebab(field.name),
      kind: kindOf(field, action),
      secret: field.secret,
      required: field.required,
      label: field.label,
      ...(field.help === undefined ? {} : { help: field.help }),
      ...(field.options === undefined ? {} : { choices: field.options }),
    }));
}

/** node:util's options for these flags. A secret has no flag of its own: command lines are seen by everybody. */
export function optionsOf(flags: readonly Flag[]): Options {
  const entries = flags.flatMap(({ name, kind, secret }): [string, Options[string]][] => {
    if (secret)
      return [
        [`${name}-stdin`, { type: 'boolean' }],
        [`${name}-file`, { type: 'string' }],
      ];
    if (kind === 'switch')
      return [
        [name, { type: 'boolean' }],
        [`no-${name}`, { type: 'boolean' }],
      ];
    return [[name, { type: 'string', multiple: kind === 'list' || kind === 'pairs' }]];
  });
  return Object.fromEntries(entries);
}

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** Parses flags and positionals. Throws Invalid that names the flag. */
export function parse(
  args: readonly string[],
  options: Options,
): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const message = messageOf(cause).split('. ')[0] ?? '';
    const secret = /'--([a-z-]+)/.exec(message)?.[1] ?? '';
    const hint =
      `${secret}-stdin` in options ? `Give it with --${secret}-stdin or --${secret}-file FILE.` : 'See: tandem help';
    throw new Invalid(`${message}.`, [], { cause, hint });
  }
}

/** Where secrets come from; each source is read once. */
export interface SecretSource {
  stdin(): Promise<string>;
  file(path: string): Promise<string>;
}

/** The value without the line break that `echo` and editors put at its end. */
function oneLine(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** A secret from `--NAME-stdin` or `--NAME-file`; undefined when neither is given. */
export async function secretOf(name: string, values: Values, source: SecretSource): Promise<string | undefined> {
  const file = values[`${name}-file`];
  if (values[`${name}-stdin`] === true) return oneLine(await source.stdin());
  return typeof file === 'string' ? oneLine(await source.file(file)) : undefined;
}

/** `--args user=bob --args ip=192.0.2.5`: name and value, in order. */
function pairsOf(flag: Flag, given: Values[string]): readonly (readonly [string, string])[] | undefined {
  if (given === undefined || typeof given !== 'object') return undefined;
  return given.map((item) => {
    const text = String(item);
    const at = text.indexOf('=');
    if (at < 1) throw new Invalid(`--${flag.name} is wrong.`, [{ path: flag.field, message: 'Give NAME=VALUE.' }]);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
}

/** Text stays text: the action's own fields take it from there. */
function typedValue(flag: Flag, values: Values): unknown {
  if (flag.kind === 'pairs') return pairsOf(flag, values[flag.name]);
  return flag.kind === 'switch' && values[`no-${flag.name}`] === true ? false : values[flag.name];
}

/** The action's parameters as they were typed; the action's own schema judges them later. */
export async function paramsOf(
  flags: readonly Flag[],
  values: Values,
  source: SecretSource,
): Promise<Readonly<Record<string, unknown>>> {
  if (flags.filter((flag) => values[`${flag.name}-stdin`] === true).length > 1)
    throw new Invalid('Only one secret can come from the standard input.');
  const params: Record<string, unknown> = {};
  for (const flag of flags) {
    const value = flag.secret ? await secretOf(flag.name, values, source) : typedValue(flag, values);
    if (value !== undefined) params[flag.field] = value;
  }
  return params;
}
