import type { Request, Response } from 'express';
import { roleMeanings } from '../../auth/roles.ts';
import type { Status } from '../../operations/model.ts';
import { formToken } from '../shared/csrf.ts';
import type { MenuItem, PortalParts } from './deps.ts';
import { count } from './present/accounts.ts';
import type { Names } from './present/chips.ts';
import { type LightModel, lightModel } from './present/light.ts';

/** What stands around every page. */
export interface FrameModel {
  readonly title: string;
  readonly csrf: string;
  readonly theme: string;
  readonly person: { readonly name: string; readonly role: string; readonly meaning: string } | undefined;
  readonly light: LightModel;
  readonly menu: readonly (MenuItem & { readonly current: boolean; readonly badge: string })[];
  readonly q: string;
  /** Seconds after which a page without JavaScript is loaded again; 0 for never. */
  readonly refresh: number;
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
    theme: themeOf(request),
    person: person === undefined ? undefined : { ...person, meaning: roleMeanings[person.role] },
    light: lightModel(status),
    menu: person === undefined ? [] : menuOf(parts, request.path, status),
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

function menuOf(parts: PortalParts, path: string, status: Status | undefined): FrameModel['menu'] {
  const open = status === undefined || status.open === 0 ? '' : count(status.open);
  const items = [
    { label: 'Accounts', href: '/accounts', badge: '' },
    { label: 'Operations', href: '/operations', badge: open },
    { label: 'Actions', href: '/actions', badge: '' },
    { label: 'Masters', href: '/masters', badge: '' },
    ...(parts.menu ?? []).map((item) => ({ ...item, badge: '' })),
    { label: 'Audit', href: '/audit', badge: '' },
  ];
  return items.map((item) => ({ ...item, current: path === item.href || path.startsWith(`${item.href}/`) }));
}

function themeOf(request: Request): string {
  const found = /(?:^|;\s*)tandem-theme=(\w+)/.exec(request.get('cookie') ?? '')?.[1] ?? '';
  return themes.has(found) ? found : 'system';
}

/** Master id → short name; an id that is no longer configured stands for itself. */
export function namesOf(parts: PortalParts): Names {
  const names = new Map(parts.masters.list.map((master) => [master.id, master.name]));
  return (id) => names.get(id) ?? id;
}
