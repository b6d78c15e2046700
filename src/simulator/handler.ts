/**
 * What a module of the simulator is made of: handlers by function name, and hooks on the life of an account.
 * A module is added to modules/index.ts.
 *
 * A handler is synchronous: it looks at the state, changes it through `state.of(table)`, and returns its answer or
 * throws a Refusal. When it refuses, nothing of what it changed is kept. The order in which it changes rows matters:
 * faults that stop a call half way keep the first changes.
 */
import type { HostFiles } from './files.ts';
import type { Params } from './params.ts';
import { Refusal } from './params.ts';
import type { State } from './state.ts';
import type { Account } from './tables.ts';

/** The machine a handler runs on. */
export interface Host {
  /** 'm1'. */
  readonly id: string;
  readonly hostname: string;
  /** '11.134.0.20'. */
  readonly version: string;
  /** Main shared address first, then those that accounts can have for themselves. */
  readonly addresses: readonly string[];
  /** Its disk; without one nothing can be archived. */
  readonly files?: HostFiles;
  /** Milliseconds since 1970. */
  now(): number;
  /** Like Math.random. */
  random(): number;
  /** Random letters and digits. */
  randomText(length: number): string;
  /** A fresh RSA 2048 private key, PEM (PKCS 1). */
  rsaKey(): string;
  /** Whether the server runs this version or a newer one: '11.138'. */
  atLeast(version: string): boolean;
}

/** Who calls. */
export interface Caller {
  readonly kind: 'root' | 'reseller' | 'account';
  readonly user: string;
  /** Privileges of a reseller, or of a token with bounds. Root without bounds has 'all'. */
  readonly acls: ReadonlySet<string>;
  /** The other end's IP address. */
  readonly address: string;
}

export interface Context {
  readonly host: Host;
  readonly state: State;
  readonly caller: Caller;
  /** The cPanel account that a UAPI or API 2 function works for; '' for WHM functions. */
  readonly user: string;
  readonly params: Params;
  /** The function, as called: 'createacct', 'Email::add_pop'. */
  readonly fn: string;
  readonly hooks: Hooks;
}

/** The context of a UAPI or API 2 function: the account exists and may be used by the caller. */
export interface AccountContext extends Context {
  readonly account: Account;
}

export interface Success {
  readonly ok: true;
  /** What stands under `data`; absent when undefined. API 2: the array of rows. */
  readonly data?: unknown;
  /** Default 'OK'. */
  readonly reason?: string;
  /** `metadata.output.raw`, `rawout` in API 0. */
  readonly raw?: string;
  readonly messages?: readonly string[];
  readonly warnings?: readonly string[];
}

export interface Failure {
  readonly ok: false;
  readonly reason: string;
  /** UAPI and API 2 failures sometimes carry data; API 2 default: `[{result: 0, reason}]`. */
  readonly data?: unknown;
  readonly raw?: string;
  /** API 2 functions of the `status`/`statusmsg` family leave `cpanelresult.error` out. */
  readonly quiet?: boolean;
}

export type Result = Success | Failure;
export type Handler = (context: Context) => Result;
export type AccountHandler = (context: AccountContext) => Result;

/** A function with more to say than its handler. */
export interface Declared<H> {
  readonly run: H;
  /** Parameter names beyond those of the function table (all of them, for API 2). A trailing '-#' allows numbers. */
  readonly params?: readonly string[];
  /** The first version that has it: '11.138'. Older ones answer as for an unknown function. */
  readonly since?: string;
  /** WHM: the privilege a reseller needs, where the list in acls.ts does not say. 'all': root only. */
  readonly acl?: string;
  /** The whole API 0 body, where the common shapes of that API do not fit. */
  readonly v0?: (result: Result) => unknown;
}

/** A bare handler, or one with its declaration. */
export type Entry<H> = H | Declared<H>;

/** Called by account functions, in the order of the modules, inside the same transaction. */
export interface Hooks {
  /** Before an account or a domain is made: throw a Refusal to forbid it. `force` is createacct's forcedns. */
  creating?(
    context: Context,
    wanted: { readonly user: string; readonly domain: string; readonly force: boolean },
  ): void;
  /** The account's row and its main domain's row exist. */
  created?(context: Context, account: Account): void;
  /** The rows still exist and are deleted afterwards. */
  removing?(context: Context, account: Account, options: { readonly keepDns: boolean }): void;
  /** The rows have their new names already. */
  renamed?(context: Context, account: Account, from: string, options: { readonly databases: boolean }): void;
  domainChanged?(context: Context, account: Account, from: string): void;
  suspended?(context: Context, account: Account): void;
  unsuspended?(context: Context, account: Account): void;
  /** The account's password was set. `database`: its MySQL user gets it too. */
  passwordChanged?(context: Context, account: Account, options: { readonly database: boolean }): void;
  /** The account's address was changed. */
  addressChanged?(context: Context, account: Account, from: string): void;
}

export interface Module {
  readonly whm?: Readonly<Record<string, Entry<Handler>>>;
  /** 'Email::add_pop'. */
  readonly uapi?: Readonly<Record<string, Entry<AccountHandler>>>;
  readonly api2?: Readonly<Record<string, Entry<AccountHandler>>>;
  readonly hooks?: Hooks;
}

/** A good answer. */
export function ok(data?: unknown, more: Omit<Success, 'ok' | 'data'> = {}): Success {
  return data === undefined ? { ok: true, ...more } : { ok: true, data, ...more };
}

/** A refusal as a value; to refuse from deep inside, `throw new Refusal(reason)`. */
export function no(reason: string, more: Omit<Failure, 'ok' | 'reason'> = {}): Failure {
  return { ok: false, reason, ...more };
}

export { Refusal };
