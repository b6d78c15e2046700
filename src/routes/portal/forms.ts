/** Small forms of the portal's own pages: fields as data, zod at the edge, mistakes back into the form. */
import type { Request, Response } from 'express';
import { AppError, Invalid, type Issue, NotAllowed } from '../../errors.ts';
import { statusOf } from '../shared/status-of.ts';
import { waiting } from '../shared/unread.ts';
import type { PortalParts } from './deps.ts';
import { sendPage } from './frame.ts';
import { type Body, type FieldModel, type FormField, formModel, noOffers } from './present/form.ts';
import { formWords } from './present/form-words.ts';
import type { Problem, Sheet } from './sheet.ts';
import { sureIssue } from './sure.ts';

/** The fields of a form that is drawn, with what was typed; secrets typed before are left out. */
export function fieldsFor(
  { say }: Pick<PortalParts, 'say'>,
  fields: readonly FormField[],
  values: Body = {},
  issues: readonly Issue[] = [],
): readonly FieldModel[] {
  const secret = new Set(
    fields.filter((field) => field.secret === true || field.input === 'password').map((f) => f.name),
  );
  const kept = Object.fromEntries(Object.entries(values).filter(([name]) => !secret.has(name)));
  const { fields: drawn, more } = formModel(fields, { ...kept, sure: '' }, issues, noOffers, formWords(say));
  return [...drawn, ...more];
}

/** The issues of an error; none for one that is about no field. */
export function issuesOf(error: unknown): readonly Issue[] {
  return error instanceof Invalid ? error.issues : [];
}

/** What stands on top of a page after a mistake. */
export function problemOf(error: AppError, fields: readonly FormField[]): Problem {
  const issues = issuesOf(error).map((issue) => {
    const field = fields.find((one) => one.name === issue.path);
    return field === undefined
      ? { href: '', text: issue.message }
      : { href: `#f-${field.name}`, text: `${field.label}: ${issue.message}` };
  });
  return { sentence: error.message, hint: error.hint ?? '', issues };
}

/** A request's body as texts. */
export function bodyOf(request: Request): Readonly<Record<string, string>> {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

/** Goes on only when the person is sure; throws Invalid at the field otherwise. */
export async function mustBeSure(parts: PortalParts, request: Request): Promise<void> {
  const issue = await sureIssue(parts, request);
  if (issue !== undefined) throw new Invalid(parts.say('form.again'), [issue]);
}

/**
 * Does what a form asks. Done: on to `next`. A mistake: the page again, with what was typed and what is wrong.
 * What nobody expected, and what is not allowed, goes to the problem page.
 */
export async function submitted(
  response: Response,
  work: () => Promise<string | undefined>,
  again: (error: AppError) => Promise<void>,
): Promise<void> {
  let next: string | undefined;
  try {
    next = await work();
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof NotAllowed) throw error;
    return again(error);
  }
  if (next !== undefined) response.redirect(303, next);
}

/** Sends a page that is data. */
export function sendSheet(
  parts: PortalParts,
  request: Request,
  response: Response,
  sheet: Sheet,
  error?: AppError,
): Promise<void> {
  const { sheet: drawn, refresh } = waiting(sheet, request, parts.say('live.again'));
  const options = { title: sheet.heading, refresh, status: error === undefined ? 200 : statusOf(error) };
  return sendPage(parts, request, response, 'sheet', options, drawn);
}
