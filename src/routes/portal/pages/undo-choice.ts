/** How long a person wants to be able to undo a change. */
import type { Request, Response, Router } from 'express';
import { type AppError, Invalid } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, fieldsFor, submitted } from '../forms.ts';
import type { FormField } from '../present/form.ts';
import type { Block } from '../sheet.ts';
import { actorIn } from '../who.ts';

const usual = 'usual';
const seconds = [0, 5, 10, 20, 30] as const;

/** The choice on a person's own page. */
export async function undoBlocks(parts: PortalParts, name: string): Promise<readonly Block[]> {
  const { say, undoSeconds = 0 } = parts;
  const own = await parts.auth.personUndo(name);
  const labels = Object.fromEntries(seconds.map((count) => [String(count), secondsText(parts, count)]));
  const field: FormField = {
    name: 'undo',
    label: say('undo.choice'),
    help: say('undo.choice.help'),
    input: 'select',
    required: true,
    options: [usual, ...seconds.map(String)],
    optionLabels: { ...labels, [usual]: say('undo.usual', { time: secondsText(parts, undoSeconds) }) },
  };
  return [
    { kind: 'heading', text: say('undo.heading'), id: 'undo' },
    {
      kind: 'form',
      action: '/me/undo',
      fields: fieldsFor(parts, [field], { undo: own === undefined ? usual : String(own) }),
      button: say('undo.keep'),
    },
  ];
}

function secondsText({ say }: PortalParts, count: number): string {
  return count === 0 ? say('undo.never') : say('undo.seconds', { count });
}

/** Keeps the choice. */
export function undoRoutes(
  parts: PortalParts,
  router: Router,
  again: (request: Request, response: Response, error: AppError) => Promise<void>,
): void {
  router.post('/me/undo', (request, response) =>
    submitted(
      response,
      async () => {
        const chosen = bodyOf(request)['undo'] ?? '';
        const known = seconds.find((count) => String(count) === chosen);
        if (known === undefined && chosen !== usual) throw new Invalid(parts.say('form.again'));
        await parts.auth.personUndoSet(actorIn(request).name, known);
        return '/me?done=undo#undo';
      },
      (error) => again(request, response, error),
    ),
  );
}
