import type { Request, Response } from 'express';
import type { Action } from '../../../actions/define.ts';
import type { Actor } from '../../../auth/actor.ts';
import { may } from '../../../auth/may.ts';
import { has } from '../../../auth/roles.ts';
import { type AppError, NotFound } from '../../../errors.ts';
import type { AccountRow } from '../../../operations/model.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, sendSheet } from '../forms.ts';
import { namesOf, readerOf } from '../frame.ts';
import { sendLive } from '../live.ts';
import { accountButtons } from '../present/account.ts';
import { accountItem } from '../present/accounts.ts';
import type { FormField } from '../present/form.ts';
import { readableDomain } from '../present/idn.ts';
import { operationRow } from '../present/operation.ts';
import { placementText } from '../present/placement.ts';
import { ago, stamp } from '../present/time.ts';
import { mustSee, ownersFor } from '../sees.ts';
import type { Block, Link, Sheet } from '../sheet.ts';
import { accountsNow, type SourceModel, sourceModel } from '../soon.ts';
import { actorIn } from '../who.ts';
import { insideBlocks } from './account-inside.ts';

type Fact = Extract<Block, { kind: 'facts' }>['rows'][number];

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
    accountsNow(parts, actor),
    parts.operations.list({ account: user, limit: 25 }),
    ownersFor(parts, actor),
  ]);
  const row = list.rows.find((one) => one.user === user);
  const source = sourceModel(parts, list, names);
  if (row === undefined && operations.length === 0 && source.unread === '')
    throw new NotFound(parts.say('account.none', { account: user }));
  const subject = { kind: 'account', account: user } as const;
  const allowed = parts.catalogue.actions.filter((action) => may(actor, action, subject, ownerOf));
  const rows = operations.map((view) => operationRow(view, readerOf(parts)));
  const { say } = parts;
  const differences = await differencesFor(parts, actor, user);
  const inside = row === undefined ? [] : await insideBlocks(parts, request, row, allowed);
  const sheet: Sheet = {
    heading: user,
    machine: true,
    trail: { label: say('menu.accounts'), href: '/accounts' },
    ...(error === undefined ? {} : { problem: problemOf(error, formFields(parts)) }),
    more: row === undefined ? [] : everyday(row, allowed, say('account.more')),
    blocks: [
      ...(row === undefined
        ? [await goneBlock(parts, user, source.unread, allowed)]
        : [identity(parts, row, differences, await belongsRow(parts, actor, row))]),
      ...staleBlock(parts, source),
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

/** Differences between the masters are for staff. */
async function differencesFor(parts: PortalParts, actor: Actor, user: string): Promise<number> {
  return actor.scope === 'all' && parts.differences !== undefined ? parts.differences(user) : 0;
}

/** Which accounts there are may have changed since: the page asks once more. */
function staleBlock({ say }: PortalParts, source: SourceModel): readonly Block[] {
  if (!source.old) return [];
  return [
    {
      kind: 'text',
      text: say('live.read', { master: source.from, age: source.read.text }),
      tone: 'meta',
      stale: true,
    },
  ];
}

/** With the way to bring it back, where there is one. */
async function goneBlock(
  { archives, say }: PortalParts,
  account: string,
  unread: string,
  allowed: readonly Action[],
): Promise<Block> {
  if (unread !== '') return { kind: 'unread', text: say('live.unread') };
  const restore = allowed.find(({ id }) => id === 'account.restore');
  const newest = restore === undefined ? undefined : await archives?.newest(account);
  if (restore === undefined || newest === undefined) return { kind: 'text', text: say('account.gone'), tone: 'note' };
  const query = new URLSearchParams({ account, archive: newest.id });
  const link = { label: restore.title, href: `/actions/${restore.id}?${query.toString()}` };
  return { kind: 'text', text: say('account.gone.archive', { time: stamp(newest.at) }), tone: 'note', link };
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
    { kind: 'buttons', links: buttons, posts: [], danger: true },
  ];
}

/** Where it belongs, and what a failure does to it; for staff. */
async function belongsRow(parts: PortalParts, actor: Actor, row: AccountRow): Promise<readonly Fact[]> {
  if (parts.placement === undefined || actor.scope !== 'all') return [];
  const { say } = parts;
  const placed = await parts.placement.of(row.user, row.plan);
  const text = placementText(parts, placed);
  const href = has(actor.role, 'switchover') ? { href: `/placement/accounts/${encodeURIComponent(row.user)}` } : {};
  return [{ label: say('placement.preferred'), text, ...href, ...(placed.isProtected ? {} : { tone: 'warn' }) }];
}

function identity(parts: PortalParts, row: AccountRow, differences: number, belongs: readonly Fact[]): Block {
  const { say } = parts;
  const names = namesOf(parts);
  const item = accountItem(row, readerOf(parts));
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
      ...belongs,
      ...(differences === 0
        ? []
        : [
            {
              label: say('account.differences'),
              text: say('account.differences.see', { count: differences }),
              href: `/drift?${new URLSearchParams({ account: row.user }).toString()}`,
            },
          ]),
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
        time: ago(new Date(Number(note.at)).toISOString(), readerOf(parts)),
        text: note.text,
        button: { label: say('notes.remove'), action: `${path}/${note.id}/remove` },
      })),
    },
    {
      kind: 'form',
      action: path,
      fields: fieldsFor(parts, formFields(parts).slice(0, 1), bodyOf(request), issuesOf(error)),
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
      fields: fieldsFor(parts, formFields(parts).slice(1), bodyOf(request), issuesOf(error)),
      button: say('as.button'),
      fold: say('as.title'),
      open: issuesOf(error).some((issue) => issue.path === 'reason'),
    },
  ];
}
