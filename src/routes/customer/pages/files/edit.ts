/** The editor: a text is read from the active master at this moment, and saved only over what was read. */
import { z } from 'zod';
import { longestText } from '../../../../actions/file/save.ts';
import { lookAtContent, lookAtFile, stampOf } from '../../../../actions/file/seen.ts';
import type { Sheet } from '../../../portal/sheet.ts';
import { readActive } from '../../active.ts';
import { formBlock } from '../../forms.ts';
import { sendSheet } from '../../routes.ts';
import type { Visit } from '../../visit.ts';
import { fileHref, folderHref, folderOf, information, pathOf, type Where, whereOf } from './where.ts';

/** Bytes of a file that is offered to be edited. */
export const longestEdited = longestText;

const content = z.object({ content: z.string() });

interface Text {
  readonly text: string;
  readonly was: string;
  /** Lines end as on Windows; browsers send them so whatever they were, so it is remembered. */
  readonly windows: boolean;
}

function isNew(visit: Visit): boolean {
  const asked =
    visit.request.method === 'POST' ? visit.body['was'] === 'new' : visit.request.query['name'] === undefined;
  return asked;
}

async function readText(visit: Visit, where: Where): Promise<Text | string> {
  const found = await readActive(visit, lookAtFile(visit.account, pathOf(where)), information);
  if (!found.ok) return found.sentence;
  if (found.value.type === 'dir') return visit.say('files.is-folder');
  if ((found.value.size ?? 0) > longestEdited) return visit.say('files.too-long');
  const read = await readActive(visit, lookAtContent(visit.account, where.folder, where.name), content);
  if (!read.ok) return read.sentence;
  const { content: text } = read.value;
  // What is no text comes back changed, and would be saved so.
  if (/[\0\ufffd]/.test(text)) return visit.say('files.no-text');
  return { text, was: stampOf(found.value), windows: text.includes('\r\n') };
}

function formOf(visit: Visit, folder: string, name: string | undefined, text: Text): Sheet['blocks'] {
  const { say } = visit;
  const naming = { name: 'name', label: say('files.file.name'), input: 'text', required: true } as const;
  return formBlock(visit, {
    action: '/my/files/save',
    fields: [
      ...(name === undefined ? [naming] : []),
      { name: 'content', label: say('files.content'), input: 'textarea', required: false },
    ],
    values: { content: text.text },
    hidden: {
      folder,
      was: text.was,
      ends: text.windows ? 'windows' : '',
      ...(name === undefined ? {} : { name }),
    },
    button: say('files.save'),
    wide: true,
  });
}

/** The editor of a new file, or of one that is there. */
export async function editSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const folder = folderOf(visit);
  const trail = { label: folder || say('files.home'), href: folderHref(folder) };
  if (isNew(visit)) {
    const blank = { text: '', was: 'new', windows: false };
    return { heading: say('files.new'), trail, blocks: formOf(visit, folder, undefined, blank) };
  }
  const where = whereOf(visit);
  const heading = { heading: where.name, machine: true, trail };
  const read = visit.error === undefined ? await readText(visit, where) : typed(visit);
  if (typeof read === 'string') return { ...heading, blocks: [{ kind: 'text', text: read, tone: 'note' }] };
  const isAgain = visit.error !== undefined;
  const link = { label: say('files.open-again'), href: fileHref('edit', where) };
  return {
    ...heading,
    blocks: [
      ...(isAgain ? [{ kind: 'text', text: say('files.kept'), tone: 'note', link } as const] : []),
      ...formOf(visit, folder, where.name, read),
    ],
  };
}

/** What was typed stays, with the version that it was typed over. */
function typed(visit: Visit): Text {
  return {
    text: visit.body['content'] ?? '',
    was: visit.body['was'] ?? '',
    windows: visit.body['ends'] === 'windows',
  };
}

/** An editor is never fetched again under the hands of whoever types. */
export async function sendEditor(visit: Visit): Promise<void> {
  await sendSheet(visit, await editSheet(visit));
}

/** Browsers end lines of a text in their own way; the file keeps the one it had. */
export function contentOf(visit: Visit): string {
  const text = (visit.body['content'] ?? '').replace(/\r\n?/g, '\n');
  return visit.body['ends'] === 'windows' ? text.replaceAll('\n', '\r\n') : text;
}
