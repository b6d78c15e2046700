import { z } from 'zod';
import type { Action } from './define.ts';
import type { FieldMeta } from './fields.ts';

/** One field of an action, as forms, flags and documents draw it. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly input: NonNullable<FieldMeta['input']>;
  readonly required: boolean;
  /** What may be chosen; undefined: anything that parses. */
  readonly options?: readonly string[];
  readonly default?: unknown;
  readonly secret: boolean;
  readonly help?: string;
  readonly placeholder?: string;
}

const shape = z.looseObject({
  type: z.unknown().optional(),
  enum: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  anyOf: z.array(z.looseObject({ type: z.unknown().optional() })).optional(),
  label: z.string().optional(),
  help: z.string().optional(),
  input: z.enum(['text', 'password', 'email', 'number', 'select', 'checkbox', 'textarea', 'list', 'hidden']).optional(),
  secret: z.boolean().optional(),
  placeholder: z.string().optional(),
});

const document = z.looseObject({
  properties: z.record(z.string(), shape).default({}),
  required: z.array(z.string()).default([]),
});

function inputOf(field: z.output<typeof shape>): Field['input'] {
  if (field.input !== undefined) return field.input;
  if (field.enum !== undefined) return 'select';
  if (field.type === 'array') return 'list';
  const kinds = new Set((field.anyOf ?? []).map((one) => one.type));
  return kinds.has('boolean') ? 'checkbox' : 'text';
}

/** From the schema itself: JSON Schema leaves out a default whose field also takes text. */
function defaultOf(action: Action, name: string): { readonly default?: unknown } {
  const field: unknown = action.params.shape[name];
  return field instanceof z.ZodDefault ? { default: field.def.defaultValue } : {};
}

/** The fields of an action in the order in which they are declared. Hidden ones are among them, marked so. */
export function fieldsOf(action: Action): readonly Field[] {
  const known = fieldsByAction.get(action);
  if (known !== undefined) return known;
  const fields = readFields(action);
  fieldsByAction.set(action, fields);
  return fields;
}

/** The schema is walked once for each action: every request asks which of its fields are secret. */
const fieldsByAction = new WeakMap<Action, readonly Field[]>();

function readFields(action: Action): readonly Field[] {
  const { properties, required } = document.parse(
    z.toJSONSchema(action.params, { io: 'input', unrepresentable: 'any' }),
  );
  return Object.entries(properties).map(([name, field]) => ({
    name,
    label: field.label ?? name,
    input: inputOf(field),
    required: required.includes(name),
    ...(field.enum === undefined ? {} : { options: field.enum.map(String) }),
    ...defaultOf(action, name),
    secret: field.secret ?? false,
    ...(field.help === undefined ? {} : { help: field.help }),
    ...(field.placeholder === undefined ? {} : { placeholder: field.placeholder }),
  }));
}

const hidden = '•••';

function covered(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return secrets.has(value) ? hidden : value;
  if (Array.isArray(value)) return value.map((one) => covered(one, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, covered(one, secrets)]));
}

/** Every secret value inside parsed parameters: those of secret fields, and those that the action names itself. */
export function secretsOf(action: Action, params: Readonly<Record<string, unknown>>): readonly string[] {
  const own = fieldsOf(action).flatMap(({ name, secret }) => {
    const value = params[name];
    return secret && typeof value === 'string' && value !== '' ? [value] : [];
  });
  return [...own, ...(action.secrets?.(params) ?? [])];
}

/** Parameters for people and logs: every secret is '•••', and nothing else changes. */
export function redact(action: Action, params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const further = new Set(action.secrets?.(params) ?? []);
  const secret = new Set(fieldsOf(action).flatMap((field) => (field.secret ? [field.name] : [])));
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      secret.has(name) && value !== undefined ? hidden : covered(value, further),
    ]),
  );
}
