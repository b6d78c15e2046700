import { type Request, type Response, Router } from 'express';
import type { Maintenance } from '../../auth/desk.ts';
import type { AppError } from '../../errors.ts';
import { messageOf, NotFound, Refused } from '../../errors.ts';
import { statusOf } from '../shared/status-of.ts';
import type { PlannedWindow, PortalParts } from './deps.ts';
import { bodyOf, fieldsFor, issuesOf, problemOf, submitted } from './forms.ts';
import { namesOf, readerOf, sendPage } from './frame.ts';
import { waitFor } from './live.ts';
import { bothMasters } from './pages/both-masters.ts';
import { standingBlocks } from './pages/standing.ts';
import type { FormField } from './present/form.ts';
import { lightModel, masterModel, partsModel, versionsModel } from './present/light.ts';
import { brighter } from './present/names-light.ts';
import type { Block, Cell } from './sheet.ts';
import { actorIn, mustHave } from './who.ts';

/** The masters, the state of Tandem's own parts, what differs, maintenance, and the word to go on with a parked master. */
export function masterRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/masters', (request, response) => sendMasters(parts, request, response));
  router.post('/masters/:id/resume', async (request, response) => {
    const actor = actorIn(request);
    mustHave(actor, 'masters');
    await parts.operations.resume(request.params.id, actor);
    response.redirect(303, '/masters');
  });
  router.post('/masters/windows', (request, response) =>
    submitted(
      response,
      async () => {
        const actor = actorIn(request);
        mustHave(actor, 'masters');
        const { master = '', begins = '', ends = '', reason = '' } = bodyOf(request);
        if (!parts.masters.list.some((one) => one.id === master))
          throw new NotFound(parts.say('masters.none', { master: master.slice(0, 16) }));
        const window = {
          master,
          begins_at: timeOf(begins),
          ends_at: timeOf(ends),
          reason: reason.trim().slice(0, 255),
          author: actor.name,
        };
        await parts.auth.desk.maintenanceAdd(window);
        await parts.auth.audit({
          actor,
          event: 'master.maintenance',
          subject: master,
          detail: `${begins} to ${ends}: ${window.reason}`,
        });
        await toldOf(parts, window);
        return '/masters#windows';
      },
      (error) => sendMasters(parts, request, response, error),
    ),
  );
  router.post('/masters/windows/:id/remove', async (request, response) => {
    const actor = actorIn(request);
    mustHave(actor, 'masters');
    const known = (await parts.auth.desk.maintenance()).find((one) => one.id === request.params.id);
    if (known === undefined || !(await parts.auth.desk.maintenanceRemove(known.id)))
      throw new NotFound(parts.say('masters.window.none'));
    await parts.auth.audit({ actor, event: 'master.maintenance-off', subject: request.params.id });
    await parts.downtime?.end({ master: known.master, from: known.begins_at, by: actor.name });
    response.redirect(303, '/masters#windows');
  });
  return router;
}

/** The window stands whatever the watchers say; who planned it is told when they do not know of it. */
async function toldOf({ downtime, say }: PortalParts, window: Omit<Maintenance, 'id'>): Promise<void> {
  const { master, begins_at: from, ends_at: until, author: by, reason } = window;
  try {
    await downtime?.plan({ master, from, until, by, reason });
  } catch (error) {
    throw new Refused(say('masters.window.watchers', { reason: messageOf(error) }));
  }
}

/** '2026-11-28 22:00' or '2026-11-28T22:00', UTC; NaN for anything else. */
function timeOf(text: string): number {
  const found = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})$/.exec(text.trim());
  return found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2]}:00Z`);
}

async function sendMasters(parts: PortalParts, request: Request, response: Response, error?: AppError): Promise<void> {
  const [status, standing, both, windows] = await Promise.all([
    parts.reads.status(),
    standingBlocks(parts),
    bothMasters(parts, waitFor(request)),
    windowBlocks(parts, request, error),
  ]);
  const model = {
    light: brighter(lightModel(status, parts.say), parts.namesLight?.(readerOf(parts))),
    masters: status.masters.map((master) => masterModel(master, readerOf(parts))),
    facts: partsModel(status, parts.say),
    versions: versionsModel(status),
    csrf: request.session.csrf ?? '',
    blocks: [...standing, ...both],
    windows,
    problem: error === undefined ? undefined : problemOf(error, windowFields(parts)),
  };
  if (request.query['part'] === 'live')
    return void response
      .type('html')
      .send(await parts.draw('parts/masters', { ...model, frame: { csrf: model.csrf } }));
  const options = { title: parts.say('menu.masters'), status: error === undefined ? 200 : statusOf(error) };
  return sendPage(parts, request, response, 'masters', options, model);
}

function windowFields(parts: PortalParts): readonly FormField[] {
  const { say } = parts;
  const help = say('masters.window.help');
  return [
    {
      name: 'master',
      label: say('masters.window.master'),
      input: 'text',
      required: true,
      options: parts.masters.list.map((one) => one.id),
      optionLabels: Object.fromEntries(parts.masters.list.map((one) => [one.id, one.name])),
    },
    { name: 'begins', label: say('masters.window.begins'), help, input: 'text', required: true },
    { name: 'ends', label: say('masters.window.ends'), help, input: 'text', required: true },
    { name: 'reason', label: say('masters.window.reason'), input: 'text', required: true },
  ];
}

/** What the watchers know of and was not planned here: on a watcher, or on the page of the switchover. */
function plannedElsewhere({ downtime }: PortalParts, windows: readonly Maintenance[]): readonly PlannedWindow[] {
  const here = new Set(windows.map(({ master, begins_at }) => `${master} ${begins_at}`));
  return (downtime?.planned() ?? []).filter(({ master, from }) => !here.has(`${master} ${from}`));
}

async function windowBlocks(parts: PortalParts, request: Request, error?: AppError): Promise<readonly Block[]> {
  const { say } = parts;
  const names = namesOf(parts);
  const windows = await parts.auth.desk.maintenance();
  const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  return [
    { kind: 'heading', text: say('masters.windows'), id: 'windows' },
    { kind: 'text', text: say('masters.windows.why'), tone: 'meta' },
    {
      kind: 'table',
      columns: [
        say('masters.window.master'),
        say('masters.window.begins'),
        say('masters.window.ends'),
        say('masters.window.reason'),
        say('person.name'),
        say('account.change'),
      ],
      empty: say('masters.windows.empty'),
      rows: [
        ...windows.map((one): readonly Cell[] => [
          ...[{ text: names(one.master) }, { text: utc(one.begins_at) }, { text: utc(one.ends_at) }],
          ...[{ text: one.reason }, { text: one.author }],
          { buttons: [{ label: say('masters.window.remove'), action: `/masters/windows/${one.id}/remove` }] },
        ]),
        ...plannedElsewhere(parts, windows).map((one): readonly Cell[] => [
          ...[{ text: names(one.master) }, { text: utc(one.from) }, { text: utc(one.until) }],
          ...[{ text: one.reason }, { text: one.by }],
          {
            meta: say('masters.window.elsewhere'),
            buttons: [
              { label: say('masters.window.remove'), action: '/switchover/downtime/end', hidden: { id: one.id } },
            ],
          },
        ]),
      ],
    },
    {
      kind: 'form',
      action: '/masters/windows',
      fields: fieldsFor(parts, windowFields(parts), bodyOf(request), issuesOf(error)),
      button: say('masters.window.plan'),
      fold: say('masters.window.plan'),
      open: error !== undefined,
    },
  ];
}
