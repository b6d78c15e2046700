/** One file or folder: what it is, and what is done with it alone. */
import { lookAtFile } from '../../../../actions/file/seen.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { askActive } from '../../active.ts';
import { confirmField, formBlock } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import { sizeIn, whenIn } from '../../present/time.ts';
import type { Visit } from '../../visit.ts';
import { longestEdited } from './edit.ts';
import { type Found, fileHref, folderHref, information, isArchive, pathOf, type Where, whereOf } from './where.ts';

function facts(visit: Visit, where: Where, found: Found): readonly Block[] {
  const { say, language } = visit;
  const isFolder = found.type === 'dir';
  const links = isFolder
    ? [{ label: say('files.open'), href: folderHref(pathOf(where)) }]
    : [
        ...(visit.mayChange && (found.size ?? 0) <= longestEdited
          ? [{ label: say('files.edit'), href: fileHref('edit', where) }]
          : []),
        { label: say('files.download'), href: fileHref('download', where) },
      ];
  return [
    {
      kind: 'facts',
      rows: [
        { label: say('files.kind'), text: say(isFolder ? 'files.is-folder' : 'files.is-file') },
        ...(isFolder ? [] : [{ label: say('files.size'), text: sizeIn(language, found.size ?? 0) }]),
        ...(found.mtime
          ? [{ label: say('files.changed'), text: whenIn(language, new Date(found.mtime * 1000).toISOString()) }]
          : []),
        { label: say('files.permissions'), text: found.nicemode ?? '', machine: true },
      ],
    },
    { kind: 'buttons', links, posts: [] },
    ...changing(visit, where, found),
  ];
}

function changing(visit: Visit, where: Where, found: Found): readonly Block[] {
  const { say } = visit;
  const hidden = { folder: where.folder, name: where.name };
  const text = (name: string, label: string, help?: string) =>
    ({ name, label, input: 'text', required: true, ...(help === undefined ? {} : { help }) }) as const;
  return [
    ...formBlock(visit, {
      action: '/my/files/rename',
      fields: [text('newName', say('files.new-name'))],
      values: { newName: where.name },
      hidden,
      button: say('files.rename'),
      fold: say('files.rename'),
    }),
    ...formBlock(visit, {
      action: '/my/files/permissions',
      fields: [text('mode', say('files.permissions'), say('files.permissions.help'))],
      values: { mode: (found.nicemode ?? '').slice(-3) },
      hidden,
      button: say('files.permissions.set'),
      fold: say('files.permissions.set'),
    }),
    ...(isArchive(where.name) && found.type !== 'dir'
      ? formBlock(visit, {
          action: '/my/files/extract',
          fields: [{ ...text('to', say('files.to')), required: false }],
          values: { to: where.folder },
          hidden,
          button: say('files.extract'),
          fold: say('files.extract'),
        })
      : []),
    ...formBlock(visit, {
      action: '/my/files/forever',
      fields: [confirmField(visit, where.name)],
      hidden,
      button: say('files.forever'),
      danger: true,
      fold: say('files.forever'),
    }),
  ];
}

export async function fileSheet(visit: Visit): Promise<Sheet> {
  const where = whereOf(visit);
  const known = await askActive(visit, lookAtFile(visit.account, pathOf(where)), information);
  return {
    heading: where.name,
    machine: true,
    trail: { label: where.folder || visit.say('files.home'), href: folderHref(where.folder) },
    blocks: knownBlocks(visit, known, (found) => facts(visit, where, found)),
  };
}
