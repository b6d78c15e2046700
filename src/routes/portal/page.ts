import type { Router } from 'express';
import type { Actor } from '../../auth/actor.ts';
import type { Right } from '../../auth/roles.ts';
import type { PortalParts } from './deps.ts';
import type { PortalKey } from './texts/en.ts';

/**
 * A page of the portal as it registers itself: put it into a list (portal/pages.ts, or `pages` of PortalDeps for parts
 * that live elsewhere), and it has its routes, its guard and its place in the menu. docs/adding-a-page.md tells more.
 */
export interface PortalPage {
  /** '/drift': every route of the page is this path or below it; anything else is refused at start. */
  readonly path: string;
  /** Key of its word in the menu. */
  readonly title: PortalKey;
  /** Place in the menu, small first; undefined: not in the menu. 10 to 90 are Tandem's own, one page per ten. */
  readonly order?: number;
  /** Who may open it: a right of auth/roles.ts, or everybody who is signed in. */
  readonly needs: Right | 'signed-in';
  /** A few characters behind the title, such as '3'; '' for none. From Tandem's own data: the menu waits for no master. */
  badge?(actor: Actor): Promise<string>;
  routes(parts: PortalParts): Router;
}
