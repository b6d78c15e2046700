import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { Actor } from '../../auth/actor.ts';
import type { Auth } from '../../auth/auth.ts';
import type { Masters } from '../../masters.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { PlacementDesk } from '../../operations/placement.ts';
import type { Box } from '../../webmail/credentials.ts';
import type { CgiAnswer } from '../../webmail/fastcgi.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { HomeFiles, Outcome } from '../../whm/outcome.ts';
import type { Catalogue } from '../portal/deps.ts';
import type { Remembered } from '../portal/remembered.ts';
import type { Draw } from '../shared/render.ts';
import type { CustomerPage } from './page.ts';

/** What a master said of a password. 'later': none that can be asked knows the account's newest state. */
export type PasswordAnswer = 'right' | 'wrong' | 'later' | 'code';

/** Asks one master whether a password is right. At most one call, whatever becomes of it. */
export interface PasswordCheck {
  /** Of a cPanel account. 'code': right, but cPanel itself asks for a second factor there. */
  account(account: string, password: string): Promise<PasswordAnswer>;
  /** Of a mailbox; `account` is its owner, '' when nobody owns the domain. */
  mailbox(address: string, password: string): Promise<{ readonly answer: PasswordAnswer; readonly account: string }>;
}

/** Since when a master is an account's active one, and how its copies stand. From Tandem's own data. */
export interface Copies {
  /** Id of the master that serves the account, and since when (ISO 8601), where that is known. */
  readonly active: string;
  readonly since?: string;
  /** Seconds that the files on the others are behind; undefined: nothing copies files, or it is not known. */
  readonly filesBehind?: number;
  readonly databasesBehind?: number;
  /** What Tandem copies here at all; what it does not is not spoken of. */
  readonly copied?: readonly ('files' | 'databases')[];
  readonly lastSwitch?: string;
  readonly lastDrill?: string;
  readonly drillWentWell?: boolean;
}

export interface CustomerPlacement extends Pick<PlacementDesk, 'of' | 'choose'> {
  /** Whether the watchers know that the account is not where it belongs, and move it once they can. */
  waits(account: string): boolean;
}

/** How a site answers under a name of one server. */
export type SiteAnswer =
  | { readonly kind: 'asking' }
  | { readonly kind: 'answers'; readonly status: number }
  /** To another name: its own, most likely. */
  | { readonly kind: 'redirects'; readonly to: string }
  | { readonly kind: 'silent'; readonly why: string };

/** What is known of a name at an address of a master; looked up in the background. */
export type SiteCheck = (name: string, address: string) => SiteAnswer;

/** One line of a crontab. */
export interface CronJob {
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
  readonly command: string;
}

/** The crontab that an account is to have. It runs on its active master alone and moves with it. */
export interface WantedCron {
  readonly jobs: readonly CronJob[];
  /** Where the output goes; '' for the account itself. */
  readonly email: string;
}

export interface Crontabs {
  /** undefined: it was never changed here, so what the master has counts. */
  wanted(account: string): Promise<WantedCron | undefined>;
  /**
   * Remembers it after the operation that sets it was accepted. Should that be refused later, the table that was good
   * before is wanted again.
   */
  keep(account: string, wanted: WantedCron, master: string, operation: string): Promise<void>;
}

/** Roundcube, and the gate through which it reaches mail. */
export interface WebmailDoor {
  /** The port of webmail: another origin than the self-service, so that a message's script reaches none of it. */
  readonly port: number;
  /** The self-service's port on the same host names. */
  readonly homePort: number;
  /** Folder with Roundcube's styles and scripts. */
  readonly assets: string;
  /** Roundcube's entry file, as PHP sees it. */
  readonly entry: string;
  readonly imapPort: number;
  readonly smtpPort: number;
  /** A token that signs in to one mailbox at the gate, until it is given back. */
  give(box: Box): { readonly token: string; back(): void };
  ask(params: Readonly<Record<string, string>>, body: Readable | undefined): Promise<CgiAnswer>;
}

/** What the self-service is built on. Nothing in it is opened or closed here. */
export interface CustomerDeps {
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
  readonly signal?: AbortSignal;
  on(master: string, call: WhmCall): Promise<Outcome>;
  readonly passwords: PasswordCheck;
  copies(account: string): Promise<Copies>;
  /** The actor that staff are, for those who look at an account as its customer does; undefined: no longer allowed. */
  staffActor(name: string, address: string): Promise<Actor | undefined>;
  /** Whole files in and out of homes on a master. */
  home(master: string): HomeFiles;
  /** Folder of this machine where uploads wait until they are sent on; made when needed. */
  readonly spool: string;
  /** The wanted crontabs. */
  readonly crontabs: Crontabs;
  /** Where the account belongs, and the customer's choice. */
  readonly placement: CustomerPlacement;
  readonly siteCheck: SiteCheck;
  /** undefined: there is no webmail. */
  readonly webmail?: WebmailDoor;
  /** Pages of other parts, beside Tandem's own. */
  readonly pages?: readonly CustomerPage[];
}

/** What handlers are given. */
export interface CustomerParts extends CustomerDeps {
  readonly draw: Draw;
  readonly remembered: Remembered;
  /** All pages, in the order of the menu. */
  readonly all: readonly CustomerPage[];
}
