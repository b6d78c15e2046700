/** A page's routes behind its guard: who may, which feature, forms, mistakes and live parts, the same for every page. */
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { customerReach } from '../../auth/customers.ts';
import { AppError, NotAllowed, NotFound } from '../../errors.ts';
import type { Block, Sheet } from '../portal/sheet.ts';
import { statusOf } from '../shared/status-of.ts';
import { waiting } from '../shared/unread.ts';
import type { CustomerParts } from './deps.ts';
import { lackingSheet, lacks } from './features.ts';
import { problemOf } from './forms.ts';
import { sendPage } from './frame.ts';
import { languageOf } from './language.ts';
import { StillAsked } from './newly.ts';
import { noticeBlocks } from './notice.ts';
import type { CustomerPage, RouteList, SheetOf } from './page.ts';
import { sayIn } from './texts/index.ts';
import { type Visit, visitOf } from './visit.ts';
import { actorOf } from './who.ts';

/** Throws RangeError when a route is not at or below the page's path. */
export function customerPageRoutes(parts: CustomerParts, page: CustomerPage): Router {
  const router = Router();
  const below = (path: string): string => {
    if (path === page.path || path.startsWith(`${page.path}/`)) return path;
    throw new RangeError(`the page ${page.path} has a route ${path}, which its guard does not reach`);
  };
  const list: RouteList = {
    show: (path, sheet) =>
      router.get(
        below(path),
        handler(parts, page, (visit) => showSheet(page, visit, sheet)),
      ),
    act: (path, work, again) =>
      router.post(
        below(path),
        changing(page),
        handler(parts, page, (visit) => act(page, visit, work, again)),
      ),
    send: (path, work) => router.get(below(path), handler(parts, page, work)),
    take: (path, work) => router.post(below(path), changing(page), handler(parts, page, work)),
  };
  page.routes(list);
  return Router().use(page.path, guard(page)).use(router);
}

/** What a customer's role does not reach does not exist for it. */
function guard(page: CustomerPage): RequestHandler {
  return (request, _response, next) => {
    const who = request.customer;
    if (who !== undefined && customerReach(who, page.area) !== 'none') return next();
    throw new NotFound('problem.not-found');
  };
}

function changing(page: CustomerPage): RequestHandler {
  return (request, _response, next) => {
    const who = request.customer;
    if (who !== undefined && customerReach(who, page.area) === 'change') return next();
    throw new NotAllowed('problem.not-allowed');
  };
}

function handler(parts: CustomerParts, page: CustomerPage, work: (visit: Visit) => Promise<void>): RequestHandler {
  return async (request, response) => work(await visitAt(parts, page, request, response));
}

async function visitAt(parts: CustomerParts, page: CustomerPage, request: Request, response: Response): Promise<Visit> {
  const who = request.customer;
  if (who === undefined) throw new NotAllowed('sign-in.first');
  const language = languageOf(request);
  return visitOf(parts, request, response, {
    who,
    actor: await actorOf(parts, request),
    language,
    say: sayIn(language),
    mayChange: customerReach(who, page.area) === 'change',
  });
}

async function showSheet(page: CustomerPage, visit: Visit, sheetOf: SheetOf): Promise<void> {
  if (await lacks(visit, page.feature)) return sendSheet(visit, lackingSheet(visit, page));
  const sheet = await sheetOf(visit).catch((error: unknown) => stillAsked(page, visit, error));
  const blocks = [...(await noticeBlocks(visit)), ...readOnlyBlocks(visit), ...sheet.blocks, ...awaited(visit, sheet)];
  return sendSheet(visit, { ...sheet, blocks, live: true });
}

/** The page in place of one that must not be drawn before a master answered. */
function stillAsked(page: CustomerPage, { say }: Visit, error: unknown): Sheet {
  if (!(error instanceof StillAsked)) throw error;
  return { heading: say(page.title), blocks: [{ kind: 'unread', text: say('live.unread') }] };
}

/** A page that knows its main thing may still lack a form or a word: it says so, and is asked for again. */
function awaited(visit: Visit, { blocks }: Sheet): readonly Block[] {
  const isSaid = blocks.some((block) => block.kind === 'unread');
  return isSaid || !visit.awaits() ? [] : [{ kind: 'unread', text: visit.say('live.more') }];
}

function readOnlyBlocks(visit: Visit): readonly Block[] {
  return visit.mayChange || visit.who.role === 'billing'
    ? []
    : [{ kind: 'text', text: visit.say('form.read-only'), tone: 'meta' }];
}

/** Does what a form asks. A mistake: the page again, with what was typed and what is wrong. */
async function act(
  page: CustomerPage,
  visit: Visit,
  work: (visit: Visit) => Promise<string | Sheet>,
  again: SheetOf,
): Promise<void> {
  let next: string | Sheet;
  try {
    if (await lacks(visit, page.feature))
      throw new NotAllowed(visit.say('feature.off', { feature: visit.say(page.title) }));
    next = await work(visit);
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof NotAllowed || error instanceof NotFound) throw error;
    return sendAgain({ ...visit, error }, again, error);
  }
  if (typeof next !== 'string') return sendSheet(visit, next);
  visit.response.redirect(303, next);
}

async function sendAgain(visit: Visit, again: SheetOf, error: AppError): Promise<void> {
  const sheet = await again(visit);
  const problem = problemOf(visit, labelsOf(sheet.blocks));
  await sendSheet(visit, problem === undefined ? sheet : { ...sheet, problem }, statusOf(error));
}

/** Field name → label, of the form that was sent: the one that carries the mistake comes last. */
function labelsOf(blocks: readonly Block[]): ReadonlyMap<string, string> {
  const forms = blocks.flatMap((block) => (block.kind === 'form' ? [block] : []));
  const ordered = forms.toSorted((a, b) => Number(hasError(a)) - Number(hasError(b)));
  return new Map(ordered.flatMap((form) => form.fields.map((field) => [field.name, field.label] as const)));
}

function hasError(form: Extract<Block, { kind: 'form' }>): boolean {
  return form.fields.some((field) => field.error !== '');
}

/** Sends a page that is data, or only its blocks when the page asks for them again. */
export async function sendSheet(visit: Visit, sheet: Sheet, status = 200): Promise<void> {
  const { parts, request, response } = visit;
  if (request.query['part'] === 'live' && request.method === 'GET') {
    const model = { say: visit.say, blocks: sheet.blocks, frame: { csrf: request.session.csrf ?? '' } };
    response.type('html').send(await parts.draw('parts/blocks', model));
    return;
  }
  const { sheet: drawn, refresh } = waiting(sheet, request, visit.say('live.again'));
  return sendPage(parts, request, response, 'sheet', { title: sheet.heading, refresh, status }, drawn);
}
