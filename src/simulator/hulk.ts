/**
 * cPHulk: counts sign-ins that failed, and turns users and addresses away that failed too often. Off until
 * enable_cphulk: a real server has it on.
 */
import type { Host } from './handler.ts';
import { type State, table } from './state.ts';

export interface HulkConfig {
  readonly enabled: boolean;
  /** Failures of one user within `userMinutes` that lock it. */
  readonly maxFailures: number;
  readonly userMinutes: number;
  /** Failures from one address within `addressMinutes` that lock it. */
  readonly maxByAddress: number;
  readonly addressMinutes: number;
}

export interface FailedLogin {
  readonly user: string;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Listed {
  readonly list: 'white' | 'black';
  readonly address: string;
  readonly comment: string;
}

/** Key: 'server'. */
export const hulkConfig = table<HulkConfig>('hulk-config');
/** Key: a number. No effect of a call. */
export const failedLogins = table<FailedLogin>('hulk-failures', { silent: true });
/** Key: 'white/192.0.2.1'. */
export const hulkLists = table<Listed>('hulk-lists', { group: (l) => l.list });

/** The documented defaults. */
const DEFAULTS: HulkConfig = {
  enabled: false,
  maxFailures: 15,
  userMinutes: 5,
  maxByAddress: 5,
  addressMinutes: 15,
};

/** How it is set up now. */
export function hulkConfigOf(state: State): HulkConfig {
  return state.of(hulkConfig).get('server') ?? DEFAULTS;
}

export interface Brutes {
  readonly users: readonly string[];
  readonly addresses: readonly string[];
}

function often(values: readonly string[], bound: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= bound).map(([value]) => value);
}

/** Users and addresses that are locked out now. */
export function brutesOf(state: State, now: number): Brutes {
  const config = hulkConfigOf(state);
  const since = (minutes: number): readonly FailedLogin[] =>
    state
      .of(failedLogins)
      .values()
      .filter((f) => f.at > now - minutes * 60_000);
  return {
    users: often(
      since(config.userMinutes).map((f) => f.user),
      config.maxFailures,
    ),
    addresses: often(
      since(config.addressMinutes).map((f) => f.address),
      config.maxByAddress,
    ),
  };
}

/** Whether a sign-in is turned away whatever its password. */
export function isLockedOut(state: State, host: Host, user: string, address: string): boolean {
  if (!hulkConfigOf(state).enabled || state.of(hulkLists).has(`white/${address}`)) return false;
  if (state.of(hulkLists).has(`black/${address}`)) return true;
  const brutes = brutesOf(state, host.now());
  return brutes.users.includes(user) || brutes.addresses.includes(address);
}

/** Remembers a failure. Must run inside a change. */
export function noteFailure(state: State, host: Host, user: string, address: string): void {
  if (!hulkConfigOf(state).enabled || state.of(hulkLists).has(`white/${address}`)) return;
  state.of(failedLogins).set(String(state.next('hulk')), { user, address, at: host.now() });
}
