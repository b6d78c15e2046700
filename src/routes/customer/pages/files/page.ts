/** The file manager: on the active master alone; the copies follow by file sync. */
import { pipeline } from 'node:stream/promises';
import { Invalid, NotAllowed } from '../../../../errors.ts';
import { activeOf, noFile } from '../../active.ts';
import { lacks } from '../../features.ts';
import { mustConfirm } from '../../forms.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { contentOf, editSheet, sendEditor } from './edit.ts';
import { folderSheet } from './list.ts';
import { fileSheet } from './one.ts';
import { takeUpload } from './upload.ts';
import { fileHref, folderHref, folderOf, mustReach, mustReachInto, pathOf, whereOf } from './where.ts';

const feature = 'filemanager';

function pickedIn(visit: Visit): readonly string[] {
  const given: unknown = visit.request.body?.['names'];
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const names = list.filter((one): one is string => typeof one === 'string' && one !== '');
  if (names.length === 0) throw new Invalid('files.none-picked');
  return names;
}

/** What is done with those that were picked. */
async function doPicked(visit: Visit): Promise<string> {
  const { account, body } = visit;
  const folder = folderOf(visit);
  const names = pickedIn(visit);
  for (const name of names) mustReach(visit, pathOf({ folder, name }));
  const base = { account, folder, names };
  const given = (body['to'] ?? '').trim();
  const isPlace = body['op'] === 'move' || body['op'] === 'copy';
  const to = isPlace ? mustReachInto(visit, given, names) : mustReach(visit, given);
  const next = folderHref(folder);
  switch (body['op']) {
    case 'move':
    case 'copy':
      return visit.submit(`file.${body['op']}`, { ...base, to }, next);
    case 'compress': {
      const archive = /\.(zip|tar\.gz)$/.test(to) ? to : `${to}.zip`;
      if (to === '') throw new Invalid('form.again', [{ path: 'to', message: 'files.archive-name' }]);
      return visit.submit(
        'file.compress',
        { ...base, archive, kind: archive.endsWith('.zip') ? 'zip' : 'tar.gz' },
        next,
      );
    }
    case 'trash':
    case 'forever':
      return visit.submit('file.delete', { ...base, forever: body['op'] === 'forever' }, next);
    default:
      throw new Invalid('form.again');
  }
}

async function download(visit: Visit): Promise<void> {
  await mustHave(visit);
  const { account, actor, parts, response } = visit;
  const where = whereOf(visit);
  const got = await parts.home(await activeOf(visit)).download(account, pathOf(where));
  if (got.kind !== 'file') throw noFile(visit, got);
  await parts.auth.audit({ actor, event: 'file.download', subject: account, detail: pathOf(where) });
  // Never shown inside of these pages: what a customer's file says must not run here.
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(where.name)}`);
  if (got.bytes !== undefined) response.setHeader('Content-Length', got.bytes);
  try {
    await pipeline(got.stream, response);
  } catch (error) {
    // Half a file was sent: the browser sees that it broke off, and there is no other way to tell.
    parts.log.info({ error, account }, 'a download broke off');
  } finally {
    got.close();
  }
}

async function mustHave(visit: Visit): Promise<void> {
  if (await lacks(visit, feature)) throw new NotAllowed(visit.say('feature.off', { feature }));
}

export const filesPage: CustomerPage = {
  path: '/my/files',
  goal: 'files',
  title: 'goal.files',
  order: 10,
  area: 'files',
  feature,
  routes(to) {
    to.show('/my/files', folderSheet);
    to.show('/my/files/one', fileSheet);
    to.send('/my/files/edit', async (visit) => {
      await mustHave(visit);
      return sendEditor(visit);
    });
    to.send('/my/files/download', download);
    to.act('/my/files/do', doPicked, folderSheet);
    to.take('/my/files/upload', async (visit) => {
      await mustHave(visit);
      visit.response.redirect(303, await takeUpload(visit));
    });
    to.act(
      '/my/files/folder',
      (v) => v.submit('file.add-folder', { account: v.account, ...whereOf(v) }, folderHref(folderOf(v))),
      folderSheet,
    );
    to.act(
      '/my/files/save',
      (v) => {
        const where = whereOf(v);
        const params = { account: v.account, ...where, content: contentOf(v), was: v.body['was'] };
        return v.submit('file.save', params, fileHref('one', where));
      },
      editSheet,
    );
    singleRoutes(to);
  },
};

function singleRoutes(to: Parameters<CustomerPage['routes']>[0]): void {
  to.act(
    '/my/files/rename',
    (v) => {
      const params = { account: v.account, ...whereOf(v), newName: v.body['newName'] };
      return v.submit('file.rename', params, folderHref(folderOf(v)));
    },
    fileSheet,
  );
  to.act(
    '/my/files/permissions',
    (v) => {
      const where = whereOf(v);
      return v.submit(
        'file.permissions',
        { account: v.account, ...where, mode: v.body['mode'] },
        fileHref('one', where),
      );
    },
    fileSheet,
  );
  to.act(
    '/my/files/extract',
    (v) =>
      v.submit(
        'file.extract',
        { account: v.account, ...whereOf(v), to: mustReachInto(v, (v.body['to'] ?? '').trim(), 'any') },
        folderHref(folderOf(v)),
      ),
    fileSheet,
  );
  to.act(
    '/my/files/forever',
    (v) => {
      const { folder, name } = whereOf(v);
      mustConfirm(v, name);
      const params = { account: v.account, folder, names: [name], forever: true };
      return v.submit('file.delete', params, folderHref(folder));
    },
    fileSheet,
  );
}
