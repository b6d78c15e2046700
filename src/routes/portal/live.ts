/** Pages that show what masters say: drawn at once from memory, and again when the masters have answered. */

import type { Request, Response } from 'express';
import type { PortalParts } from './deps.ts';
import { sendSheet } from './forms.ts';
import { readerOf } from './frame.ts';
import { count } from './present/accounts.ts';
import { ago } from './present/time.ts';
import type { Known } from './remembered.ts';
import type { Block, Sheet } from './sheet.ts';

/** So long the part that a page fetches later may wait for masters, milliseconds. The page itself waits for none. */
const partMs = 2500;

/** How long this request may wait for a master. */
export function waitFor(request: Request): number {
  return request.query['part'] === 'live' ? partMs : 0;
}

/** Sends the page, or only its blocks when the page asks for them again. */
export async function sendLive(parts: PortalParts, request: Request, response: Response, sheet: Sheet): Promise<void> {
  if (request.query['part'] !== 'live') return sendSheet(parts, request, response, { ...sheet, live: true });
  const model = { blocks: sheet.blocks, frame: { csrf: request.session.csrf ?? '' } };
  response.type('html').send(await parts.draw('parts/blocks', model));
}

/** The table of what is known; says what is awaited, why it is missing, or how old it is. */
export function knownBlocks<T>(
  parts: PortalParts,
  known: Known<T>,
  names: (master: string) => string,
  draw: (value: T) => readonly Block[],
): readonly Block[] {
  const { say } = parts;
  if (known.value === undefined && known.problem === '') return [{ kind: 'unread', text: say('live.unread') }];
  if (known.value === undefined)
    return [
      {
        kind: 'text',
        text: say('live.problem', { reason: known.problem }),
        tone: 'note',
        ...(known.old ? { stale: true } : {}),
      },
    ];
  const stale = known.old ? { stale: true } : {};
  const read = ago(new Date(known.at).toISOString(), readerOf(parts));
  return [
    ...draw(known.value),
    { kind: 'text', text: say('live.read', { master: names(known.from), age: read.text }), tone: 'meta', ...stale },
  ];
}

/** 'not more than 1,204', for counts in headings. */
export function countOf(rows: readonly unknown[] | undefined): { readonly count?: string } {
  return rows === undefined ? {} : { count: count(rows.length) };
}
