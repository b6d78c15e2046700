/** Undoing what was asked for in one go, as long as nothing of it was sent. */
import type { Request, Response } from 'express';
import { AppError, Invalid } from '../../errors.ts';
import type { OperationView } from '../../operations/model.ts';
import type { PortalParts } from './deps.ts';
import { bodyOf, sendSheet } from './forms.ts';
import { wasUndone } from './present/grace.ts';
import { subjectName } from './present/operation.ts';
import type { Cell } from './sheet.ts';
import { actorIn } from './who.ts';

/** As many as can be asked for in one go. */
const most = 500;

/** Takes each back; what began meanwhile says so. `permitted` finds one, and throws where it is not theirs. */
export async function undoMany(
  parts: PortalParts,
  request: Request,
  response: Response,
  permitted: (id: string) => Promise<OperationView>,
): Promise<void> {
  const { say } = parts;
  const ids = [...new Set((bodyOf(request)['ids'] ?? '').split(' ').filter(Boolean))];
  if (ids.length === 0 || ids.length > most) throw new Invalid(say('undo.none'));
  const rows: (readonly Cell[])[] = [];
  let undone = 0;
  for (const id of ids) {
    const view = await permitted(id);
    const told = await undoOne(parts, request, view);
    if (told === '') undone += 1;
    rows.push([
      { text: subjectName(view.subject), machine: true, href: `/operations/${view.id}` },
      { text: view.title },
      told === '' ? { text: say('operation.state.undone') } : { text: say('undo.begun'), tone: 'warn', meta: told },
    ]);
  }
  return sendSheet(parts, request, response, {
    heading: say('undo.done', { undone, begun: ids.length - undone }),
    trail: { label: say('menu.operations'), href: '/operations' },
    blocks: [
      {
        kind: 'table',
        columns: [say('operation.on'), say('operation.action'), say('operation.state')],
        empty: '',
        rows,
      },
    ],
  });
}

/** '' when it was undone, else why not. */
async function undoOne(parts: PortalParts, request: Request, view: OperationView): Promise<string> {
  try {
    // Sent twice, it says the same twice.
    if (!wasUndone(view)) await parts.operations.withdraw(view.id, actorIn(request));
    return '';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
}
