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
  /** The options were told by a master: none is chosen unasked. */
  readonly fromMaster?: boolean | undefined;
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
  /** May be left empty, and then nothing stands in its place. */
  readonly isOptional: boolean;
  readonly options: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
  readonly suggestions: readonly string[];
  readonly help: string;
  readonly placeholder: string;
  readonly error: string;
  readonly describedBy: string;
  readonly isSecret: boolean;
  /** A password that was just made: shown, since nobody can read it afterwards. */
  readonly isMade: boolean;
}

export interface FormModel {
  readonly fields: readonly FieldModel[];
  /** Fields that are seldom needed, folded away below the others. */
  readonly more: readonly FieldModel[];
  /** Whether one of those needs a look at once: it has a mistake, or something was typed in it. */
  readonly moreOpen: boolean;
  /** All that is wrong, with links to the fields. */
  readonly issues: readonly { readonly href: string; readonly text: string }[];
}

/** What a form offers for its fields, by field name. */
export interface Offers {
  /** Shown while typing; anything else may be typed too. */
  readonly suggestions: Readonly<Record<string, readonly string[]>>;
  /** All there is: the field becomes a list to choose from. What was typed before stays among them. */
  readonly options: Readonly<Record<string, readonly string[]>>;
}

const noOffers: Offers = { suggestions: {}, options: {} };

/** Fields that few people ever fill in. */
const rare = new Set(
  (
    'language theme reseller owner rootOnly keepFtp featureList digestAuth cgi maxTeamUsers maxEmailPerHour ' +
    'maxDeferFailPercent maxMailboxQuotaMb maxLists weight port flags tag newWeight newPort newFlags newTag start stop'
  ).split(' '),
);

const inputTypes = new Set(['text', 'email', 'number', 'password', 'url', 'date']);

/** Hidden fields are chosen by Tandem itself, never typed. */
function shown(fields: readonly FormField[]): readonly FormField[] {
  return fields.filter((field) => field.input !== 'hidden');
}

/**
 * A form's fields with what was typed in them, so that a mistake loses nothing. `values` is a request's body or query.
 */
export function formModel(
  fields: readonly FormField[],
  values: Body,
  issues: readonly Issue[] = [],
  offers: Offers = noOffers,
): FormModel {
  const drawn = shown(fields).map((field) => fieldModel(offered(field, values, offers), values, issues, offers));
  const isRare = (field: FieldModel): boolean => rare.has(field.name) && !field.required;
  const more = drawn.filter(isRare);
  const untouched = new Map(fields.map((field) => [field.name, textOf(field.default)]));
  return {
    fields: drawn.filter((field) => !isRare(field)),
    more,
    moreOpen: more.some(
      (field) => field.error !== '' || (!isEmpty(field) && field.value !== untouched.get(field.name)),
    ),
    issues: issues.map((issue) => issueModel(issue, fields, values)),
  };
}

function isEmpty(field: FieldModel): boolean {
  return field.value === '' || (field.kind === 'checkbox' && !field.checked);
}

/** The field with the choices that a master told, and what was typed before among them. */
function offered(field: FormField, values: Body, offers: Offers): FormField {
  const options = offers.options[field.name] ?? [];
  if (options.length === 0) return field;
  const typed = textOf(values[field.name] ?? field.default);
  return {
    ...field,
    fromMaster: true,
    options: typed === '' || options.includes(typed) ? options : [typed, ...options],
  };
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

function fieldModel(field: FormField, values: Body, issues: readonly Issue[], offers: Offers): FieldModel {
  const wasSent = Object.hasOwn(values, 'csrf');
  const value = textOf(values[field.name] ?? (wasSent ? '' : field.default));
  const issue = issues.find((one) => fieldOf(one) === field.name);
  const error = issue === undefined ? '' : sentenceFor(issue, values);
  const id = `f-${field.name}`;
  const isMade = field.secret === true && value !== '' && value === values['made'];
  return {
    id,
    name: field.name,
    label: field.label,
    kind: kindOf(field),
    type: isMade ? 'text' : typeOf(field),
    value,
    checked: value === 'on' || value === 'true' || value === '1',
    required: field.required,
    isOptional: !field.required && field.default === undefined,
    options: optionsOf(field, value),
    suggestions: offers.suggestions[field.name] ?? [],
    help: isMade ? madeHelp : helpOf(field),
    placeholder: field.placeholder ?? '',
    error,
    describedBy: [...(helpOf(field) === '' ? [] : [`${id}-help`]), ...(error === '' ? [] : [`${id}-error`])].join(' '),
    isSecret: field.secret === true,
    isMade,
  };
}

function kindOf(field: FormField): FieldModel['kind'] {
  if (isUnset(field)) return 'select';
  if (field.input === 'checkbox') return 'checkbox';
  if (field.options !== undefined && field.options.length > 0) return 'select';
  return isList(field) || field.input === 'textarea' ? 'textarea' : 'text';
}

/** A yes-or-no that may also stay as it is: an empty check box would say no to what nobody asked about. */
function isUnset(field: FormField): boolean {
  return field.input === 'checkbox' && !field.required && field.default === undefined;
}

const unseenHelp = 'Left empty, one is made that nobody can read.';
const madeHelp = 'A new one was made. Keep it now: once sent it cannot be read any more. Empty it to type your own.';

function isList(field: FormField): boolean {
  return field.input === 'list' || field.input === 'pairs';
}

/** The arguments of any other function are a list of names with values; each is typed as a line. */
function isPairs(field: FormField): boolean {
  return field.input === 'pairs' || (field.input === 'list' && field.name === 'args');
}

function helpOf(field: FormField): string {
  if (field.name === 'password' && field.secret === true && !field.required) return unseenHelp;
  const how = isPairs(field) ? 'One per line, as name=value.' : isList(field) ? 'One per line.' : '';
  return [field.help ?? '', how].filter((text) => text !== '').join(' ');
}

function typeOf(field: FormField): string {
  if (field.secret === true) return 'password';
  // A limit may also be typed as a word ('unlimited'), which browsers' number fields do not take.
  return inputTypes.has(field.input) && field.input !== 'number' ? field.input : 'text';
}

function optionsOf(field: FormField, value: string): FieldModel['options'] {
  if (isUnset(field)) return yesOrNo(value);
  // With a default an empty choice would only be another word for it.
  const isChosen = field.required ? value !== '' || !field.fromMaster : field.default !== undefined && value !== '';
  const empty = isChosen ? [] : [{ value: '', label: '—', selected: value === '' }];
  const named = (field.options ?? []).map((option) => ({ value: option, label: option, selected: option === value }));
  return [...empty, ...named];
}

function yesOrNo(value: string): FieldModel['options'] {
  const asked = value === 'on' || value === '1' ? 'true' : value;
  return [
    { value: '', label: 'As it is', selected: asked === '' },
    { value: 'true', label: 'Yes', selected: asked === 'true' },
    { value: 'false', label: 'No', selected: asked === 'false' },
  ];
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
  if (isUnset(field) && text === '') return undefined;
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
