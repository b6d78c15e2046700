import type { Request, Response } from 'express';
import type { Actor } from '../../auth/actor.ts';
import { has, roleMeanings } from '../../auth/roles.ts';
import type { Status } from '../../operations/model.ts';
import { formToken } from '../shared/csrf.ts';
import type { PortalParts } from './deps.ts';
import type { PortalPage } from './page.ts';
import { type LightModel, lightModel } from './present/light.ts';
import { brighter } from './present/names-light.ts';
import type { Names, Reader } from './present/reader.ts';
import type { PortalSay } from './texts/en.ts';
import { scriptWords } from './texts/script.ts';
import { actorIn } from './who.ts';

/** What stands around every page. */
export interface FrameModel {
  readonly title: string;
  readonly csrf: string;
  readonly theme: string;
  readonly person: { readonly name: string; readonly role: string; readonly meaning: string } | undefined;
  readonly light: LightModel;
  readonly menu: readonly MenuEntry[];
  readonly say: PortalSay;
  /** Whose page is seen as the customer sees it, and why; undefined for one's own. */
  readonly as: { readonly account: string; readonly reason: string } | undefined;
  /** How the portal looks to a reseller's people; undefined: as Tandem. */
  readonly brand: { readonly title: string; readonly logo: boolean } | undefined;
  /** What the page's script says, JSON. */
  readonly words: string;
  readonly q: string;
  /** Seconds after which a page without JavaScript is loaded again; 0 for never. */
  readonly refresh: number;
}

export interface MenuEntry {
  readonly label: string;
  readonly href: string;
  readonly current: boolean;
  readonly badge: string;
}

/** A page's own part of the frame. */
export interface PageOptions {
  readonly title: string;
  readonly status?: number;
  readonly refresh?: number;
}

const themes = new Set(['light', 'dark']);

/** Draws a page inside the frame and sends it. */
export async function sendPage(
  parts: PortalParts,
  request: Request,
  response: Response,
  page: string,
  options: PageOptions,
  model: object,
): Promise<void> {
  const frame = await frameOf(parts, request, response, options);
  const html = await parts.draw(page, { ...model, frame });
  response
    .status(options.status ?? 200)
    .type('html')
    .send(html);
}

async function frameOf(
  parts: PortalParts,
  request: Request,
  response: Response,
  options: PageOptions,
): Promise<FrameModel> {
  const person = request.user;
  const status = person === undefined ? undefined : await statusOrNone(parts);
  return {
    title: options.title,
    csrf: formToken(request, response),
    theme: themeIn(request),
    person: person === undefined ? undefined : { ...person, meaning: roleMeanings[person.role] },
    light: brighter(
      lightModel(status, parts.say),
      person === undefined ? undefined : parts.namesLight?.(readerOf(parts)),
    ),
    menu: person === undefined ? [] : await menuOf(parts, request),
    brand: await brandOf(parts, person?.reseller),
    say: parts.say,
    as: request.session?.as,
    words: scriptWords(parts.say),
    q: typeof request.query['q'] === 'string' && request.path === '/search' ? request.query['q'] : '',
    refresh: options.refresh ?? 0,
  };
}

/** A page is still worth having when the state cannot be read: the light then says so. */
async function statusOrNone(parts: PortalParts): Promise<Status | undefined> {
  try {
    return await parts.reads.status();
  } catch (error) {
    parts.log.warn({ error }, 'the light could not be read');
    return undefined;
  }
}

async function brandOf(parts: PortalParts, reseller: string | undefined): Promise<FrameModel['brand']> {
  const brand = reseller === undefined ? undefined : await parts.auth.desk.brand(reseller);
  return brand === undefined ? undefined : { title: brand.title, logo: brand.logo !== '' };
}

async function menuOf(parts: PortalParts, request: Request): Promise<readonly MenuEntry[]> {
  const actor = actorIn(request);
  const shown = parts.all.filter((page) => page.order !== undefined && mayOpen(page, actor.role));
  const badges = await Promise.all(shown.map((page) => badgeOf(parts, page, actor)));
  const { path } = request;
  return shown.map((page, at) => ({
    label: parts.say(page.title),
    href: page.path,
    badge: badges[at] ?? '',
    current: path === page.path || path.startsWith(`${page.path}/`),
  }));
}

/** Whether a role may open a page. */
export function mayOpen(page: Pick<PortalPage, 'needs'>, role: Actor['role']): boolean {
  return page.needs === 'signed-in' || has(role, page.needs);
}

/** A page is still worth having when a number cannot be read. */
async function badgeOf(parts: PortalParts, page: PortalPage, actor: Actor): Promise<string> {
  try {
    return (await page.badge?.(actor)) ?? '';
  } catch (error) {
    parts.log.warn({ error, page: page.path }, 'a number in the menu could not be read');
    return '';
  }
}

/** The theme that this browser chose. */
export function themeIn(request: Request): string {
  const found = /(?:^|;\s*)tandem-theme=(\w+)/.exec(request.get('cookie') ?? '')?.[1] ?? '';
  return themes.has(found) ? found : 'system';
}

/** Who reads what is drawn now. */
export function readerOf(parts: PortalParts): Reader {
  return { say: parts.say, names: namesOf(parts), now: parts.clock() };
}

/** Master id → short name; an id that is no longer configured stands for itself. */
export function namesOf(parts: PortalParts): Names {
  const names = new Map(parts.masters.list.map((master) => [master.id, master.name]));
  return (id) => names.get(id) ?? id;
}
