/** A link for a new password, asked for by whoever says to have forgotten the old one. */
import type { AuthDeps } from './journal.ts';
import { person } from './people.ts';
import { passwordLink } from './people-change.ts';
import { throttleTake } from './throttle.ts';

export interface ForgottenLink {
  readonly name: string;
  readonly email: string;
  /** Good once, for an hour. */
  readonly secret: string;
}

/** Counts the attempt, whoever is named. Seconds to wait; undefined: go on. */
export async function forgottenWait(deps: AuthDeps, name: string, address: string): Promise<number | undefined> {
  const ms = await throttleTake(deps, name, address, 'link');
  return ms > 0 ? Math.ceil(ms / 1000) : undefined;
}

/**
 * Makes the link; an older one is void then. undefined for nobody, for who is suspended, and for who has no address:
 * whoever asks must not be told which.
 */
export async function forgottenLink(deps: AuthDeps, name: string): Promise<ForgottenLink | undefined> {
  const found = await person(deps, name);
  if (found?.email === undefined) return undefined;
  const { secret } = await passwordLink(deps, found.name);
  return { name: found.name, email: found.email, secret };
}
