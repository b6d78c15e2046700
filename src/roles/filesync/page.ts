/** The portal's pages on file sync: from what the worker of this node wrote down; what is done goes to the agents. */
import { type Request, type Response, Router } from 'express';
import { AppError, Invalid, messageOf, NotFound } from '../../errors.ts';
import { askAgent } from '../../filesync/remote.ts';
import { listed, viewed } from '../../filesync/report.ts';
import { filesState, type Watched } from '../../filesync/watch.ts';
import type { PortalParts } from '../../routes/portal/deps.ts';
import { bodyOf, problemOf, sendSheet } from '../../routes/portal/forms.ts';
import { readerOf } from '../../routes/portal/frame.ts';
import type { PortalPage } from '../../routes/portal/page.ts';
import { actorIn, mustHave } from '../../routes/portal/who.ts';
import { keptSheet, trashSheet } from './kept-sheets.ts';
import { overview } from './sheets.ts';
import { type FilesConfig, filesFolder, watchedOf } from './start.ts';

const askMs = 15_000;

/** What a button may ask for: how it is called in the audit trail, and the words to the agent. */
const deeds: Readonly<Record<string, readonly [event: string, verb: string, putBack: boolean]>> = {
  release: ['files.release', 'release', false],
  'put-back': ['files.put-back', 'release', true],
  pause: ['files.pause', 'pause', false],
  resume: ['files.resume', 'resume', false],
  restore: ['files.restore', 'restore', false],
  isolate: ['files.isolate', 'isolate', false],
  join: ['files.join', 'join', false],
};
const bare: ReadonlySet<string> = new Set(['isolate', 'join']);

interface Here {
  readonly parts: PortalParts;
  readonly watched: readonly Watched[];
  readonly folder: string;
}

function oneOf({ watched, parts }: Here, id: unknown): Watched {
  const one = watched.find((master) => master.id === id);
  if (one === undefined) throw new NotFound(parts.say('files.no-master'));
  return one;
}

function wordOf(value: unknown, most: number): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

async function send(here: Here, request: Request, response: Response, error?: AppError): Promise<void> {
  const state = await filesState.read(here.folder);
  const view = {
    say: here.parts.say,
    now: here.parts.clock(),
    done: wordOf(request.query['done'], 40),
    master: wordOf(request.query['master'], 40),
    ...(error === undefined ? {} : { problem: problemOf(error, []) }),
  };
  await sendSheet(here.parts, request, response, overview(state, view), error);
}

/** A pause names its account by itself or as home/bob. */
function subjectOf(deed: string, body: Readonly<Record<string, string>>): string {
  const what = body['what']?.trim() ?? '';
  if (deed === 'pause' && /^[a-z0-9][a-z0-9._-]*$/i.test(what)) return `home/${what}`;
  return what;
}

async function act(here: Here, request: Request, response: Response): Promise<void> {
  const actor = actorIn(request);
  mustHave(actor, 'masters');
  const deed = wordOf(request.params['deed'], 40);
  const known = Object.hasOwn(deeds, deed) ? deeds[deed] : undefined;
  if (known === undefined) throw new Invalid(here.parts.say('files.no-deed'));
  const [event, verb, putBack] = known;
  const body = bodyOf(request);
  const one = oneOf(here, body['master']);
  const what = subjectOf(deed, body);
  if (what === '' && !bare.has(deed))
    return send(here, request, response, new Invalid(here.parts.say('files.name-account')));
  const rest = bare.has(deed) ? [] : deed === 'pause' ? [what, `by ${actor.name}`] : [what];
  try {
    await askAgent(one.way, { verb, rest, putBack, bytes: deed === 'restore' }, AbortSignal.timeout(askMs));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return send(here, request, response, error);
  }
  await here.parts.auth.audit({ actor, event, subject: `${one.id} ${what}`.trim().slice(0, 300) });
  response.redirect(303, `/filesync?done=${deed}&master=${one.id}`);
}

async function kept(here: Here, request: Request, response: Response): Promise<void> {
  if (request.query['kept'] === undefined) return response.redirect(303, '/filesync');
  const one = oneOf(here, request.query['master']);
  const name = wordOf(request.query['kept'], 8192);
  const asked = { verb: 'view', rest: [name], bytes: true };
  const { json } = await askAgent(one.way, asked, AbortSignal.timeout(askMs));
  await sendSheet(here.parts, request, response, keptSheet(one, name, viewed.parse(json), here.parts.say));
}

async function trash(here: Here, request: Request, response: Response): Promise<void> {
  const text = wordOf(request.query['text'], 200).trim();
  const id = wordOf(request.query['master'], 40);
  const masters = id === '' ? here.watched : [oneOf(here, id)];
  const found = await Promise.all(
    (text === '' ? [] : masters).map(async (master) => {
      try {
        const { json } = await askAgent(master.way, { verb: 'trash', rest: [text] }, AbortSignal.timeout(askMs));
        return { master, kept: listed.parse(json), why: '' };
      } catch (error) {
        return { master, kept: [], why: messageOf(error) };
      }
    }),
  );
  await sendSheet(here.parts, request, response, trashSheet(here.watched, { text, id }, found, readerOf(here.parts)));
}

/** The pages, where agents are configured. */
export function filesPages(config: FilesConfig): readonly PortalPage[] {
  const watched = watchedOf(config);
  if (watched.length === 0) return [];
  const folder = filesFolder(config);
  return [
    {
      path: '/filesync',
      title: 'files.title',
      order: 74,
      needs: 'see-staff',
      async badge() {
        const state = await filesState.read(folder);
        const held = state?.masters.reduce((sum, one) => sum + Object.keys(one.report?.held ?? {}).length, 0) ?? 0;
        return held === 0 ? '' : String(held);
      },
      routes(parts) {
        const here = { parts, watched, folder };
        const router = Router();
        router.get('/filesync', (request, response) => send(here, request, response));
        router.get('/filesync/kept', (request, response) => kept(here, request, response));
        router.get('/filesync/trash', (request, response) => trash(here, request, response));
        router.post('/filesync/:deed', (request, response) => act(here, request, response));
        return router;
      },
    },
  ];
}
