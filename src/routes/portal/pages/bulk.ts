/** One action for many accounts: chosen or all that match, a preview, one operation per account, a result per row. */
import { type Request, type Response, Router } from 'express';
import { ulid } from 'ulid';
import type { Action } from '../../../actions/define.ts';
import type { Actor } from '../../../auth/actor.ts';
import { type OwnerOf, whyNot } from '../../../auth/may.ts';
import { AppError, Invalid, NotFound } from '../../../errors.ts';
import type { AccountRow, OperationView } from '../../../operations/model.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, mustBeSure, sendSheet } from '../forms.ts';
import { readerOf } from '../frame.ts';
import { graceOf } from '../grace.ts';
import { accountFilter, accountItem, matchingAccounts } from '../present/accounts.ts';
import { type FormField, paramsOf } from '../present/form.ts';
import { undoModel } from '../present/grace.ts';
import { ownersFor } from '../sees.ts';
import type { Block, Cell, Sheet } from '../sheet.ts';
import { accountsNow } from '../soon.ts';
import { sureField } from '../sure.ts';
import { actorIn } from '../who.ts';

/** What may be done to many at once: nothing that destroys. */
export const bulkActions = ['account.suspend', 'account.unsuspend', 'account.change-package'] as const;
/** More than this many at once ask for a second look, and for the number to be typed. */
const typedFrom = 10;
const most = 500;

interface Wanted {
  readonly actor: Actor;
  readonly action: Action;
  readonly fields: readonly FormField[];
  readonly rows: readonly AccountRow[];
  readonly ownerOf: OwnerOf;
}

export function bulkRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/accounts/bulk', async (request, response) => {
    const wanted = await wantedIn(parts, request, request.query);
    await sendPreview(parts, request, response, wanted, {}, undefined);
  });
  router.post('/accounts/bulk', async (request, response) => {
    const wanted = await wantedIn(parts, request, request.body);
    const body = bodyOf(request);
    try {
      await mustBeSure(parts, request);
      mustBeTyped(parts, wanted.rows.length, body);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return sendPreview(parts, request, response, wanted, body, error);
    }
    const results = await accepted(parts, wanted, body);
    return sendSheet(parts, request, response, resultSheet(parts, wanted, body, results));
  });
  return router;
}

function mustBeTyped(parts: PortalParts, count: number, body: Readonly<Record<string, string>>): void {
  if (count <= typedFrom || body['number']?.trim() === String(count)) return;
  throw new Invalid(parts.say('form.again'), [{ path: 'number', message: parts.say('bulk.number.wrong', { count }) }]);
}

function listOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === 'string' && one !== '');
}

async function wantedIn(
  parts: PortalParts,
  request: Request,
  from: Readonly<Record<string, unknown>>,
): Promise<Wanted> {
  const actor = actorIn(request);
  const id = bulkActions.find((one) => one === from['action']);
  const action = id === undefined ? undefined : parts.catalogue.actionOf(id);
  if (action === undefined) throw new NotFound(parts.say('bulk.none'));
  const { rows } = await accountsNow(parts, actor);
  const users = new Set(listOf(from['user']));
  const chosen =
    from['all'] === '1' ? matchingAccounts(rows, accountFilter(from)) : rows.filter((row) => users.has(row.user));
  if (chosen.length === 0) throw new Invalid(parts.say('bulk.empty'), [], { hint: parts.say('bulk.empty.hint') });
  if (chosen.length > most) throw new Invalid(parts.say('bulk.many', { count: most }));
  const fields = parts.catalogue
    .fieldsOf(action)
    .filter((field) => field.name !== 'account' && field.input !== 'hidden');
  return { actor, action, fields, rows: chosen, ownerOf: await ownersFor(parts, actor) };
}

/** Why this account is left out; undefined: it is not. */
function whyOut(parts: PortalParts, wanted: Wanted, row: AccountRow): string | undefined {
  const { actor, action, ownerOf } = wanted;
  const reason = whyNot(actor, action, { kind: 'account', account: row.user }, ownerOf);
  if (reason !== undefined) return reason;
  if (action.id === 'account.suspend' && row.suspended) return parts.say('bulk.suspended');
  if (action.id === 'account.unsuspend' && !row.suspended) return parts.say('bulk.active');
  return undefined;
}

async function sendPreview(
  parts: PortalParts,
  request: Request,
  response: Response,
  wanted: Wanted,
  body: Readonly<Record<string, string>>,
  error: Invalid | undefined,
): Promise<void> {
  const { say } = parts;
  const sure = await sureField(parts, request);
  const going = wanted.rows.filter((row) => whyOut(parts, wanted, row) === undefined);
  const number: FormField = {
    name: 'number',
    label: say('bulk.number', { count: going.length }),
    input: 'text',
    required: true,
  };
  const fields = [
    ...wanted.fields,
    ...(going.length > typedFrom ? [number] : []),
    ...(sure === undefined ? [] : [sure]),
  ];
  const rows = wanted.rows.map((row): readonly Cell[] => {
    const out = whyOut(parts, wanted, row);
    return [
      { text: row.user, machine: true, href: `/accounts/${encodeURIComponent(row.user)}` },
      { text: row.domain, machine: true },
      { text: row.plan },
      { chips: accountItem(row, readerOf(parts)).chips },
      out === undefined
        ? { text: wanted.action.title, tone: 'busy' }
        : { text: say('bulk.out'), tone: 'wait', meta: out },
    ];
  });
  const sheet: Sheet = {
    heading: say('bulk.title', { action: wanted.action.title, count: going.length }),
    trail: { label: say('menu.accounts'), href: '/accounts' },
    ...(error === undefined
      ? {}
      : {
          problem: {
            sentence: error.message,
            hint: '',
            issues: error.issues.map((issue) => ({ href: `#f-${issue.path}`, text: issue.message })),
          },
        }),
    blocks: [
      ...(going.length === 0 ? [] : [formBlock(parts, wanted, going, fields, body, error)]),
      {
        kind: 'table',
        columns: [
          say('account.user'),
          say('account.domain'),
          say('account.package'),
          say('account.pair'),
          say('bulk.what'),
        ],
        empty: '',
        rows,
      },
    ],
  };
  return sendSheet(parts, request, response, sheet, error);
}

function formBlock(
  parts: PortalParts,
  wanted: Wanted,
  going: readonly AccountRow[],
  fields: readonly FormField[],
  body: Readonly<Record<string, string>>,
  error: Invalid | undefined,
): Block {
  return {
    kind: 'form',
    action: '/accounts/bulk',
    fields: fieldsFor(parts, fields, body, error?.issues ?? []),
    button: `${wanted.action.title}: ${going.length}`,
    hidden: { action: wanted.action.id, once: body['once'] ?? ulid() },
    repeated: { name: 'user', values: going.map((row) => row.user) },
  };
}

interface Result {
  readonly row: AccountRow;
  readonly operation?: OperationView;
  readonly problem?: string;
}

/** One operation per account; what fails does not keep the others. The same form sent twice attaches to the first. */
async function accepted(
  parts: PortalParts,
  wanted: Wanted,
  body: Readonly<Record<string, string>>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const given = paramsOf(wanted.fields, body);
  const once = (body['once'] ?? ulid()).slice(0, 40);
  const grace = await graceOf(parts, wanted.actor);
  for (const row of wanted.rows) {
    const out = whyOut(parts, wanted, row);
    if (out !== undefined) {
      results.push({ row, problem: out });
      continue;
    }
    const params = { ...given, account: row.user };
    const request = {
      action: wanted.action.id,
      params,
      actor: wanted.actor,
      door: 'portal',
      ...grace,
      idempotencyKey: `${once}:${row.user}`,
    } as const;
    try {
      const { id } = await parts.operations.accept(request);
      await parts.auth.audit({
        actor: wanted.actor,
        event: 'operation.accept',
        subject: id,
        detail: `${wanted.action.id}, one of ${wanted.rows.length}`,
      });
      results.push({ row, operation: await parts.operations.wait(id, 'final', 0) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      results.push({ row, problem: error.message });
    }
  }
  return results;
}

function resultSheet(
  parts: PortalParts,
  wanted: Wanted,
  body: Readonly<Record<string, string>>,
  results: readonly Result[],
): Sheet {
  const { say } = parts;
  const failed = results.filter((one) => one.operation === undefined);
  const kept = Object.fromEntries(wanted.fields.map((field) => [field.name, body[field.name] ?? '']));
  const again = new URLSearchParams({ action: wanted.action.id });
  for (const one of failed) again.append('user', one.row.user);
  return {
    heading: say('bulk.done', { done: results.length - failed.length, failed: failed.length }),
    trail: { label: say('menu.accounts'), href: '/accounts' },
    more: [
      ...(failed.length === 0
        ? []
        : [{ label: say('bulk.again', { count: failed.length }), href: `/accounts/bulk?${again.toString()}` }]),
      { label: say('menu.operations'), href: '/operations' },
    ],
    blocks: [
      ...undoBlock(parts, results),
      {
        kind: 'table',
        columns: [say('account.user'), say('account.domain'), say('bulk.result')],
        empty: Object.keys(kept).join(' '),
        rows: results.map((one) => [
          { text: one.row.user, machine: true, href: `/accounts/${encodeURIComponent(one.row.user)}` },
          { text: one.row.domain, machine: true },
          one.operation === undefined
            ? { text: say('bulk.failed'), tone: 'bad', meta: one.problem ?? '' }
            : { text: say('bulk.accepted'), href: `/operations/${one.operation.id}` },
        ]),
      },
    ],
  };
}

/** One button for all of them, until the first begins. */
function undoBlock(parts: PortalParts, results: readonly Result[]): readonly Block[] {
  const undos = results.flatMap(({ operation }) => {
    const undo = operation === undefined ? undefined : undoModel(operation, readerOf(parts));
    return operation === undefined || undo === undefined ? [] : [{ id: operation.id, until: undo.until }];
  });
  const [first] = undos;
  if (first === undefined) return [];
  const ids = undos.map(({ id }) => id).join(' ');
  const label = parts.say('undo.many', { count: undos.length });
  const post = { label, action: '/operations/undo', hidden: { ids }, until: first.until };
  return [{ kind: 'buttons', links: [], posts: [post] }];
}
