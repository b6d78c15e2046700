/** A page that still waits for a master, where no script fetches the rest: how it comes by it. */
import type { Request } from 'express';
import type { Sheet } from '../portal/sheet.ts';

/** Seconds. */
const soon = 3;

/**
 * The sheet, and after how many seconds the browser loads the page anew (0: never). Where something may have been typed
 * it never does so by itself: a link does, named `label`.
 */
export function waiting(
  sheet: Sheet,
  request: Pick<Request, 'method' | 'originalUrl'>,
  label: string,
): { readonly sheet: Sheet; readonly refresh: number } {
  if (!sheet.blocks.some((block) => block.kind === 'unread')) return { sheet, refresh: 0 };
  // What was sent by a form and had a mistake is not sent twice, and stands in the form.
  if (request.method !== 'GET') return { sheet, refresh: 0 };
  if (!sheet.blocks.some((block) => block.kind === 'form' && block.fields.length > 0)) return { sheet, refresh: soon };
  const again = { label, href: request.originalUrl };
  const blocks = sheet.blocks.map((block) => (block.kind === 'unread' ? { ...block, again } : block));
  return { sheet: { ...sheet, blocks }, refresh: 0 };
}
