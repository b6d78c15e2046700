import type { Issue } from '../../../errors.ts';

/** A field as the catalogue declares it. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly input: string;
  readonly required: boolean;
  readonly options?: readonly string[] | undefined;
  readonly default?: unknown;
  readonly secret?: boolean | undefined;
  readonly help?: string | undefined;
  readonly placeholder?: string | undefined;
}

export type Body = Readonly<Record<string, unknown>>;

export interface FieldModel {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'checkbox' | 'select' | 'textarea';
  readonly type: string;
  readonly value: string;
  readonly checked: boolean;
  readonly required: boolean;
  readonly options: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
  readonly suggestions: readonly string[];
  readonly help: string;
  readonly placeholder: string;
  readonly error: string;
  readonly describedBy: string;
  readonly isSecret: boolean;
}

export interface FormModel {
  readonly fields: readonly FieldModel[];
  /** All that is wrong, with links to the fields. */
  readonly issues: readonly { readonly href: string; readonly text: string }[];
}

const inputTypes = new Set(['text', 'email', 'number', 'password', 'url', 'date']);

/** Hidden fields are chosen by Tandem itself, never typed. */
function shown(fields: readonly FormField[]): readonly FormField[] {
  return fields.filter((field) => field.input !== 'hidden');
}

/**
 * A form's fields with what was typed in them, so that a mistake loses nothing. `values` is a request's body or query;
 * `suggestions` are offered while typing, by field name.
 */
export function formModel(
  fields: readonly FormField[],
  values: Body,
  issues: readonly Issue[] = [],
  suggestions: Readonly<Record<string, readonly string[]>> = {},
): FormModel {
  const drawn = shown(fields).map((field) => fieldModel(field, values, issues, suggestions[field.name] ?? []));
  return { fields: drawn, issues: issues.map((issue) => issueModel(issue, fields, values)) };
}

function issueModel(issue: Issue, fields: readonly FormField[], values: Body): { href: string; text: string } {
  const field = fields.find((one) => one.name === fieldOf(issue));
  if (field === undefined) return { href: '', text: issue.message };
  return { href: `#f-${field.name}`, text: `${field.label}: ${sentenceFor(issue, values)}` };
}

/** 'args.0.1' belongs to the field 'args'. */
function fieldOf(issue: Issue): string {
  return issue.path.split('.')[0] ?? '';
}

/** What is wrong with a field that was left empty is that it is empty, whatever the schema says of its type. */
function sentenceFor(issue: Issue, values: Body): string {
  const value = textOf(values[fieldOf(issue)]);
  return value === '' && !issue.path.includes('.') && issue.path !== 'confirm' ? 'Fill this in.' : issue.message;
}

function fieldModel(
  field: FormField,
  values: Body,
  issues: readonly Issue[],
  suggestions: readonly string[],
): FieldModel {
  const wasSent = Object.hasOwn(values, 'csrf');
  const value = textOf(values[field.name] ?? (wasSent ? '' : field.default));
  const issue = issues.find((one) => fieldOf(one) === field.name);
  const error = issue === undefined ? '' : sentenceFor(issue, values);
  const id = `f-${field.name}`;
  return {
    id,
    name: field.name,
    label: field.label,
    kind: kindOf(field),
    type: typeOf(field),
    value,
    checked: value === 'on' || value === 'true' || value === '1',
    required: field.required,
    options: optionsOf(field, value),
    suggestions,
    help: helpOf(field),
    placeholder: field.placeholder ?? '',
    error,
    describedBy: [...(helpOf(field) === '' ? [] : [`${id}-help`]), ...(error === '' ? [] : [`${id}-error`])].join(' '),
    isSecret: field.secret === true,
  };
}

function kindOf(field: FormField): FieldModel['kind'] {
  if (field.input === 'checkbox') return 'checkbox';
  if (field.options !== undefined && field.options.length > 0) return 'select';
  return isList(field) || field.input === 'textarea' ? 'textarea' : 'text';
}

function isList(field: FormField): boolean {
  return field.input === 'list' || field.input === 'pairs';
}

/** The arguments of any other function are a list of names with values; each is typed as a line. */
function isPairs(field: FormField): boolean {
  return field.input === 'pairs' || (field.input === 'list' && field.name === 'args');
}

function helpOf(field: FormField): string {
  const how = isPairs(field) ? 'One per line, as name=value.' : isList(field) ? 'One per line.' : '';
  return [field.help ?? '', how].filter((text) => text !== '').join(' ');
}

function typeOf(field: FormField): string {
  if (field.secret === true) return 'password';
  // A limit may also be typed as a word ('unlimited'), which browsers' number fields do not take.
  return inputTypes.has(field.input) && field.input !== 'number' ? field.input : 'text';
}

function optionsOf(field: FormField, value: string): FieldModel['options'] {
  const empty = field.required ? [] : [{ value: '', label: '—', selected: value === '' }];
  const named = (field.options ?? []).map((option) => ({ value: option, label: option, selected: option === value }));
  return [...empty, ...named];
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value))
    return value.map((entry) => (Array.isArray(entry) ? entry.join('=') : textOf(entry))).join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A form's body as unparsed parameters: what was left empty is left out, check boxes are true or false. */
export function paramsOf(fields: readonly FormField[], body: Body): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const field of shown(fields)) {
    const value = paramOf(field, textOf(body[field.name]));
    if (value !== undefined) params[field.name] = value;
  }
  return params;
}

function paramOf(field: FormField, text: string): unknown {
  if (field.input === 'checkbox') return text === 'on' || text === 'true' || text === '1';
  const trimmed = field.secret === true ? text : text.trim();
  if (trimmed === '') return undefined;
  if (field.input === 'number') return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
  if (isPairs(field)) return linesOf(trimmed).map(pairOf);
  return field.input === 'list' ? linesOf(trimmed) : trimmed;
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function pairOf(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
