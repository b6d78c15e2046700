import type { Logger } from 'pino';
import type { Subject } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { DoorSessions } from '../../auth/door-sessions.ts';
import type { OwnerOf } from '../../auth/may.ts';
import type { Token, TokenChange, TokenInput } from '../../auth/tokens.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { Args, WhmCall } from '../../whm/call.ts';
import type { FunctionEntry } from '../../whm/functions/model.ts';
import type { Heard, Outcome, Upload, Uploaded } from '../../whm/outcome.ts';
import type { Recent } from './recent.ts';
import type { Throttle } from './throttle.ts';
import type { ZoneViews } from './zone-views.ts';

/** What a caller said about itself in the Authorization header, not yet believed. */
export interface Credentials {
  /** 'whm' and 'cpanel' carry a token of Tandem's, 'basic' a person's password. */
  readonly scheme: 'whm' | 'cpanel' | 'basic';
  readonly user: string;
  readonly secret: string;
  /** Of a person's second factor. */
  readonly code?: string;
}

/** An action with its parameters, not yet parsed. */
export interface Asked {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The pure tables that decide what becomes of a call. */
export interface Tables {
  entry(api: 'whm' | 'uapi', fn: string): FunctionEntry | undefined;
  /** Names of all WHM functions that are served at all. */
  readonly served: readonly string[];
  /**
   * The action that takes the call over, or undefined where there is none or it would narrow the call.
   * Arguments of a UAPI or API 2 call hold the account as `cpanel.user`.
   */
  cover(fn: string, args: Args): Asked | undefined;
  /** Id and parameters of the generic action that makes this call on every master. */
  generic(call: WhmCall, master?: string): Asked;
  /** Whose thing the action would change. Throws Invalid with an issue per field when the parameters are wrong. */
  subject(action: string, params: unknown): Subject;
}

/** Tandem's own tokens, as api_token_create and its sisters manage them. */
export interface TokenDesk {
  create(input: TokenInput): Promise<{ readonly token: string; readonly info: Token }>;
  update(id: string, change: TokenChange): Promise<Token>;
  revoke(id: string): Promise<boolean>;
  list(): Promise<readonly Token[]>;
  /** The token itself: what api_token_get_details is asked with. */
  check(token: string): Promise<Actor | undefined>;
}

/** Everything that the passthrough needs; main.ts wires it. */
export interface PassthroughDeps {
  readonly operations: Pick<Operations, 'accept' | 'wait' | 'withdraw'>;
  readonly reads: Pick<Reads, 'call' | 'order' | 'status' | 'accounts'>;
  readonly tables: Tables;
  /** A read on one named master, past the choice that `reads` makes. */
  readonly on: (master: string, call: WhmCall, options?: { readonly heard?: Heard }) => Promise<Outcome>;
  readonly recent: Recent;
  /** undefined: wrong. Takes the same time for unknown users and wrong secrets. 'code wanted': right so far. */
  readonly signIn: (credentials: Credentials, address: string) => Promise<Actor | 'code wanted' | undefined>;
  /** The one rule for every door (auth/may.ts), with the action looked up by its id. */
  readonly may: (actor: Actor, action: string, subject: Subject, ownerOf: OwnerOf) => boolean;
  /** What the masters let a reseller do; undefined: none of them tells. Left out: the token alone decides. */
  readonly privileges?: {
    of(reseller: string): Promise<ReadonlySet<string> | undefined>;
    forget(): void;
  };
  readonly sessions: DoorSessions;
  readonly tokens: TokenDesk;
  /** What clients were shown of zones. */
  readonly views: ZoneViews;
  /** Address or host name of a master → the one that the outside sees (the first master's); all else as it is. */
  readonly outside: (value: string) => string;
  /** Whether JSON text may hold a value that `outside` changes. Left out: each value is looked at. */
  readonly mayHoldInside?: (json: string) => boolean;
  /** Where a link's browser goes on to: the pages of an account, or of one of its mailbox users. */
  readonly openSelfService: (who: { readonly account: string; readonly mailbox?: string }) => Promise<string>;
  /** Port of the cPanel listener, for links; known when it listens. */
  readonly cpanelPort: () => number;
  /** One count for both listeners. */
  readonly throttle?: Throttle;
  /** Files that callers send into homes. */
  readonly uploads: {
    /** Where they wait on this machine; made when needed. */
    readonly folder: string;
    /** Bytes of one call's files together. Default 512 MiB. */
    readonly mostBytes?: number;
    /** Sends one to a master, and notes it in the audit trail. */
    send(actor: Actor, account: string, master: string, upload: Upload, signal: AbortSignal): Promise<Uploaded>;
  };
  /**
   * Why the DS records of zones must not be shown yet; undefined: they may. `ask` puts a question to the master that they
   * come from. Left out: no name servers are known here.
   */
  readonly whyKeysHeld?: (
    zones: readonly string[],
    ask: (call: WhmCall) => Promise<Outcome>,
  ) => Promise<string | undefined>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`; slows down answers to wrong credentials. */
  readonly delay: (ms: number) => Promise<void>;
  /** How long a caller is kept waiting for the lead. Default 25,000 ms. */
  readonly waitMs?: number;
  /** Longest body, bytes. Default 2 MiB: certificates and zones fit; files are counted apart. */
  readonly bodyLimit?: number;
  /** A body must be complete within this time. Default 30,000 ms. */
  readonly bodyMs?: number;
}
