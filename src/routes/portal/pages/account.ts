import type { Request, Response } from 'express';
import type { Action } from '../../../actions/define.ts';
import { may } from '../../../auth/may.ts';
import { has } from '../../../auth/roles.ts';
import { type AppError, NotFound } from '../../../errors.ts';
import type { AccountRow } from '../../../operations/model.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet } from '../forms.ts';
import { namesOf } from '../frame.ts';
import { sendLive } from '../live.ts';
import { accountButtons } from '../present/account.ts';
import { accountItem } from '../present/accounts.ts';
import type { FormField } from '../present/form.ts';
import { readableDomain } from '../present/idn.ts';
import { operationRow } from '../present/operation.ts';
import { ago } from '../present/time.ts';
import { mustSee, ownersFor } from '../sees.ts';
import type { Block, Link, Sheet } from '../sheet.ts';
import { accountsNow, sourceModel } from '../soon.ts';
import { actorIn } from '../who.ts';
import { insideBlocks } from './account-inside.ts';

/** One account: identity, both masters side by side, what is in it, notes, activity. */
export async function sendAccount(
  parts: PortalParts,
  request: Request,
  response: Response,
  error?: AppError,
): Promise<void> {
  const actor = actorIn(request);
  const user = String(request.params['user']);
  await mustSee(parts, actor, user);
  const names = namesOf(parts);
  const [list, operations, ownerOf] = await Promise.all([
    accountsNow(parts.reads, actor),
    parts.operations.list({ account: user, limit: 25 }),
    ownersFor(parts, actor),
  ]);
  const row = list.rows.find((one) => one.user === user);
  const source = sourceModel(parts, list, names);
  if (row === undefined && operations.length === 0 && source.unread === '')
    throw new NotFound(`There is no account ${user}.`);
  const subject = { kind: 'account', account: user } as const;
  const allowed = parts.catalogue.actions.filter((action) => may(actor, action, subject, ownerOf));
  const rows = operations.map((view) => operationRow(view, names, parts.clock()));
  const { say } = parts;
  const inside = row === undefined ? [] : await insideBlocks(parts, request, row, allowed);
  const sheet: Sheet = {
    heading: user,
    machine: true,
    trail: { label: say('menu.accounts'), href: '/accounts' },
    ...(error === undefined ? {} : { problem: problemOf(error, formFields(parts)) }),
    more: row === undefined ? [] : everyday(row, allowed, say('account.more')),
    blocks: [
      ...(row === undefined ? [goneBlock(parts, source.unread)] : [identity(parts, row)]),
      ...inside,
      ...(actor.scope === 'all' ? await noteBlocks(parts, request, user, error) : []),
      ...(row !== undefined && has(actor.role, 'log-in-as') ? asBlocks(parts, request, user, error) : []),
      { kind: 'heading', text: say('account.activity'), id: 'activity' },
      { kind: 'operations', rows, empty: say('account.activity.empty') },
      ...(row === undefined ? [] : dangerBlocks(parts, row, allowed)),
    ],
  };
  if (error !== undefined) return sendSheet(parts, request, response, sheet, error);
  return sendLive(parts, request, response, sheet);
}

function goneBlock(parts: PortalParts, unread: string): Block {
  return unread === ''
    ? { kind: 'text', text: parts.say('account.gone'), tone: 'note' }
    : { kind: 'unread', text: parts.say('live.unread') };
}

/** What is done daily; what destroys stands at the end of the page. */
function everyday(row: AccountRow, allowed: readonly Action[], more: string): readonly Link[] {
  const buttons = accountButtons(row, allowed).filter((button) => !button.danger);
  return [...buttons, { label: more, href: `/actions?account=${encodeURIComponent(row.user)}` }];
}

function dangerBlocks(parts: PortalParts, row: AccountRow, allowed: readonly Action[]): readonly Block[] {
  const buttons = accountButtons(row, allowed).filter((button) => button.danger);
  if (buttons.length === 0) return [];
  return [
    { kind: 'heading', text: parts.say('danger') },
    { kind: 'links', links: buttons },
  ];
}

function identity(parts: PortalParts, row: AccountRow): Block {
  const { say } = parts;
  const names = namesOf(parts);
  const item = accountItem(row, names);
  return {
    kind: 'facts',
    rows: [
      { label: say('account.pair'), chips: item.chips },
      row.suspended
        ? { label: say('person.state'), text: say('person.suspended'), tone: 'warn' }
        : { label: say('person.state'), text: say('person.active'), tone: 'good' },
      { label: say('account.domain'), text: row.domain, machine: true, meta: readableDomain(row.domain) },
      { label: say('account.package'), text: row.plan },
      { label: say('account.owner'), text: row.owner },
      { label: say('account.email'), text: row.email === '' ? '–' : row.email, machine: true },
      { label: say('account.disk'), text: row.diskused === '' ? '–' : row.diskused },
      { label: say('account.active-on'), text: names(row.active) },
    ],
  };
}

function formFields(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  return [
    { name: 'note', label: say('notes.write'), input: 'textarea', required: true },
    { name: 'reason', label: say('as.reason'), help: say('as.reason.help'), input: 'text', required: true },
  ];
}

async function noteBlocks(
  parts: PortalParts,
  request: Request,
  user: string,
  error?: AppError,
): Promise<readonly Block[]> {
  const { say } = parts;
  const notes = await parts.auth.desk.notes(user);
  const path = `/accounts/${encodeURIComponent(user)}/notes`;
  return [
    { kind: 'heading', text: say('notes.title'), id: 'notes' },
    {
      kind: 'log',
      rows: notes.map((note) => ({
        who: note.author,
        time: ago(new Date(Number(note.at)).toISOString(), parts.clock()),
        text: note.text,
        button: { label: say('notes.remove'), action: `${path}/${note.id}/remove` },
      })),
    },
    {
      kind: 'form',
      action: path,
      fields: fieldsFor(formFields(parts).slice(0, 1), bodyOf(request), issuesOf(error)),
      button: say('notes.add'),
      fold: say('notes.add'),
      open: issuesOf(error).some((issue) => issue.path === 'note'),
    },
  ];
}

function asBlocks(parts: PortalParts, request: Request, user: string, error?: AppError): readonly Block[] {
  const { say } = parts;
  return [
    {
      kind: 'form',
      action: `/accounts/${encodeURIComponent(user)}/log-in-as`,
      fields: fieldsFor(formFields(parts).slice(1), bodyOf(request), issuesOf(error)),
      button: say('as.button'),
      fold: say('as.title'),
      open: issuesOf(error).some((issue) => issue.path === 'reason'),
    },
  ];
}
