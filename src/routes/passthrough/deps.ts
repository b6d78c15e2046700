import type { Logger } from 'pino';
import type { Subject } from '../../actions/define.ts';
import type { Actor } from '../../auth/actor.ts';
import type { OwnerOf } from '../../auth/may.ts';
import type { Operations, Reads } from '../../operations/model.ts';
import type { Args, WhmCall } from '../../whm/call.ts';
import type { FunctionEntry } from '../../whm/functions/model.ts';
import type { Outcome } from '../../whm/outcome.ts';

/** What a caller said about itself in the Authorization header, not yet believed. */
export interface Credentials {
  /** 'whm' and 'cpanel' carry a token of Tandem's, 'basic' a person's password. */
  readonly scheme: 'whm' | 'cpanel' | 'basic';
  readonly user: string;
  readonly secret: string;
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

/** One-time link for a person, as `create_user_session` answers it. */
export interface SessionLink {
  readonly url: string;
  readonly session: string;
  readonly cp_security_token: string;
  readonly expires: number;
}

/** Everything that the passthrough needs; main.ts wires it. */
export interface PassthroughDeps {
  readonly operations: Pick<Operations, 'accept' | 'wait' | 'withdraw'>;
  readonly reads: Pick<Reads, 'call' | 'status' | 'accounts'>;
  readonly tables: Tables;
  /** A read on one named master, past the choice that `reads` makes. */
  readonly on: (master: string, call: WhmCall) => Promise<Outcome>;
  /** undefined: wrong. Takes the same time for unknown users and wrong secrets. */
  readonly signIn: (credentials: Credentials, address: string) => Promise<Actor | undefined>;
  /** The one rule for every door (auth/may.ts), with the action looked up by its id. */
  readonly may: (actor: Actor, action: string, subject: Subject, ownerOf: OwnerOf) => boolean;
  /** Absent until one-time links exist: `create_user_session` is then refused. */
  readonly session?: (actor: Actor, user: string, service: string) => Promise<SessionLink>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms`; slows down answers to wrong credentials. */
  readonly delay: (ms: number) => Promise<void>;
  /** How long a caller is kept waiting for the lead. Default 25,000 ms. */
  readonly waitMs?: number;
  /** Longest body, bytes. Default 2 MiB: certificates and zones fit, uploads do not belong here. */
  readonly bodyLimit?: number;
  /** A body must be complete within this time. Default 30,000 ms. */
  readonly bodyMs?: number;
}
