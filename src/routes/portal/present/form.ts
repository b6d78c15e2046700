import type { Issue } from '../../../errors.ts';

/** A field as the catalogue declares it. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly input: string;
  readonly required: boolean;
  readonly options?: readonly string[] | undefined;
  /** What stands for an option, where it is not the option itself. */
  readonly optionLabels?: Readonly<Record<string, string>> | undefined;
  readonly default?: unknown;
  readonly secret?: boolean | undefined;
  readonly help?: string | undefined;
  readonly placeholder?: string | undefined;
  /** The options were told by a master: none is chosen unasked. */
  readonly fromMaster?: boolean | undefined;
  /** What is asked of the browser's passkeys, whose answer the field takes too; JSON. */
  readonly passkey?: string | undefined;
}

export type Body = Readonly<Record<string, unknown>>;

/** What a form itself says, in the language of whoever fills it in. */
export interface FormWords {
  readonly fill: string;
  readonly optional: string;
  readonly unseen: string;
  readonly made: string;
  readonly lines: string;
  readonly pairs: string;
  readonly asItIs: string;
  readonly yes: string;
  readonly no: string;
}

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
  readonly passkey: string;
  readonly isSecret: boolean;
  /** A password that was just made: shown, since nobody can read it afterwards. */
  readonly isMade: boolean;
  /** Stands behind the label of what may be left empty. */
  readonly optional: string;
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

/** A form whose fields are free. */
export const noOffers: Offers = { suggestions: {}, options: {} };

/** Fields that few people ever fill in. */
const rare = new Set([
  ...['language', 'theme', 'reseller', 'owner', 'rootOnly', 'keepFtp', 'featureList', 'digestAuth', 'cgi'],
  ...['maxTeamUsers', 'maxEmailPerHour', 'maxDeferFailPercent', 'maxMailboxQuotaMb', 'maxLists', 'weight', 'port'],
  ...['flags', 'tag', 'newWeight', 'newPort', 'newFlags', 'newTag', 'start', 'stop'],
]);

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
  issues: readonly Issue[],
  offers: Offers,
  words: FormWords,
): FormModel {
  const drawn = shown(fields).map((field) => fieldModel(offered(field, values, offers), values, issues, offers, words));
  const isRare = (field: FieldModel): boolean => rare.has(field.name) && !field.required;
  const more = drawn.filter(isRare);
  const untouched = new Map(fields.map((field) => [field.name, textOf(field.default)]));
  return {
    fields: drawn.filter((field) => !isRare(field)),
    more,
    moreOpen: more.some(
      (field) => field.error !== '' || (!isEmpty(field) && field.value !== untouched.get(field.name)),
    ),
    issues: issues.map((issue) => issueModel(issue, fields, values, words)),
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

function issueModel(
  issue: Issue,
  fields: readonly FormField[],
  values: Body,
  words: FormWords,
): { href: string; text: string } {
  const field = fields.find((one) => one.name === fieldOf(issue));
  if (field === undefined) return { href: '', text: issue.message };
  return { href: `#f-${field.name}`, text: `${field.label}: ${sentenceFor(issue, values, words)}` };
}

/** 'args.0.1' belongs to the field 'args'. */
function fieldOf(issue: Issue): string {
  return issue.path.split('.')[0] ?? '';
}

/** What is wrong with a field that was left empty is that it is empty, whatever the schema says of its type. */
function sentenceFor(issue: Issue, values: Body, words: FormWords): string {
  const value = textOf(values[fieldOf(issue)]);
  return value === '' && !issue.path.includes('.') && issue.path !== 'confirm' ? words.fill : issue.message;
}

function fieldModel(
  field: FormField,
  values: Body,
  issues: readonly Issue[],
  offers: Offers,
  words: FormWords,
): FieldModel {
  const wasSent = Object.hasOwn(values, 'csrf');
  const value = textOf(values[field.name] ?? (wasSent ? '' : field.default));
  const issue = issues.find((one) => fieldOf(one) === field.name);
  const error = issue === undefined ? '' : sentenceFor(issue, values, words);
  const id = `f-${field.name}`;
  const isMade = field.secret === true && value !== '' && value === values['made'];
  const help = helpOf(field, words);
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
    options: optionsOf(field, value, words),
    suggestions: offers.suggestions[field.name] ?? [],
    help: isMade ? words.made : help,
    placeholder: field.placeholder ?? '',
    error,
    describedBy: describedBy(id, help, error),
    isSecret: field.secret === true,
    passkey: field.passkey ?? '',
    isMade,
    optional: words.optional,
  };
}

function describedBy(id: string, help: string, error: string): string {
  return [...(help === '' ? [] : [`${id}-help`]), ...(error === '' ? [] : [`${id}-error`])].join(' ');
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

function isList(field: FormField): boolean {
  return field.input === 'list' || field.input === 'pairs';
}

/** The arguments of any other function are a list of names with values; each is typed as a line. */
function isPairs(field: FormField): boolean {
  return field.input === 'pairs' || (field.input === 'list' && field.name === 'args');
}

function helpOf(field: FormField, words: FormWords): string {
  if (field.name === 'password' && field.secret === true && !field.required) return words.unseen;
  const how = isPairs(field) ? words.pairs : isList(field) ? words.lines : '';
  return [field.help ?? '', how].filter((text) => text !== '').join(' ');
}

function typeOf(field: FormField): string {
  if (field.secret === true) return 'password';
  // A limit may also be typed as a word ('unlimited'), which browsers' number fields do not take.
  return inputTypes.has(field.input) && field.input !== 'number' ? field.input : 'text';
}

function optionsOf(field: FormField, value: string, words: FormWords): FieldModel['options'] {
  if (isUnset(field)) return yesOrNo(value, words);
  // With a default an empty choice would only be another word for it.
  const isChosen = field.required ? value !== '' || !field.fromMaster : field.default !== undefined && value !== '';
  const empty = isChosen ? [] : [{ value: '', label: '—', selected: value === '' }];
  const named = (field.options ?? []).map((option) => ({
    value: option,
    label: field.optionLabels?.[option] ?? option,
    selected: option === value,
  }));
  return [...empty, ...named];
}

function yesOrNo(value: string, words: FormWords): FieldModel['options'] {
  const asked = value === 'on' || value === '1' ? 'true' : value;
  return [
    { value: '', label: words.asItIs, selected: asked === '' },
    { value: 'true', label: words.yes, selected: asked === 'true' },
    { value: 'false', label: words.no, selected: asked === 'false' },
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
