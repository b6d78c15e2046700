import type { Action, Subject } from '../../../actions/define.ts';
import { type AppError, Invalid, type Issue } from '../../../errors.ts';
import type { AccountRow } from '../../../operations/model.ts';
import { type Body, type FormField, type FormModel, formModel, type Offers } from './form.ts';
import { subjectName } from './operation.ts';

export interface ActionPage {
  readonly id: string;
  readonly title: string;
  readonly form: FormModel;
  /** What cannot be taken back, in words; '' for what destroys nothing. */
  readonly warning: string;
  readonly confirm: { readonly value: string; readonly error: string } | undefined;
  readonly problem: string;
  readonly hint: string;
  /** True when no master can be reached: the person is offered to queue it. */
  readonly offerQueue: boolean;
  readonly secondary: string;
}

export interface ActionGroup {
  readonly title: string;
  readonly actions: readonly { readonly title: string; readonly href: string; readonly danger: boolean }[];
}

const groupTitles: Readonly<Record<string, string>> = {
  account: 'Accounts',
  package: 'Packages',
  mailbox: 'Mailboxes',
  forwarder: 'Forwarders',
  autoresponder: 'Autoresponders',
  'default-address': 'Default address',
  domain: 'Domains',
  dns: 'DNS records',
  dkim: 'DKIM and SPF',
  spf: 'DKIM and SPF',
  database: 'Databases',
  'database-user': 'Database users',
  ftp: 'FTP accounts',
  reseller: 'Resellers',
  whm: 'Everything else',
};

/** The catalogue by object, in the catalogue's own order; `account` goes along into the forms, '' for none. */
export function actionGroups(
  actions: readonly Pick<Action, 'id' | 'title' | 'destroys'>[],
  account = '',
): readonly ActionGroup[] {
  const suffix = account === '' ? '' : `?account=${encodeURIComponent(account)}`;
  const groups = new Map<string, ActionGroup['actions'][number][]>();
  for (const action of actions) {
    const object = action.id.split('.')[0] ?? '';
    const title = groupTitles[object] ?? object;
    const item = { title: action.title, href: `/actions/${action.id}${suffix}`, danger: isDestructive(action) };
    groups.set(title, [...(groups.get(title) ?? []), item]);
  }
  return [...groups].map(([title, items]) => ({ title, actions: items }));
}

function isDestructive(action: Pick<Action, 'destroys'>): boolean {
  return (action.destroys ?? []).length > 0;
}

const accountFields = new Set(['account', 'user', 'username']);

/** What a link to a form brings with it: a value per field, and `account` for the field that names the account. */
export function prefilled(fields: readonly FormField[], query: Readonly<Record<string, unknown>>): Body {
  const values: Record<string, string> = {};
  for (const field of fields) {
    const value = query[field.name] ?? (accountFields.has(field.name) ? query['account'] : undefined);
    // A secret in an address would end up in histories and logs.
    if (typeof value === 'string' && field.secret !== true) values[field.name] = value;
  }
  return values;
}

/** A new password for each secret that would else be made unseen; `made` tells the form to show it. */
export function withPassword(fields: readonly FormField[], values: Body, made: () => string): Body {
  const field = fields.find((one) => one.name === 'password' && one.secret === true && !one.required);
  if (field === undefined) return values;
  const password = made();
  return { ...values, [field.name]: password, made: password };
}

/** What removes something wants its name typed. */
export function confirmIssue(action: Pick<Action, 'destroys'>, subject: Subject, body: Body): Issue | undefined {
  if (!isDestructive(action)) return undefined;
  const name = subjectName(subject);
  return body['confirm'] === name ? undefined : { path: 'confirm', message: `Type ${name} to confirm.` };
}

/** An action's form as the view draws it, with what was typed and what was wrong. */
export function actionPage(
  action: Pick<Action, 'id' | 'title' | 'destroys'>,
  fields: readonly FormField[],
  values: Body,
  rows: readonly AccountRow[],
  masters: readonly string[],
  packages: readonly string[],
  error: AppError | undefined,
): ActionPage {
  const issues = error instanceof Invalid ? error.issues : [];
  const form = formModel(fields, values, issues, offers(action, rows, packages));
  const confirmError = issues.find((issue) => issue.path === 'confirm')?.message ?? '';
  const offerQueue = error?.code === 'masters.unreachable';
  return {
    id: action.id,
    title: action.title,
    form: {
      ...form,
      issues: form.issues.map((issue) => (issue.text === confirmError ? { ...issue, href: '#f-confirm' } : issue)),
    },
    warning: warningOf(action, masters),
    confirm: isDestructive(action) ? { value: String(values['confirm'] ?? ''), error: confirmError } : undefined,
    problem: error?.message ?? '',
    hint: error?.hint ?? '',
    offerQueue,
    secondary: offerQueue ? `Queue it: ${action.title}` : '',
  };
}

const mostSuggested = 1000;

function offers(action: Pick<Action, 'id'>, rows: readonly AccountRow[], packages: readonly string[]): Offers {
  const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].filter(Boolean).toSorted();
  const plans = distinct(rows.map((row) => row.plan));
  const isAboutPackage = action.id.startsWith('package.') && action.id !== 'package.add';
  // The name of a new account is nobody's yet.
  const users = action.id === 'account.create' ? [] : distinct(rows.map((row) => row.user)).slice(0, mostSuggested);
  return {
    suggestions: { plan: plans, owner: distinct(['root', ...rows.map((row) => row.owner)]), account: users },
    options: { plan: packages, ...(isAboutPackage ? { name: packages } : {}) },
  };
}

const things = { home: 'the home directory', mail: 'mail', database: 'databases', zone: 'DNS zones' } as const;

function warningOf(action: Pick<Action, 'destroys'>, masters: readonly string[]): string {
  const gone = (action.destroys ?? []).map((what) => things[what]);
  if (gone.length === 0) return '';
  return `Removes ${listed(gone)} from ${listed(masters)}. This cannot be taken back, and Tandem knows of no backup.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
