import type { Logger } from 'pino';
import type { Action } from '../../actions/define.ts';
import type { Auth } from '../../auth/auth.ts';
import type { Masters } from '../../masters.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { Draw } from '../shared/render.ts';
import type { FormField } from './present/form.ts';

/** The part of the catalogue that pages are made from. */
export interface Catalogue {
  readonly actions: readonly Action[];
  actionOf(id: string): Action | undefined;
  fieldsOf(action: Action): readonly FormField[];
}

export interface MenuItem {
  readonly label: string;
  readonly href: string;
}

/** What the portal is built on. Nothing in it is opened or closed here. */
export interface PortalDeps {
  readonly operations: Operations;
  readonly reads: Reads;
  readonly auth: Auth;
  readonly masters: Masters;
  readonly catalogue: Catalogue;
  /** Signs the session cookie; the same on every web node. */
  readonly secret: string;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Ends open event streams when the web role stops. */
  readonly signal?: AbortSignal;
  /** Further menu entries, for parts that bring pages of their own. */
  readonly menu?: readonly MenuItem[];
}

/** What handlers are given. */
export interface PortalParts extends PortalDeps {
  readonly draw: Draw;
}
