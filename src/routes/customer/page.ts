import type { Area } from '../../auth/customer-roles.ts';
import type { Sheet } from '../portal/sheet.ts';
import type { CustomerKey } from './texts/index.ts';
import type { Visit } from './visit.ts';

/** Entries of the menu, in its order: what a customer wants, not how it is done. */
export const goals = [
  'mailbox',
  'overview',
  'mail',
  'domains',
  'files',
  'databases',
  'websites',
  'statistics',
  'backups',
  'access',
  'activity',
] as const;

export type Goal = (typeof goals)[number];

/** What a page shows. May be asked for again, so it does nothing else. */
export type SheetOf = (visit: Visit) => Promise<Sheet>;

/** Where a page puts its routes. Guards, forms, mistakes and live parts are done here, the same for all pages. */
export interface RouteList {
  /** GET: draws a sheet. Its blocks are fetched again when something changes. */
  show(path: string, sheet: SheetOf): void;
  /**
   * POST: does something and answers where to go next, or a sheet to draw, such as a difference to confirm; a mistake
   * draws `again` with what was typed.
   */
  act(path: string, work: (visit: Visit) => Promise<string | Sheet>, again: SheetOf): void;
  /** GET of something that is no page, such as a download; answers by itself. */
  send(path: string, work: (visit: Visit) => Promise<void>): void;
  /** POST that answers by itself, and reads its own body where it is no form. */
  take(path: string, work: (visit: Visit) => Promise<void>): void;
}

/**
 * A page of the self-service as it registers itself: it has its routes, its guard and its place in the menu.
 * docs/adding-a-page.md tells more.
 */
export interface CustomerPage {
  /** '/my/mail/forwarders': every route of the page is this path or below it; anything else is refused at start. */
  readonly path: string;
  /** Under which entry of the menu it stands, as one of its tabs. */
  readonly goal: Goal;
  /** The tab's word; also the page's heading, unless the sheet says otherwise. */
  readonly title: CustomerKey;
  /** Place among the tabs, small first; undefined: no tab. The first is where the menu leads. */
  readonly order?: number;
  /** Who may: the area of auth/customer-roles.ts. Whoever only sees gets no POST. */
  readonly area: Area;
  /** cPanel's name of the feature; where the account's feature list lacks it, the page says so instead. */
  readonly feature?: string;
  routes(to: RouteList): void;
}
