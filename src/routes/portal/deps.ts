import type { Logger } from 'pino';
import type { Action } from '../../actions/define.ts';
import type { Auth } from '../../auth/auth.ts';
import type { Masters } from '../../masters.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { FunctionEntry } from '../../whm/functions/model.ts';
import type { Draw } from '../shared/render.ts';
import type { PortalPage } from './page.ts';
import type { FormField } from './present/form.ts';
import type { PortalSay } from './texts/en.ts';

/** The part of the catalogue that pages are made from. */
export interface Catalogue {
  readonly actions: readonly Action[];
  actionOf(id: string): Action | undefined;
  fieldsOf(action: Action): readonly FormField[];
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
  /** Every function of WHM API 1 and UAPI, with its treatment. */
  readonly functions: readonly FunctionEntry[];
  /** Pages of other parts, beside Tandem's own. */
  readonly pages?: readonly PortalPage[];
}

/** What handlers are given. */
export interface PortalParts extends PortalDeps {
  readonly draw: Draw;
  readonly say: PortalSay;
  /** All pages, in the order of the menu. */
  readonly all: readonly PortalPage[];
}
