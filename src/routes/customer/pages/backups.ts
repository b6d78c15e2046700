/** Backups: made and kept on the active master, in the home; downloaded and brought back from there. */
import { z } from 'zod';
import { NotFound } from '../../../errors.ts';
import { api2, uapi } from '../../../whm/call.ts';
import type { Block, Sheet } from '../../portal/sheet.ts';
import { askActive } from '../active.ts';
import { formBlock } from '../forms.ts';
import { knownBlocks, knownOr } from '../live.ts';
import type { CustomerPage } from '../page.ts';
import { whenIn } from '../present/time.ts';
import type { Visit } from '../visit.ts';
import { fileHref } from './files/where.ts';

const path = '/my/backups';
const backups = z.array(z.object({ file: z.string(), status: z.string(), time: z.coerce.number().nullish() }));
const kept = z.array(z.string());

type Backup = z.output<typeof backups>[number];

function stateOf(visit: Visit, status: string) {
  if (status === 'complete') return { text: visit.say('backups.ready'), tone: 'good' } as const;
  if (status === 'inprogress') return { text: visit.say('backups.running'), tone: 'busy' } as const;
  return { text: visit.say('backups.failed'), tone: 'bad' } as const;
}

function tableBlock(visit: Visit, list: readonly Backup[]): Block {
  const { say, language } = visit;
  return {
    kind: 'table',
    columns: [say('backups.file'), say('backups.made'), say('backups.state'), '', ''],
    rows: list
      .toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0))
      .map((one) => {
        const isReady = one.status === 'complete';
        const where = { folder: '', name: one.file };
        return [
          { text: one.file, machine: true, ...(isReady ? { href: fileHref('one', where) } : {}) },
          { text: one.time ? whenIn(language, new Date(one.time * 1000).toISOString()) : '' },
          stateOf(visit, one.status),
          isReady ? { text: say('files.download'), href: fileHref('download', where) } : {},
          isReady && visit.mayChange
            ? {
                text: say('backups.restore'),
                href: `${path}/restore?${new URLSearchParams({ backup: one.file }).toString()}`,
              }
            : {},
        ];
      }),
    empty: say('backups.none'),
  };
}

async function hostBlocks(visit: Visit): Promise<readonly Block[]> {
  const { say } = visit;
  const days = knownOr(await askActive(visit, uapi(visit.account, 'Backup::list_backups'), kept), []);
  const text = days.length === 0 ? say('backups.host.none') : `${days.join(', ')}. ${say('backups.host.ask')}`;
  return [
    { kind: 'heading', text: say('backups.host') },
    { kind: 'text', text, tone: 'meta' },
    { kind: 'text', text: say('backups.databases'), tone: 'meta' },
  ];
}

async function listSheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const known = await askActive(visit, api2(account, 'Backups::listfullbackups'), backups);
  const fields = [
    { name: 'withFiles', label: say('backups.with-files'), input: 'checkbox', required: true, default: true },
  ] as const;
  return {
    heading: say('backups.title'),
    blocks: [
      { kind: 'text', text: say('backups.make.what') },
      ...formBlock(visit, { action: path, fields, values: { withFiles: true }, button: say('backups.make') }),
      { kind: 'heading', text: say('backups.own') },
      ...knownBlocks(visit, known, (list) => [tableBlock(visit, list)]),
      ...(await hostBlocks(visit)),
    ],
  };
}

function backupOf(visit: Visit): string {
  const given = visit.request.method === 'POST' ? visit.body['backup'] : visit.request.query['backup'];
  if (typeof given !== 'string' || !/^backup-[\w.-]{1,120}\.tar\.gz$/.test(given))
    throw new NotFound('problem.not-found');
  return given;
}

async function restoreSheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const backup = backupOf(visit);
  const fields = [
    {
      name: 'folder',
      label: say('backups.restore.into'),
      help: say('backups.restore.help'),
      input: 'text',
      required: false,
    },
  ] as const;
  return {
    heading: say('backups.restore.from', { name: backup }),
    trail: { label: say('backups.title'), href: path },
    blocks: formBlock(visit, {
      action: `${path}/restore`,
      fields,
      hidden: { backup },
      button: say('backups.restore'),
      danger: true,
    }),
  };
}

export const backupsPage: CustomerPage = {
  path,
  goal: 'backups',
  title: 'backups.title',
  order: 10,
  // A backup holds e-mail too, which collaborators do not see.
  area: 'people',
  feature: 'backup',
  routes(to) {
    to.show(path, listSheet);
    to.act(
      path,
      (v) => v.submit('backup.make', { account: v.account, withFiles: v.body['withFiles'] === 'on' }, path),
      listSheet,
    );
    to.show(`${path}/restore`, restoreSheet);
    to.act(
      `${path}/restore`,
      (v) => {
        const params = { account: v.account, backup: backupOf(v), folder: v.body['folder'] ?? '' };
        return v.submit('backup.restore-files', params, path);
      },
      restoreSheet,
    );
  },
};
