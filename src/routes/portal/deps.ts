import type { Logger } from 'pino';
import type { Action } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { Auth } from '../../auth/auth.ts';
import type { PasskeySite } from '../../auth/passkeys.ts';
import type { Thing } from '../../drift/things.ts';
import type { Masters } from '../../masters.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { PlacementDesk } from '../../operations/placement.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { FunctionEntry } from '../../whm/functions/model.ts';
import type { Outcome } from '../../whm/outcome.ts';
import type { Draw } from '../shared/render.ts';
import type { PortalPage } from './page.ts';
import type { FormField } from './present/form.ts';
import type { LightModel } from './present/light.ts';
import type { Reader } from './present/reader.ts';
import type { Rates } from './rates.ts';
import type { Remembered } from './remembered.ts';
import type { PortalSay } from './texts/en.ts';

/** The part of the catalogue that pages are made from. */
export interface Catalogue {
  readonly actions: readonly Action[];
  actionOf(id: string): Action | undefined;
  fieldsOf(action: Action): readonly FormField[];
}

/** A difference that stands. */
export interface Standing {
  readonly id: string;
  /** Its kind's title. */
  readonly kind: string;
  readonly name: string;
  readonly sentence: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface Backups {
  /** Whether accounts can be archived before they go. */
  readonly possible: boolean;
  /** The newest archive of an account that was found whole. */
  newest(account: string): Promise<{ readonly id: string; readonly at: string } | undefined>;
}

/** Planned downtime as the watchers have it. */
export interface PlannedWindow {
  readonly id: string;
  readonly master: string;
  readonly from: number;
  readonly until: number;
  readonly by: string;
  readonly reason: string;
}

export interface Downtime {
  /** What the watchers say to it. Throws Unreachable, or Invalid with their words when they refuse. */
  plan(window: {
    readonly master: string;
    readonly from: number;
    readonly until: number;
    readonly by: string;
    readonly reason: string;
  }): Promise<void>;
  /** What the watchers know of, whoever planned it and where; from memory. */
  planned(): readonly PlannedWindow[];
  /** Ends what was planned for that master and time; nothing, when the watchers know of none. */
  end(window: { readonly master: string; readonly from: number; readonly by: string }): Promise<void>;
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
  /** How many differences of an account stand; left out: nothing is compared here. */
  readonly differences?: (account: string) => Promise<number>;
  /** Settings and certificates that differ between the masters, from the last comparison. Left out: nothing is compared. */
  readonly standing?: () => Promise<readonly Standing[]>;
  /** Where accounts belong; who may change it has a page for it. Left out: nobody can say. */
  readonly placement?: Pick<PlacementDesk, 'of' | 'ofPackages'>;
  /** Archives of accounts that are removed. Left out: nothing is known of any. */
  readonly archives?: Backups;
  /** Told of maintenance, so that it is planned downtime for the watchers too. Left out: there are no watchers. */
  readonly downtime?: Downtime;
  /** Names in the accounts that contain the text: domains, mailboxes, databases. Left out: the search finds accounts only. */
  readonly findThings?: (text: string, most: number) => Promise<readonly Thing[]>;
  /** Sends a letter, and the portal's address for links in it; undefined: nobody can ask for a new password by mail. */
  readonly mail?: {
    readonly url: string;
    send(letter: { readonly to: string; readonly subject: string; readonly text: string }): Promise<void>;
  };
  /** How much one visitor may ask for in a minute; left out: the usual. */
  readonly rates?: Rates;
  /** Nobody gets on before a second factor is set up. */
  readonly requireSecondFactor?: boolean;
  /** How long a change that can be put back is held for *Undo*; left out: it begins at once. */
  readonly undoSeconds?: number;
  /** What browsers bind passkeys to; undefined: none are offered. */
  readonly passkeySite?: PasskeySite | undefined;
  /** What the configuration says, without secrets, for the settings page. */
  readonly settings?: readonly { readonly label: string; readonly value: string }[];
  /** Every function of WHM API 1 and UAPI, with its treatment. */
  readonly functions: readonly FunctionEntry[];
  /** What the watchers' light shows, from memory; undefined: nothing that outshines the operations' own. */
  readonly namesLight?: (reader: Reader) => LightModel | undefined;
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
