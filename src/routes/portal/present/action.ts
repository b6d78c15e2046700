import type { Action, Subject } from '../../../actions/define.ts';
import { type AppError, Invalid, type Issue } from '../../../errors.ts';
import type { AccountRow } from '../../../operations/model.ts';
import type { PortalSay } from '../texts/en.ts';
import { type Body, type FormField, type FormModel, formModel, type Offers } from './form.ts';
import { formWords } from './form-words.ts';
import { subjectName } from './operation.ts';
import { listed } from './reader.ts';

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

const known = [
  ...(['account', 'package', 'feature-list', 'mailbox', 'forwarder', 'autoresponder', 'default-address'] as const),
  ...(['domain', 'dns', 'dkim', 'database', 'database-user', 'ftp', 'reseller', 'whm'] as const),
  ...(['postgres-database', 'postgres-user'] as const),
];

/** The catalogue by object, in the catalogue's own order; `account` goes along into the forms, '' for none. */
export function actionGroups(
  actions: readonly Pick<Action, 'id' | 'title' | 'destroys'>[],
  say: PortalSay,
  account = '',
): readonly ActionGroup[] {
  const suffix = account === '' ? '' : `?account=${encodeURIComponent(account)}`;
  const groups = new Map<string, ActionGroup['actions'][number][]>();
  for (const action of actions) {
    const object = action.id.split('.')[0] ?? '';
    const group = known.find((one) => one === (object === 'spf' ? 'dkim' : object));
    const title = group === undefined ? object : say(`group.${group}`);
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
export function confirmIssue(
  action: Pick<Action, 'destroys'>,
  subject: Subject,
  body: Body,
  say: PortalSay,
): Issue | undefined {
  if (!isDestructive(action)) return undefined;
  const name = subjectName(subject);
  return body['confirm'] === name ? undefined : { path: 'confirm', message: say('action.type', { name }) };
}

/** What an action's page is made of. */
export interface AskedAction {
  readonly action: Pick<Action, 'id' | 'title' | 'destroys'>;
  readonly fields: readonly FormField[];
  /** What was typed, or came with the link. */
  readonly values: Body;
  /** Accounts whose names are suggested. */
  readonly rows: readonly AccountRow[];
  /** Short names of all masters. */
  readonly masters: readonly string[];
  /** Names of packages; [] while no master told them. */
  readonly packages: readonly string[];
  readonly error?: AppError | undefined;
  /** What is known of backups, where something is removed; '' where nothing is. */
  readonly backup?: string;
}

/** An action's form as the view draws it, with what was typed and what was wrong. */
export function actionPage(asked: AskedAction, say: PortalSay): ActionPage {
  const { action, fields, values, rows, packages, error } = asked;
  const issues = error instanceof Invalid ? error.issues : [];
  const form = formModel(fields, values, issues, offers(action, rows, packages), formWords(say));
  const confirmError = issues.find((issue) => issue.path === 'confirm')?.message ?? '';
  const offerQueue = error?.code === 'masters.unreachable';
  return {
    id: action.id,
    title: action.title,
    form: {
      ...form,
      issues: form.issues.map((issue) => (issue.text === confirmError ? { ...issue, href: '#f-confirm' } : issue)),
    },
    warning: warningOf(asked, say),
    confirm: isDestructive(action) ? { value: String(values['confirm'] ?? ''), error: confirmError } : undefined,
    problem: error?.message ?? '',
    hint: error?.hint ?? '',
    offerQueue,
    secondary: offerQueue ? say('action.queue', { action: action.title }) : '',
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

function warningOf({ action, masters, backup = '' }: AskedAction, say: PortalSay): string {
  const gone = (action.destroys ?? []).map((what) => say(`thing.${what}`));
  if (gone.length === 0) return '';
  return say('action.removes', {
    what: listed(gone, say),
    masters: listed(masters, say),
    backup: backup === '' ? say('action.backup.none') : backup,
  });
}
