import type { Logger } from 'pino';
import type { Action } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { Auth } from '../../auth/auth.ts';
import type { Masters } from '../../masters.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { FunctionEntry } from '../../whm/functions/model.ts';
import type { Outcome } from '../../whm/outcome.ts';
import type { Draw } from '../shared/render.ts';
import type { PortalPage } from './page.ts';
import type { FormField } from './present/form.ts';
import type { Remembered } from './remembered.ts';
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
  /** Asks one master, for what is seen side by side. */
  on(master: string, call: WhmCall): Promise<Outcome>;
  /** Where a customer's own pages are opened by staff; undefined: the account's page here. Called after the audit entry. */
  readonly openAsCustomer?: (account: string, actor: Actor, reason: string) => Promise<string>;
  /** What the configuration says, without secrets, for the settings page. */
  readonly settings?: readonly { readonly label: string; readonly value: string }[];
  /** Every function of WHM API 1 and UAPI, with its treatment. */
  readonly functions: readonly FunctionEntry[];
  /** Pages of other parts, beside Tandem's own. */
  readonly pages?: readonly PortalPage[];
}

/** What handlers are given. */
export interface PortalParts extends PortalDeps {
  readonly draw: Draw;
  readonly remembered: Remembered;
  readonly say: PortalSay;
  /** All pages, in the order of the menu. */
  readonly all: readonly PortalPage[];
}
