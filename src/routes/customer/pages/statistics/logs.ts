/** What sites logged, on each master: errors, and archives of who came. Each master logs only what it served itself. */
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { NotFound } from '../../../../errors.ts';
import { uapi } from '../../../../whm/call.ts';
import type { Block, Sheet } from '../../../portal/sheet.ts';
import { noFile } from '../../active.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import { whenIn } from '../../present/time.ts';
import type { Visit } from '../../visit.ts';
import { domainNames } from '../domain-names.ts';

const errorsPath = '/my/statistics/errors';
const visitsPath = '/my/statistics/visitors';

const errors = z.array(z.object({ date: z.coerce.number(), entry: z.string() }));
const archives = z.array(
  z.object({ file: z.string(), mtime: z.coerce.number().nullish(), path: z.string().nullish() }),
);
const most = 100;

async function chosenDomain(visit: Visit): Promise<{ readonly domain: string; readonly all: readonly string[] }> {
  const all = await domainNames(visit);
  const asked = visit.request.query['domain'];
  const domain = all.find((one) => one === asked) ?? all[0] ?? '';
  return { domain, all };
}

async function errorBlocks(visit: Visit, master: string, site: string, domain: string): Promise<readonly Block[]> {
  const { say, language, account } = visit;
  const call = uapi(account, 'Stats::get_site_errors', { domain, log: 'error', maxlines: most });
  const known = await visit.askOn(master, call, errors);
  return [
    { kind: 'heading', text: say('logs.of', { site }) },
    ...knownBlocks(visit, known, (rows) => [
      {
        kind: 'table',
        columns: [say('logs.when'), say('logs.entry')],
        rows: rows
          .toReversed()
          .map((one) => [
            { text: whenIn(language, new Date(one.date * 1000).toISOString()) },
            { text: visit.plain(one.entry), machine: true },
          ]),
        empty: say('logs.errors.none'),
        small: true,
      },
    ]),
  ];
}

async function errorsSheet(visit: Visit): Promise<Sheet> {
  const { say, parts } = visit;
  const { domain, all } = await chosenDomain(visit);
  const lists = await Promise.all(parts.masters.list.map((one) => errorBlocks(visit, one.id, one.site, domain)));
  const options = all.map((one) => ({ value: one, label: one, selected: one === domain }));
  return {
    heading: say('logs.errors'),
    ...(all.length > 1
      ? {
          filter: {
            action: errorsPath,
            selects: [{ name: 'domain', label: say('logs.domain'), options }],
            filtered: false,
          },
        }
      : {}),
    blocks: [{ kind: 'text', text: say('logs.errors.what', { domain }) }, ...lists.flat()],
  };
}

async function archiveBlocks(visit: Visit, master: string, site: string): Promise<readonly Block[]> {
  const { say, language, account } = visit;
  const known = await visit.askOn(master, uapi(account, 'LogManager::list_archives'), archives);
  return [
    { kind: 'heading', text: say('logs.of', { site }) },
    ...knownBlocks(visit, known, (rows) => [
      {
        kind: 'table',
        columns: [say('logs.file'), say('logs.when')],
        rows: rows.map((one) => [
          {
            text: one.file,
            machine: true,
            href: `${visitsPath}/file?${new URLSearchParams({ on: master, name: one.file }).toString()}`,
          },
          { text: one.mtime ? whenIn(language, new Date(one.mtime * 1000).toISOString()) : '' },
        ]),
        empty: say('logs.visitors.none'),
        small: true,
      },
    ]),
  ];
}

async function visitorsSheet(visit: Visit): Promise<Sheet> {
  const { say, parts } = visit;
  const lists = await Promise.all(parts.masters.list.map((one) => archiveBlocks(visit, one.id, one.site)));
  return {
    heading: say('logs.visitors'),
    blocks: [{ kind: 'text', text: say('logs.visitors.what') }, ...lists.flat()],
  };
}

/** An archive of one master: they are not the same everywhere, and are not copied. */
async function sendArchive(visit: Visit): Promise<void> {
  const { account, parts, request, response } = visit;
  const { on, name } = request.query;
  const master = parts.masters.list.find((one) => one.id === on);
  if (master === undefined || typeof name !== 'string' || !/^[\w.-]{1,200}\.gz$/.test(name)) {
    throw new NotFound('problem.not-found');
  }
  const got = await parts.home(master.id).download(account, `logs/${name}`);
  if (got.kind !== 'file') throw noFile(visit, got);
  response.setHeader('Content-Type', 'application/gzip');
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  try {
    await pipeline(got.stream, response);
  } catch (error) {
    parts.log.info({ error, account }, 'a download broke off');
  } finally {
    got.close();
  }
}

export const errorsPage: CustomerPage = {
  path: errorsPath,
  goal: 'statistics',
  title: 'logs.errors',
  order: 20,
  area: 'websites',
  feature: 'errlog',
  routes: (to) => to.show(errorsPath, errorsSheet),
};

export const visitorsPage: CustomerPage = {
  path: visitsPath,
  goal: 'statistics',
  title: 'logs.visitors',
  order: 30,
  area: 'websites',
  feature: 'rawlog',
  routes(to) {
    to.show(visitsPath, visitorsSheet);
    to.send(`${visitsPath}/file`, sendArchive);
  },
};
