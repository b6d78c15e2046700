/** Forms of the self-service: fields as data, drawn by the same views as the staff portal's. */
import { type AppError, Invalid, Unreachable } from '../../errors.ts';
import { newPassword } from '../portal/new-password.ts';
import { type FieldModel, type FormField, formModel, noOffers } from '../portal/present/form.ts';
import { formWords } from '../portal/present/form-words.ts';
import type { Block, Problem } from '../portal/sheet.ts';
import { sayAny } from './texts/index.ts';
import { onceOf, telling, type Visit } from './visit.ts';

export type { FormField } from '../portal/present/form.ts';

/** What is wrong with which field, in the visitor's language. */
function issuesOf(visit: Visit, error: AppError | undefined): readonly { path: string; message: string }[] {
  if (!(error instanceof Invalid)) return [];
  return error.issues.map((issue) => ({ path: issue.path, message: sayAny(visit.language, issue.message) }));
}

export interface CustomerForm {
  /** Where it is sent: the path of an act route. */
  readonly action: string;
  readonly fields: readonly FormField[];
  readonly button: string;
  readonly hidden?: Readonly<Record<string, string>>;
  /** What stands in the fields before anything is typed. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly danger?: boolean;
  readonly wide?: boolean;
  /** Folded away behind this word until it is wanted, or has a mistake. */
  readonly fold?: string;
  /** A field that gets a strong password which nobody has seen before; shown, since it is kept nowhere. */
  readonly makes?: string;
}

/** Whether this is the form that was just sent: the same path, and the same hidden values. */
function wasSent(visit: Visit, form: CustomerForm): boolean {
  if (visit.error === undefined || visit.request.path !== form.action) return false;
  return Object.entries(form.hidden ?? {}).every(([name, value]) => visit.body[name] === value);
}

/**
 * A form; undefined for whoever may change nothing here. After a mistake it holds what was typed, secrets excepted.
 * A page with several forms of one path tells them apart by their hidden values.
 */
export function formBlock(visit: Visit, form: CustomerForm): readonly Block[] {
  if (!visit.mayChange) return [];
  const isSent = wasSent(visit, form);
  const made = form.makes === undefined ? {} : { made: newPassword() };
  const fields = drawnFields(visit, form, isSent, made);
  return [
    {
      kind: 'form',
      action: form.action,
      fields,
      button: form.button,
      hidden: { ...form.hidden, ...made, once: onceOf(visit.parts) },
      ...(form.danger === true ? { danger: true } : {}),
      ...(form.wide === true ? { wide: true } : {}),
      ...(form.fold === undefined ? {} : { fold: form.fold, open: isSent }),
    },
  ];
}

function drawnFields(
  visit: Visit,
  form: CustomerForm,
  isSent: boolean,
  made: { readonly made?: string },
): readonly FieldModel[] {
  const { say } = visit;
  const secret = new Set(form.fields.filter((field) => field.secret === true).map((field) => field.name));
  const typed = Object.fromEntries(Object.entries(visit.body).filter(([name]) => !secret.has(name)));
  const waits = isSent && visit.error instanceof Unreachable;
  const queue: FormField = {
    name: 'queue',
    label: say('form.queue'),
    input: 'checkbox',
    required: true,
    default: false,
  };
  const { fields, more } = formModel(
    waits ? [...form.fields, queue] : form.fields,
    { ...(isSent ? typed : form.values), ...made, ...(form.makes === undefined ? {} : { [form.makes]: made.made }) },
    isSent ? issuesOf(visit, visit.error) : [],
    noOffers,
    formWords(say),
  );
  return [...fields, ...more];
}

/** What stands on top of a page after a mistake, with links to the fields. */
export function problemOf(visit: Visit, labels: ReadonlyMap<string, string>): Problem | undefined {
  if (visit.error === undefined) return undefined;
  const issues = issuesOf(visit, visit.error).map((issue) => {
    const label = labels.get(issue.path);
    return label === undefined
      ? { href: '', text: issue.message }
      : { href: `#f-${issue.path}`, text: `${label}: ${issue.message}` };
  });
  return { ...telling(visit, visit.error), issues };
}

/** A button that sends a form of its own; none for whoever may change nothing here. */
export function postButton(
  visit: Visit,
  label: string,
  action: string,
  hidden: Readonly<Record<string, string>> = {},
  danger = false,
) {
  return visit.mayChange ? [{ label, action, hidden: { ...hidden, once: onceOf(visit.parts) }, danger }] : [];
}

/** Throws Invalid when the name of what goes was not typed. The field's name is `confirm`. */
export function mustConfirm(visit: Visit, name: string): void {
  if ((visit.body['confirm'] ?? '').trim() === name) return;
  throw new Invalid('form.again', [{ path: 'confirm', message: 'form.confirm.wrong' }]);
}

/** The field in which the name of what goes is typed. */
export function confirmField(visit: Visit, name: string): FormField {
  return {
    name: 'confirm',
    label: visit.say('form.confirm'),
    help: visit.say('form.confirm.help', { name }),
    input: 'text',
    required: true,
  };
}
