/** A folder of the home: what is in it, and what is done with several at once. */
import { uapi } from '../../../../whm/call.ts';
import type { Known } from '../../../portal/remembered.ts';
import type { Block, Cell, Sheet } from '../../../portal/sheet.ts';
import { askActive, readActive } from '../../active.ts';
import { formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import { sizeIn, whenIn } from '../../present/time.ts';
import { onceOf, type Visit } from '../../visit.ts';
import { uploadBlock } from './upload.ts';
import { dirOf, type Entry, entries, fileHref, folderHref, folderOf, parentOf, pathOf, reaches } from './where.ts';

/** Names that begin with a dot are shown only when asked for. */
export function showsHidden(visit: Visit): boolean {
  return visit.request.query['hidden'] === '1' || folderOf(visit).startsWith('.');
}

/** Where an upload went: its page is read anew, because no operation told that something changed. */
const uploaded = 'uploaded';

async function listOf(visit: Visit, folder: string): Promise<Known<readonly Entry[]>> {
  const call = uapi(visit.account, 'Fileman::list_files', { dir: dirOf(folder), show_hidden: 1 });
  if (visit.request.query[uploaded] === undefined) return askActive(visit, call, entries);
  const fresh = await readActive(visit, call, entries);
  const at = visit.parts.clock();
  if (fresh.ok) return { value: fresh.value, at, from: fresh.from, old: false, problem: '', refused: false };
  return { value: undefined, at, from: '', old: false, problem: fresh.sentence, refused: false };
}

function nameCell(folder: string, entry: Entry): Cell {
  const isFolder = entry.type === 'dir';
  const path = folder === '' ? entry.file : `${folder}/${entry.file}`;
  const href = isFolder ? folderHref(path) : fileHref('one', { folder, name: entry.file });
  return { text: isFolder ? `${entry.file}/` : entry.file, href, machine: true };
}

function rowOf(visit: Visit, folder: string, entry: Entry): readonly Cell[] {
  const { language } = visit;
  const isFolder = entry.type === 'dir';
  const more = { text: visit.say('files.more'), href: fileHref('one', { folder, name: entry.file }) };
  return [
    nameCell(folder, entry),
    { text: isFolder ? '' : sizeIn(language, entry.size ?? 0), number: true },
    { text: entry.mtime ? whenIn(language, new Date(entry.mtime * 1000).toISOString()) : '' },
    { text: entry.nicemode ?? '', machine: true },
    isFolder ? more : { text: visit.say('files.download'), href: fileHref('download', { folder, name: entry.file }) },
  ];
}

function sorted(list: readonly Entry[]): readonly Entry[] {
  const rank = (entry: Entry): number => (entry.type === 'dir' ? 0 : 1);
  return list.toSorted((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file));
}

function isShown(visit: Visit, folder: string, { file: name }: Entry): boolean {
  return (showsHidden(visit) || !name.startsWith('.')) && reaches(visit, pathOf({ folder, name }));
}

/** So many rows are drawn: a folder of ten thousand files is nothing for a page. */
const mostRows = 500;

function picksBlocks(visit: Visit, folder: string, all: readonly Entry[]): readonly Block[] {
  const { say } = visit;
  const shown = sorted(all.filter((entry) => isShown(visit, folder, entry)));
  const inTrash = folder === '.trash' || folder.startsWith('.trash/');
  const changes = [
    { label: say('files.move'), op: 'move' },
    { label: say('files.copy'), op: 'copy' },
    { label: say('files.compress'), op: 'compress' },
    inTrash
      ? { label: say('files.forever'), op: 'forever', danger: true }
      : { label: say('files.trash'), op: 'trash', danger: true },
  ];
  const rest = shown.length - mostRows;
  return [
    {
      kind: 'picks',
      action: '/my/files/do',
      name: 'names',
      columns: [say('files.name'), say('files.size'), say('files.changed'), say('files.permissions'), ''],
      rows: shown.slice(0, mostRows).map((entry) => ({
        value: entry.file,
        label: say('files.pick', { name: entry.file }),
        cells: rowOf(visit, folder, entry),
      })),
      empty: say('files.empty'),
      hidden: { folder, once: onceOf(visit.parts) },
      buttons: visit.mayChange ? changes : [],
      fields: targetFields(visit),
    },
    ...(rest > 0 ? [{ kind: 'text', text: say('files.rest', { count: rest }), tone: 'meta' } as const] : []),
  ];
}

/** The field that moving, copying and compressing need; outside of a form of its own. */
function targetFields(visit: Visit) {
  const { say } = visit;
  const field = {
    name: 'to',
    label: say('files.to'),
    help: say('files.to.help'),
    input: 'text',
    required: false,
  } as const;
  const [form] = formBlock(visit, { action: '/my/files/do', fields: [field], button: '' });
  return form?.kind === 'form' ? form.fields : [];
}

function creating(visit: Visit, folder: string): readonly Block[] {
  const { say } = visit;
  const name = (label: string) => ({ name: 'name', label, input: 'text', required: true }) as const;
  return [
    ...formBlock(visit, {
      action: '/my/files/folder',
      fields: [name(say('files.folder.name'))],
      hidden: { folder },
      button: say('files.folder.make'),
      fold: say('files.folder.new'),
    }),
    ...uploadBlock(visit, folder),
  ];
}

/** The sheet of a folder. */
export async function folderSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const folder = folderOf(visit);
  const known = await listOf(visit, folder);
  const hidden: Readonly<Record<string, string>> = showsHidden(visit) ? {} : { hidden: '1' };
  const count = Number(visit.request.query[uploaded]);
  const notice = Number.isSafeInteger(count) && count > 0 ? { notice: say('files.uploaded', { count }) } : {};
  return {
    heading: folder === '' ? say('files.home') : folder,
    machine: folder !== '',
    ...(folder === ''
      ? {}
      : { trail: { label: parentOf(folder) || say('files.home'), href: folderHref(parentOf(folder)) } }),
    ...(visit.mayChange
      ? { primary: { label: say('files.new'), href: `/my/files/edit?${new URLSearchParams({ folder }).toString()}` } }
      : {}),
    more: [
      { label: say(showsHidden(visit) ? 'files.hide' : 'files.show'), href: folderHref(folder, hidden) },
      { label: say('files.bin'), href: folderHref('.trash') },
    ],
    ...notice,
    blocks: [
      ...knownBlocks(visit, known, (list) => picksBlocks(visit, folder, list)),
      ...creating(visit, folder),
      { kind: 'text', text: say('files.where'), tone: 'meta' },
    ],
  };
}
