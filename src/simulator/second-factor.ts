/** Who needs a code to sign in, and whether it is right. */
import type { Host } from './handler.ts';
import { type State, table } from './state.ts';
import { codeIsRight } from './totp.ts';

/** Key: the user, also 'root'. */
export interface SecondFactor {
  readonly user: string;
  readonly secret: string;
}

export interface SecondFactorPolicy {
  readonly enabled: boolean;
  readonly issuer: string;
}

export const secondFactors = table<SecondFactor>('second-factors', { group: (f) => f.user });
/** Key: 'server'. */
export const secondFactorPolicy = table<SecondFactorPolicy>('second-factor-policy');

/** The server's policy; off until it is switched on. */
export function policyOf(state: State): SecondFactorPolicy {
  return state.of(secondFactorPolicy).get('server') ?? { enabled: false, issuer: '' };
}

/** What a password that is right is worth: enough, a code is still to be given, or the given code is wrong. */
export function judgeFactor(state: State, host: Host, user: string, code: string): 'enough' | 'ask' | 'wrong' {
  const factor = state.of(secondFactors).get(user);
  if (factor === undefined || !policyOf(state).enabled) return 'enough';
  if (code === '') return 'ask';
  return codeIsRight(factor.secret, code, host.now()) ? 'enough' : 'wrong';
}
